"""What a weight format and a KV cache dtype leave of a model: tier, recovery, published scores, and engine hazards."""

from typing import Literal

from msgspec import Struct

from planner.facts import weight_quality
from planner.facts.kv_cache_scores import kv_cache_scores
from planner.kv_cache import KvCacheDtype
from planner.model import ModelSpec
from planner.weight_format import TIERS, QualityScore, WeightFormat, lower_tier

LEAST_RECOVERY = {"lossless": 0.99, "near_lossless": 0.96, "degraded": 0.90}
"""The share of the reasoning average against bf16 from which a tier is given; `poor` below."""

MOST_KL_DIVERGENCE = {"lossless": 0.006, "near_lossless": 0.045, "degraded": 0.12}
"""The mean KL divergence up to which a GGUF mix is given a tier; `poor` above. A proxy, on Llama-3-8B base."""

_FAMILY_OF_MODEL = {
    "deepseek-r1-distill-llama-8b": ("R1-Distill-Llama-8B", "Llama-3-8B", "Llama-3.1-8B"),
    "deepseek-r1-0528-qwen3-8b": ("R1-0528-Qwen3-8B", "Qwen3-8B"),
}
"""How published scores name each model, then its architecture."""

_YARN_HAZARDS = {
    "vllm": "which vLLM ignores: its attention logits come out {error:.3f} times too large, unless the --hf-overrides "
    "of the launch command are kept",
    "tensorrt-llm": "and whether TensorRT-LLM reads that is not known: if not, its attention logits come out "
    "{error:.3f} times too large",
}
"""Of the engines that do not, or may not, read `attn_factor`; SGLang and llama.cpp's converter do."""

Basis = Literal["model", "architecture", "inferred"]


class Quality(Struct, frozen=True, kw_only=True):
    """Quality against bf16: the lower tier of weights and KV cache.

    `recovery` is the share of the reasoning average that the weights keep, null, with the `reason`, where nobody
    measured it; `basis` says whether the scores of the weights are of this model, of its architecture, or of neither.
    `scores` and `kv_cache_scores` are all published ones of the weight format and of the KV cache dtype on this model
    and its architecture, on other models where there are none, each with its source; `hazards` what the engine does to
    quality beside.
    """

    tier: str
    recovery: float | None
    reason: str
    source: str
    basis: Basis
    scores: tuple[QualityScore, ...]
    kv_cache_scores: tuple[QualityScore, ...]
    hazards: tuple[str, ...]


def quality(model: ModelSpec, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, *, engine: str) -> Quality:
    """Return what is known of a model's quality in `weight_format`, its cache in `kv_cache_dtype`, under `engine`."""
    weights = weight_quality(model, weight_format)
    names = _FAMILY_OF_MODEL.get(model.model_id, ())
    of_model = [score for score in weight_format.scores if names and score.model.startswith(names[0])]
    has_relative = any(score.model.startswith(names) for score in weight_format.scores) or weights.recovery is not None
    basis: Basis = "model" if of_model else "architecture" if has_relative else "inferred"
    unmeasured = f"no reasoning score of {weight_format.weight_format} on this model or its architecture was found"
    return Quality(
        tier=lower_tier(weights.tier, kv_cache_dtype.tier),
        recovery=weights.recovery,
        reason=unmeasured if weights.recovery is None else "",
        source=f"weights: {weights.source}; KV cache: {kv_cache_dtype.tier_basis}",
        basis=basis,
        scores=_nearest_scores(weight_format.scores, names),
        kv_cache_scores=_nearest_scores(kv_cache_scores().get(kv_cache_dtype.kv_cache_dtype, ()), names),
        hazards=_hazards(model, engine),
    )


def _nearest_scores(scores: tuple[QualityScore, ...], names: tuple[str, ...]) -> tuple[QualityScore, ...]:
    """Those of the model, whose name comes first, then of its architecture; all, where none is of either."""
    found = [score for name in names for score in scores if score.model.startswith(name)]
    return tuple(found) or scores


def tier_of(*, recovery: float | None = None, kl_divergence: float | None = None) -> str:
    """Return the tier that the written rule gives: by recovery, else by mean KL divergence; no score is `degraded`."""
    if recovery is not None:
        return next((tier for tier, least in LEAST_RECOVERY.items() if recovery >= least), TIERS[-1])
    if kl_divergence is not None:
        return next((tier for tier, most in MOST_KL_DIVERGENCE.items() if kl_divergence <= most), TIERS[-1])
    return "degraded"


def _hazards(model: ModelSpec, engine: str) -> tuple[str, ...]:
    rope = model.rope_scaling
    if rope is None or rope.attn_factor is None or engine not in _YARN_HAZARDS:
        return ()
    # Queries and keys are both multiplied by it.
    words = _YARN_HAZARDS[engine].format(error=1 / rope.attn_factor**2)
    return (f"the model's config cancels YaRN's attention temperature by attn_factor, {words}",)
