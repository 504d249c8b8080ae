"""Error bands: how far from a prediction 80 % of measurements lie, learnt from cases that the fit had not seen."""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.speed.observations import Observation
from planner.speed.settings import Floats
from planner.speed.support import BASES, Basis

COVERAGE = 0.8
"""The share of cases that a band is meant to hold."""
EVERYTHING = "all"
_POOLED_WEIGHT = 12.0
_EXTRAPOLATION_FACTOR = 1.5
_LEAST = 0.02

_OBSERVABLES = {
    "ttft_seconds": ("ttft", "prefill"),
    "tpot_seconds": ("tpot", "throughput", "latency"),
    "tokens_per_second": ("throughput", "latency", "tpot"),
}

Bands = Mapping[str, Mapping[str, float]]


def group(family: str, observable: str) -> str:
    """Return the name of the observations that share a band."""
    return f"{family} {observable}"


def learn_bands(
    observations: Sequence[Observation], *, random_errors: Floats, unseen_gpu_errors: Floats
) -> dict[str, dict[str, float]]:
    """Return half-widths in logarithms, by basis and group.

    `random_errors` are the logarithms of predicted by measured where cases of the same GPU remained in the fit,
    `unseen_gpu_errors` those where none did. A group is blended with all observations, the more the fewer it has.
    """
    by_gpu = _half_widths(observations, random_errors)
    by_class = _half_widths(observations, unseen_gpu_errors)
    return {
        "gpu": by_gpu,
        "class": {name: max(width, by_gpu[name]) for name, width in by_class.items()},
        "extrapolated": {name: _EXTRAPOLATION_FACTOR * max(width, by_gpu[name]) for name, width in by_class.items()},
    }


def half_width(bands: Bands, basis: Basis, family: str, observable: str) -> float:
    """Return the half-width of an observable's band in logarithms."""
    widths = bands[basis]
    return widths.get(group(family, observable), widths[EVERYTHING])


def half_widths(bands: Bands, family: str, figure: str) -> dict[Basis, float]:
    """Return the half-width of a planned figure's band for each basis, in logarithms.

    The observable nearest to the figure that was measured under this engine family decides.
    """
    found: dict[Basis, float] = {}
    for basis in BASES:
        names = [group(family, observable) for observable in _OBSERVABLES[figure]]
        known = [bands[basis][name] for name in names if name in bands[basis]]
        found[basis] = known[0] if known else bands[basis][EVERYTHING]
    return found


def _half_widths(observations: Sequence[Observation], errors: Floats) -> dict[str, float]:
    sizes = np.abs(errors)
    groups = np.array(
        [group(found.point.generation.family, found.observable) for found in observations], dtype=np.object_
    )
    found = {EVERYTHING: _quantile(sizes, np.ones(len(sizes)))}
    for name in sorted(set(groups.tolist())):
        inside = groups == name
        found[name] = _quantile(sizes, inside + _POOLED_WEIGHT / len(sizes))
    return found


def _quantile(sizes: Floats, weights: Floats) -> float:
    order = np.argsort(sizes, kind="stable")
    heights = np.cumsum(weights[order]) - 0.5 * weights[order]
    return max(_LEAST, float(np.interp(COVERAGE * float(np.sum(weights)), heights, sizes[order])))
