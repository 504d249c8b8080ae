"""The facts of the field as data files, each value with its source, read once."""

import functools
import importlib.resources

import msgspec
from msgspec import Struct

from planner.errors import UnknownModel
from planner.gguf_sizes import Mix
from planner.kv_cache import KvCacheDtype
from planner.model import ModelCard, ModelChoice, ModelScores, ModelSpec
from planner.weight_format import Checkpoint, WeightFormat, WeightQuality, WeightSize
from planner.weight_sizes import carry_over_quality, compute_size

DEFAULT_MODEL_ID = "deepseek-r1-0528-qwen3-8b"
_LLAMA_DISTILL = "deepseek-r1-distill-llama-8b"
_AMBIGUOUS = (
    *("deepseek-r1-8b", "deepseek-r1:8b", "deepseek-r1 8b", "deepseek r1 8b", "r1-8b", "r1:8b", "r1 8b", "8b"),
    *("deepseek-r1", "deepseek r1", "r1"),
)
_GGUF_TAGS = {"gguf_f16": "F16", "gguf_bf16": "BF16"}
_LLM_COMPRESSOR_SCHEMES = {
    "fp8": "FP8_DYNAMIC",
    "fp8_static": "FP8",
    "fp8_block": "FP8_BLOCK",
    "int8": "W8A8",
    "w4a16": "W4A16",
    "w4a16_g64": "W4A16_ASYM with group_size 64",
    "awq": "W4A16_ASYM by its AWQModifier",
    "gptq": "W4A16 by its GPTQModifier",
    "nvfp4": "NVFP4",
    "mxfp4": "MXFP4",
    "mxfp8": "MXFP8",
}


class _Mixes(Struct, frozen=True, kw_only=True):
    mixes: dict[str, Mix]


class EngineFacts(Struct, frozen=True, kw_only=True):
    """On which GPUs an engine runs: NVIDIA by compute capability, AMD by gfx target, Intel by GPU id."""

    engine: str
    newest: str
    nvidia_min_compute_capability: tuple[int, int]
    bf16_min_compute_capability: tuple[int, int]
    amd: tuple[str, ...]
    intel: tuple[str, ...]
    gaudi: bool
    amd_measured: bool
    not_in_core: tuple[str, ...]
    note: str


class _Models(Struct, frozen=True, kw_only=True):
    models: tuple[ModelSpec, ...]
    cards: tuple[ModelCard, ...]


class _Scores(Struct, frozen=True, kw_only=True):
    models: tuple[ModelScores, ...]


class _WeightFormats(Struct, frozen=True, kw_only=True):
    tier_rule: str
    weight_formats: tuple[WeightFormat, ...]


class _KvCacheDtypes(Struct, frozen=True, kw_only=True):
    kv_cache_dtypes: tuple[KvCacheDtype, ...]


class _Engines(Struct, frozen=True, kw_only=True):
    engines: tuple[EngineFacts, ...]


class _Repository(Struct, frozen=True, kw_only=True):
    model_id: str
    weight_formats: tuple[str, ...]
    repository: str
    confidence: str


class _Repositories(Struct, frozen=True, kw_only=True):
    checkpoints: tuple[_Repository, ...]


def _read(name: str) -> bytes:
    return importlib.resources.files(__name__).joinpath(name).read_bytes()


@functools.cache
def models() -> dict[str, ModelSpec]:
    """Return every model by its id, the DeepSeek-R1 family first."""
    found = msgspec.json.decode(_read("models.json"), type=_Models).models
    return {model.model_id: model for model in found}


@functools.cache
def model_cards() -> tuple[ModelCard, ...]:
    """Return the public model cards kept as data, with what they get wrong."""
    return msgspec.json.decode(_read("models.json"), type=_Models).cards


@functools.cache
def model_scores() -> dict[str, ModelScores]:
    """Return what the models' own cards publish, by model id."""
    found = msgspec.json.decode(_read("models.json"), type=_Scores).models
    return {scores.model_id: scores for scores in found}


@functools.cache
def weight_formats() -> dict[str, WeightFormat]:
    """Return every weight format by its id, with sizes and quality of every model of `models()`."""
    found = msgspec.json.decode(_read("weight_formats.json"), type=_WeightFormats).weight_formats
    return {weight_format.weight_format: _complete(weight_format) for weight_format in found}


def _complete(weight_format: WeightFormat) -> WeightFormat:
    mix = gguf_mixes().get(weight_format.weight_format)
    others = [model for model in models().values() if model.model_id not in weight_format.sizes]
    quality = carry_over_quality(weight_format)
    return msgspec.structs.replace(
        weight_format,
        sizes=weight_format.sizes | {model.model_id: compute_size(model, weight_format, mix) for model in others},
        quality=weight_format.quality | {model.model_id: quality for model in others},
    )


@functools.lru_cache(maxsize=4096)
def _computed_size(model: ModelSpec, weight_format_name: str) -> WeightSize:
    return compute_size(model, weight_formats()[weight_format_name], gguf_mixes().get(weight_format_name))


def _is_known(model: ModelSpec) -> bool:
    """Return whether `model` is one of the data files', and not another that bears its id."""
    known = models().get(model.model_id)
    return known is model or known == model


def weight_size(model: ModelSpec, weight_format: WeightFormat) -> WeightSize:
    """Return the exact size of any dense model in `weight_format`, a known one's from the data files."""
    if _is_known(model):
        return weight_format.sizes[model.model_id]
    return _computed_size(model, weight_format.weight_format)


def weight_quality(model: ModelSpec, weight_format: WeightFormat) -> WeightQuality:
    """Return what is known of a model's quality in `weight_format`."""
    if _is_known(model):
        return weight_format.quality[model.model_id]
    return _carried_quality(weight_format.weight_format)


@functools.cache
def _carried_quality(weight_format_name: str) -> WeightQuality:
    return carry_over_quality(weight_formats()[weight_format_name])


@functools.cache
def gguf_mixes() -> dict[str, Mix]:
    """Return llama.cpp's mixes as rules, by weight format id."""
    return msgspec.json.decode(_read("gguf_mixes.json"), type=_Mixes).mixes


@functools.cache
def tier_rule() -> str:
    """Return the rule by which quality tiers were given."""
    return msgspec.json.decode(_read("weight_formats.json"), type=_WeightFormats).tier_rule


@functools.cache
def kv_cache_dtypes() -> dict[str, KvCacheDtype]:
    """Return every KV cache element type by its id."""
    found = msgspec.json.decode(_read("kv_cache_dtypes.json"), type=_KvCacheDtypes).kv_cache_dtypes
    return {dtype.kv_cache_dtype: dtype for dtype in found}


@functools.cache
def engine_facts() -> dict[str, EngineFacts]:
    """Return where each engine runs, by engine id."""
    found = msgspec.json.decode(_read("engines.json"), type=_Engines).engines
    return {facts.engine: facts for facts in found}


@functools.cache
def _repositories() -> dict[tuple[str, str], _Repository]:
    found = msgspec.json.decode(_read("checkpoints.json"), type=_Repositories).checkpoints
    return {(entry.model_id, name): entry for entry in found for name in entry.weight_formats}


def checkpoint_of(model: ModelSpec, weight_format: str) -> Checkpoint:
    """Return the published checkpoint of any model in a format, or how to make one."""
    if _is_known(model):
        return checkpoint_for(model.model_id, weight_format)
    return _unpublished(model.hugging_face_id, weight_format)


@functools.cache
def checkpoint_for(model_id: str, weight_format: str) -> Checkpoint:
    """Return the published checkpoint of a model in a format, or how to make one.

    Raises:
        UnknownModel: no model has that id.
    """
    if model_id not in models():
        raise UnknownModel(model_id, known=model_names(), field="model")
    entry = _repositories().get((model_id, weight_format))
    if entry is None:
        return _unpublished(models()[model_id].hugging_face_id, weight_format)
    tag = _gguf_tag(weight_formats()[weight_format])
    return Checkpoint(repository=entry.repository, published=True, confidence=entry.confidence, file_tag=tag)


@functools.lru_cache(maxsize=4096)
def _unpublished(source: str, weight_format: str) -> Checkpoint:
    weight = weight_formats()[weight_format]
    tag = _gguf_tag(weight)
    return Checkpoint(
        repository=None,
        published=False,
        confidence="none",
        how_to_make=_how_to_make(source, weight, tag=tag),
        file_tag=tag,
    )


def _gguf_tag(weight: WeightFormat) -> str:
    return _GGUF_TAGS.get(weight.weight_format, weight.name) if weight.is_gguf else ""


def _how_to_make(source: str, weight: WeightFormat, *, tag: str) -> str:
    if weight.is_gguf:
        mix, larger = (tag, "")
        if tag.endswith("_L") and tag[:-2] in {"Q2_K", "Q4_K", "Q5_K", "Q6_K"}:
            mix = {"Q2_K": "Q2_K", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M", "Q6_K": "Q6_K"}[tag[:-2]]
            larger = " --token-embedding-type q8_0 --output-tensor-type q8_0"
        if tag == "Q3_K_XL":
            mix, larger = "Q3_K_L", " --token-embedding-type q8_0 --output-tensor-type q8_0"
        matrix = " (with an importance matrix made by llama-imatrix)" if weight.needs_imatrix else ""
        return (
            f"convert {source} with convert_hf_to_gguf.py --outtype bf16, then "
            f"llama-quantize{larger} model-BF16.gguf model-{tag}.gguf {mix}{matrix}"
        )
    if weight.family == "bitsandbytes":
        return f"no checkpoint needed: bitsandbytes quantizes {source} while it loads"
    if weight.weight_format in {"bf16", "fp16"}:
        return f"take {source} itself"
    scheme = _LLM_COMPRESSOR_SCHEMES[weight.weight_format]
    return f"quantize {source} with llm-compressor, scheme {scheme}, ignoring lm_head"


@functools.cache
def model_names() -> dict[str, str]:
    """Return every accepted spelling of a model with the model id that it stands for."""
    names: dict[str, str] = {}
    for model in models().values():
        spellings = (model.model_id, model.hugging_face_id, model.hugging_face_id.rpartition("/")[2], *model.aliases)
        names.update(dict.fromkeys(map(normalize_model_name, spellings), model.model_id))
    names.update(dict.fromkeys(map(normalize_model_name, _AMBIGUOUS), DEFAULT_MODEL_ID))
    return names


def resolve_model(name: str) -> ModelChoice:
    """Return the models that `name` stands for, and why.

    "deepseek-r1-8b" names two real models; the newer and larger is planned for, so what fits it fits the other too.

    Raises:
        UnknownModel: nothing bears that name.
    """
    spelling = normalize_model_name(name)
    model_id = model_names().get(spelling)
    if model_id is None:
        raise UnknownModel(name, known=model_names(), field="model")
    if spelling not in set(map(normalize_model_name, _AMBIGUOUS)):
        reason = f"{name!r} names {models()[model_id].hugging_face_id}"
        return ModelChoice(requested=name, model_ids=(model_id,), reason=reason)
    card = model_cards()[0]
    return ModelChoice(
        requested=name,
        model_ids=(DEFAULT_MODEL_ID,),
        other_model_ids=(_LLAMA_DISTILL,),
        reason=(
            f"{name!r} names two real models, {models()[DEFAULT_MODEL_ID].hugging_face_id} and "
            f"{models()[_LLAMA_DISTILL].hugging_face_id}; planned for the first: it is the newer and the larger, so "
            f"what fits it fits the other too. Not planned from the public card {card.model_card!r}: {card.warning}."
        ),
    )


def normalize_model_name(name: str) -> str:
    """Return `name` as it is looked up: without case, underscores and superfluous space."""
    return " ".join(name.casefold().replace("_", "-").split())
