"""What a model is: its architecture, spelt as `config.json` spells it."""

from msgspec import Struct


class RopeScaling(Struct, frozen=True, kw_only=True):
    """How rotary positions are stretched; `attn_factor` multiplies YaRN's attention temperature."""

    rope_type: str
    factor: float
    original_max_position_embeddings: int
    low_freq_factor: float | None = None
    high_freq_factor: float | None = None
    attn_factor: float | None = None


class ModelSpec(Struct, frozen=True, kw_only=True, cache_hash=True):
    """A dense decoder-only transformer; `num_parameters` is exact."""

    model_id: str
    hugging_face_id: str
    architecture: str
    num_hidden_layers: int
    hidden_size: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    intermediate_size: int
    vocab_size: int
    num_parameters: int
    max_position_embeddings: int
    tie_word_embeddings: bool = False
    attention_bias: bool = False
    qk_norm: bool = False
    role: str = "reference"
    aliases: tuple[str, ...] = ()
    base_model: str | None = None
    license: str = ""
    release_date: str = ""
    confidence: str = ""
    source: str = ""
    rope_scaling: RopeScaling | None = None
    rope_theta: float | None = None

    @property
    def kv_elements_per_token(self) -> int:
        """Elements that one token adds to the KV cache: a key and a value of every KV head in every layer."""
        return 2 * self.num_hidden_layers * self.num_key_value_heads * self.head_dim


class ModelScores(Struct, frozen=True, kw_only=True):
    """What a model's own card publishes: benchmark scores, and how it asks to be sampled."""

    model_id: str
    published_scores: dict[str, float] = {}
    recommended_sampling: dict[str, float | str] = {}


class Discrepancy(Struct, frozen=True, kw_only=True):
    """One field in which a model card and the real models differ."""

    field: str
    card: str
    real: str


class ModelCard(Struct, frozen=True, kw_only=True):
    """A public model card kept as data beside the models that it means to describe, with what it gets wrong.

    `transparency` holds its scores as [points, of] pairs, the total also with a grade.
    """

    model_card: str
    alias: str
    describes: tuple[str, ...]
    source: str
    parameters: str
    context_length: str
    modality: str
    architecture: str
    license: str
    release_date: str
    attention: str
    position_embedding: str
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    kv_cache_bytes_per_token_fp16_as_the_card_states: int
    warning: str
    discrepancies: tuple[Discrepancy, ...]
    calculator: dict[str, int | str]
    transparency: dict[str, tuple[float, float] | str | dict[str, tuple[float, float]]]


class ModelChoice(Struct, frozen=True, kw_only=True):
    """The models that a name stands for: those to plan for, why, and the others that it could have meant."""

    requested: str
    model_ids: tuple[str, ...]
    reason: str
    other_model_ids: tuple[str, ...] = ()
