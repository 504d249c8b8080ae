"""Error bands: how far from a prediction 80 % of measurements lie, learnt from cases that the fit had not seen."""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.speed.observations import Observation
from planner.speed.settings import Floats, Labels
from planner.speed.support import SUPPORTS, Support

COVERAGE = 0.8
"""The share of cases that a band is meant to hold."""
EVERYTHING = "all"
# Where whole GPUs or classes were left out, the errors of one are alike: its many figures count for few.
_POOLED_WEIGHTS: dict[Support, float] = {"build": 12.0, "gpu": 60.0, "class": 60.0, "family": 400.0, "nothing": 400.0}
# Another version on the same GPU was left out so seldom that it shares the bands of other GPUs of its class.
_LEARNT_FROM: dict[Support, tuple[Support, ...]] = {
    "build": ("build",),
    "gpu": ("gpu", "class"),
    "class": ("gpu", "class"),
    "family": ("family",),
    "nothing": ("nothing",),
}
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
    observations: Sequence[Observation], *, errors: Floats, found: Labels, weights: Floats
) -> dict[str, dict[str, float]]:
    """Return half-widths in logarithms, by support and group.

    `errors` are log(predicted / measured) by fits that had not seen the observation, `found` what support it had there,
    `weights` how much each counts.
    A group is blended with all observations of its support, the more the fewer it has. Less support never narrows a
    band.
    """
    groups = np.array([group(one.point.generation.family, one.observable) for one in observations], dtype=np.object_)
    names: list[str] = [EVERYTHING, *sorted(set(groups.tolist()))]
    bands: dict[str, dict[str, float]] = {}
    narrower: dict[str, float] = dict.fromkeys(names, _LEAST)
    for support in SUPPORTS:
        rows = np.isin(found, _LEARNT_FROM[support])
        if rows.any():
            widths = _half_widths(
                groups[rows], np.abs(errors[rows]), weights[rows], pooled_weight=_POOLED_WEIGHTS[support]
            )
            pooled = widths[EVERYTHING]
            narrower = {name: max(widths.get(name, pooled), narrower[name]) for name in names}
        bands[support] = narrower
    return bands


def inside(observations: Sequence[Observation], *, errors: Floats, found: Labels, bands: Bands) -> Floats:
    """Return one for each observation that its band holds, zero for the others."""
    widths = [
        bands[support].get(group(one.point.generation.family, one.observable), bands[support][EVERYTHING])
        for one, support in zip(observations, found.tolist(), strict=True)
    ]
    return (np.abs(errors) <= np.array(widths)).astype(np.float64)


def half_widths(bands: Bands, family: str, figure: str) -> dict[Support, float]:
    """Return the half-width of a planned figure's band for each support, in logarithms.

    The observable nearest to the figure that was measured under this engine family decides.
    """
    found: dict[Support, float] = {}
    for support in SUPPORTS:
        names = [group(family, observable) for observable in _OBSERVABLES[figure]]
        known = [bands[support][name] for name in names if name in bands[support]]
        found[support] = known[0] if known else bands[support][EVERYTHING]
    return found


def _half_widths(groups: Labels, sizes: Floats, weights: Floats, *, pooled_weight: float) -> dict[str, float]:
    even = weights / np.mean(weights)
    found = {EVERYTHING: _quantile(sizes, even)}
    for name in sorted(set(groups.tolist())):
        found[name] = _quantile(sizes, even * ((groups == name) + pooled_weight / len(sizes)))
    return found


def _quantile(sizes: Floats, weights: Floats) -> float:
    order = np.argsort(sizes, kind="stable")
    heights = np.cumsum(weights[order]) - 0.5 * weights[order]
    return max(_LEAST, float(np.interp(COVERAGE * float(np.sum(weights)), heights, sizes[order])))
