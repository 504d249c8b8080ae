"""A model from its `config.json`: any dense decoder-only transformer, and a refusal that names the field for others."""

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from planner.errors import UnsupportedModel
from planner.model import ModelSpec, RopeScaling
from planner.tensors import count_parameters

ARCHITECTURES = ("LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM")
_MODEL_TYPES = {
    "llama": "LlamaForCausalLM",
    "mistral": "MistralForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
}
_NOT_DENSE_DECODER = {
    "kv_lora_rank": "multi-head latent attention keeps another cache",
    "q_lora_rank": "multi-head latent attention has other matrices",
    "num_experts": "a mixture of experts has other weights",
    "num_local_experts": "a mixture of experts has other weights",
    "n_routed_experts": "a mixture of experts has other weights",
    "moe_intermediate_size": "a mixture of experts has other weights",
    "ssm_cfg": "a state-space model keeps no KV cache",
    "mamba_d_state": "a hybrid of attention and state space keeps another cache",
    "linear_num_key_heads": "linear attention keeps another cache",
    "full_attention_interval": "a hybrid of linear and full attention keeps another cache",
    "layers_block_type": "a hybrid of attention and state space keeps another cache",
    "vision_config": "a multimodal model has a vision tower",
    "audio_config": "a multimodal model has an audio tower",
    "text_config": "a multimodal model keeps its language model in a nested config",
    "is_encoder_decoder": "an encoder-decoder keeps two caches",
    "cross_attention_layers": "cross-attention layers keep another cache",
    "num_kv_shared_layers": "layers that share their KV cache need other rules",
    "attention_chunk_size": "chunked attention keeps another cache",
}
_ATTENTION_KINDS = {"full_attention"}
_ROPE_DEFAULTS: dict[str, object] = {"original_max_position_embeddings": 0, "factor": 1.0}
_MOST_LAYERS = 1 << 10
_MOST_HEADS = 1 << 12
_LARGEST = 1 << 24
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[\w.-]{1,96}", re.ASCII)


class _Kind(Struct, frozen=True, kw_only=True):
    architectures: tuple[str, ...] | None = None
    model_type: str | None = None
    layer_types: tuple[str, ...] | None = None
    rope_scaling: dict[str, object] | None = None
    rope_parameters: dict[str, object] | None = None


class _Config(Struct, frozen=True, kw_only=True):
    num_hidden_layers: int
    hidden_size: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int
    max_position_embeddings: int
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    tie_word_embeddings: bool = False
    attention_bias: bool | None = None
    mlp_bias: bool = False
    rope_theta: float | None = None


def read_model_config(config: Mapping[str, object], *, model_id: str) -> ModelSpec:
    """Return the model that a `config.json` describes, with its exact number of parameters.

    Raises:
        UnsupportedModel: another kind of model, or a field is missing or impossible; the error names the field.
    """
    kind = _convert(config, _Kind)
    architecture = _architecture(kind)
    _refuse_other_kinds(config, kind)
    fields = _convert(config, _Config)
    heads = fields.num_attention_heads
    spec = ModelSpec(
        model_id=model_id,
        hugging_face_id=_repository(config) or model_id,
        architecture=architecture,
        num_hidden_layers=fields.num_hidden_layers,
        hidden_size=fields.hidden_size,
        num_attention_heads=heads,
        num_key_value_heads=heads if fields.num_key_value_heads is None else fields.num_key_value_heads,
        head_dim=fields.head_dim or (fields.hidden_size // heads if heads > 0 else 0),
        intermediate_size=fields.intermediate_size,
        vocab_size=fields.vocab_size,
        num_parameters=0,
        max_position_embeddings=fields.max_position_embeddings,
        tie_word_embeddings=fields.tie_word_embeddings,
        attention_bias=architecture == "Qwen2ForCausalLM" if fields.attention_bias is None else fields.attention_bias,
        qk_norm=architecture == "Qwen3ForCausalLM",
        role="config",
        confidence="read",
        source="a config.json given by the user",
        rope_scaling=_rope_scaling(kind),
        rope_theta=fields.rope_theta,
    )
    _refuse_impossible(spec, has_mlp_bias=fields.mlp_bias)
    return msgspec.structs.replace(spec, num_parameters=count_parameters(spec))


def _repository(config: Mapping[str, object]) -> str:
    """Return the repository that a config says it was loaded from, or nothing where it was a path."""
    path = config.get("_name_or_path")
    return path if isinstance(path, str) and _REPOSITORY.fullmatch(path) else ""


def _architecture(kind: _Kind) -> str:
    found = kind.architectures[0] if kind.architectures else _MODEL_TYPES.get(kind.model_type or "")
    if found in ARCHITECTURES:
        return found
    field = "architectures" if kind.architectures else "model_type"
    raise UnsupportedModel(
        f"config.json: {field} {found or kind.model_type!r} is no dense decoder whose tensors are known here",
        field=field,
        allowed=", ".join(ARCHITECTURES),
    )


def _refuse_other_kinds(config: Mapping[str, object], kind: _Kind) -> None:
    for field, reason in _NOT_DENSE_DECODER.items():
        if config.get(field):
            raise UnsupportedModel(
                f"config.json: {field} is set: {reason}",
                field=field,
                allowed=f"a dense decoder-only model, whose config has no {field}",
            )
    if config.get("use_sliding_window", "sliding_window" in config) and config.get("sliding_window"):
        raise UnsupportedModel(
            "config.json: sliding_window is set: its cache stops growing, which no rule here covers",
            field="sliding_window",
            allowed="null, or use_sliding_window false",
        )
    others = sorted(set(kind.layer_types or ()) - _ATTENTION_KINDS)
    if others:
        raise UnsupportedModel(
            f"config.json: layer_types has {', '.join(others)}", field="layer_types", allowed="full_attention"
        )


def _refuse_impossible(spec: ModelSpec, *, has_mlp_bias: bool) -> None:
    sizes = (
        *("num_hidden_layers", "hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim"),
        *("intermediate_size", "vocab_size", "max_position_embeddings"),
    )
    bounds = {"num_hidden_layers": _MOST_LAYERS, "num_attention_heads": _MOST_HEADS, "head_dim": _MOST_HEADS}
    for field in sizes:
        value, most = getattr(spec, field), bounds.get(field, _LARGEST)
        if not 0 < value <= most:
            raise UnsupportedModel(f"config.json: {field} {value} is not a size", field=field, allowed=f"1 to {most:,}")
    if spec.num_attention_heads % spec.num_key_value_heads:
        raise UnsupportedModel(
            f"config.json: {spec.num_attention_heads} heads cannot share {spec.num_key_value_heads} KV heads evenly",
            field="num_key_value_heads",
            allowed=f"a divisor of {spec.num_attention_heads}",
        )
    if has_mlp_bias:
        raise UnsupportedModel(
            "config.json: mlp_bias is set, for which no rule is known", field="mlp_bias", allowed="false"
        )


def _rope_scaling(kind: _Kind) -> RopeScaling | None:
    given = kind.rope_scaling or kind.rope_parameters or {}
    name = str(given.get("rope_type") or given.get("type") or "default")
    if name == "default":
        return None
    try:
        return msgspec.convert(_ROPE_DEFAULTS | given | {"rope_type": name}, RopeScaling)
    except msgspec.ValidationError as error:
        raise UnsupportedModel(f"config.json: rope_scaling: {error}", field="rope_scaling") from error


_Fields = TypeVar("_Fields", bound=Struct)


def _convert(config: Mapping[str, object], fields: type[_Fields]) -> _Fields:
    try:
        return msgspec.convert(dict(config), fields)
    except msgspec.ValidationError as error:
        raise UnsupportedModel(f"config.json: {error}", field=_field_in(str(error))) from error


def _field_in(message: str) -> str:
    """Return the field that a validation message names."""
    parts = message.replace("`", " ").replace("$.", " ").split()
    known = {*_Kind.__struct_fields__, *_Config.__struct_fields__}
    return next((part for part in parts if part in known), "config")
