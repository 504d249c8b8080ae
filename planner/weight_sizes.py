"""Exact weights of any dense model in any format, by rule; what is known of its quality there."""

from planner.gguf_sizes import Mix, gguf_size
from planner.model import ModelSpec
from planner.safetensors_sizes import stored_bytes
from planner.tensors import count_parameters
from planner.weight_format import WeightFormat, WeightQuality, WeightSize, lower_tier

_SOURCE = "computed from the layout of the tensors"


def compute_size(model: ModelSpec, weight_format: WeightFormat, mix: Mix | None) -> WeightSize:
    """Return the exact size of `model` in `weight_format`; `mix` are a GGUF format's rules, null for other formats."""
    if mix is None:
        stored, host, plain = stored_bytes(model, weight_format.weight_format), 0, None
    else:
        size = gguf_size(model, mix, imatrix=True)
        stored, host, plain = size.stored_bytes, size.host_only_bytes, None
        if any(rule.imatrix is not None for rule in mix.rules):
            plain = gguf_size(model, mix, imatrix=False).stored_bytes
    return WeightSize(
        stored_bytes=stored,
        bits_per_weight=round(8 * stored / count_parameters(model), 4),
        source=_SOURCE,
        host_bytes=host,
        stored_bytes_without_imatrix=plain,
    )


def carry_over_quality(weight_format: WeightFormat) -> WeightQuality:
    """Return what a model that nobody measured may expect: the lowest tier that the format has on measured models."""
    known = list(weight_format.quality.values())
    tier = known[0].tier
    for quality in known[1:]:
        tier = lower_tier(tier, quality.tier)
    return WeightQuality(
        tier=tier, recovery=None, source=f"not measured on this model; as on DeepSeek-R1 8B ({known[0].source})"
    )
