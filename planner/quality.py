"""What a weight format and a KV cache dtype leave of a model: tier, recovery, published scores, and engine hazards."""

from typing import Literal

from msgspec import Struct

from planner.facts import weight_quality
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

_YARN_HAZARD = (
    "the model's config cancels YaRN's attention temperature by attn_factor, which vLLM ignores: logits come out 1.296 "
    "times too large unless the launch command's --hf-overrides is kept"
)

Basis = Literal["model", "architecture", "inferred"]


class Quality(Struct, frozen=True, kw_only=True):
    """Quality against bf16: the lower tier of weights and KV cache.

    `recovery` is the share of the reasoning average that the weights keep, null where nobody measured it; `basis` says
    whether the scores are of this model, of its architecture, or of neither. `scores` are all published ones of the
    format on this model and its architecture, each with its source; `hazards` what the engine does to quality beside.
    """

    tier: str
    recovery: float | None
    source: str
    basis: Basis
    scores: tuple[QualityScore, ...]
    hazards: tuple[str, ...]


def quality(model: ModelSpec, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, *, engine: str) -> Quality:
    """Return what is known of a model's quality in `weight_format`, its cache in `kv_cache_dtype`, under `engine`."""
    weights = weight_quality(model, weight_format)
    names = _FAMILY_OF_MODEL.get(model.model_id, ())
    of_model = [score for score in weight_format.scores if names and score.model.startswith(names[0])]
    of_architecture = [score for score in weight_format.scores if names and score.model.startswith(names[1:])]
    has_relative = bool(of_architecture) or weights.recovery is not None
    basis: Basis = "model" if of_model else "architecture" if has_relative else "inferred"
    return Quality(
        tier=lower_tier(weights.tier, kv_cache_dtype.tier),
        recovery=weights.recovery,
        source=f"weights: {weights.source}; KV cache: {kv_cache_dtype.tier_basis}",
        basis=basis,
        scores=(*of_model, *of_architecture),
        hazards=_hazards(model, engine),
    )


def tier_of(*, recovery: float | None = None, kl_divergence: float | None = None) -> str:
    """Return the tier that the written rule gives: by recovery, else by mean KL divergence; no score is `degraded`."""
    if recovery is not None:
        return next((tier for tier, least in LEAST_RECOVERY.items() if recovery >= least), TIERS[-1])
    if kl_divergence is not None:
        return next((tier for tier, most in MOST_KL_DIVERGENCE.items() if kl_divergence <= most), TIERS[-1])
    return "degraded"


def _hazards(model: ModelSpec, engine: str) -> tuple[str, ...]:
    if model.model_id != "deepseek-r1-0528-qwen3-8b" or engine != "vllm":
        return ()
    return (_YARN_HAZARD,)
