"""What a model is: its architecture, spelt as `config.json` spells it."""

from msgspec import Struct


class ModelSpec(Struct, frozen=True, kw_only=True):
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

    @property
    def kv_elements_per_token(self) -> int:
        """Elements that one token adds to the KV cache: a key and a value of every KV head in every layer."""
        return 2 * self.num_hidden_layers * self.num_key_value_heads * self.head_dim
