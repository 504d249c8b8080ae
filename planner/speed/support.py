"""What a prediction rests on: measurements of this very GPU, of its class, or neither."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np

from planner.speed.coefficients import label
from planner.speed.observations import Observation
from planner.speed.settings import Labels, stack

Support: TypeAlias = Literal["build", "gpu", "class", "family", "nothing"]
"""The nearest that was measured, always under this engine generation and with this format's kernels: this version of
the engine on this GPU; another version on it; other GPUs of its class, or this one under other generations; other
classes of GPUs. Nothing, where the generation or the kernels were not measured, or where GPUs share one copy of the
model, on which nothing is calibrated."""

Basis: TypeAlias = Literal["gpu", "class", "extrapolated"]
"""How an answer says it: measured on this GPU, on its class, or on neither."""

SUPPORTS: tuple[Support, ...] = get_args(Support)
BASES: dict[Support, Basis] = {
    "build": "gpu",
    "gpu": "gpu",
    "class": "class",
    "family": "extrapolated",
    "nothing": "extrapolated",
}
_ONE_GPU = "1"
_PARTS: dict[str, tuple[str, ...]] = {
    "engine": ("engine",),
    "format": ("format",),
    "speed_class": ("speed_class",),
    "architecture": ("architecture",),
    "engine x gpu": ("engine", "gpu"),
    "build x gpu": ("build", "gpu"),
}

Measured: TypeAlias = Mapping[str, Mapping[str, Mapping[str, int]]]


def count_measured(labels: Mapping[str, Labels]) -> dict[str, dict[str, dict[str, int]]]:
    """Return how many observations of these labels there are of each engine, format and GPU, by engine family."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row, family in enumerate(labels["family"].tolist()):
        counts = found.setdefault(family, {name: {} for name in _PARTS})
        for name, parts in _PARTS.items():
            named = label(labels[part][row] for part in parts)
            counts[name][named] = counts[name].get(named, 0) + 1
    return found


def supports(labels: Mapping[str, Labels], measured: Measured) -> Labels:
    """Return the support of settings with these labels, in their shape."""

    def support(*parts: str) -> Support:
        family, engine, build, gpu, speed_class, architecture, weight_format, gpu_count = parts
        known = measured.get(family)
        if known is None or gpu_count != _ONE_GPU or weight_format not in known["format"]:
            return "nothing"
        if engine not in known["engine"]:
            return "nothing"
        if label((engine, gpu)) in known["engine x gpu"]:
            return "build" if label((build, gpu)) in known["build x gpu"] else "gpu"
        is_alike = speed_class in known["speed_class"] and architecture in known["architecture"]
        return "class" if is_alike else "family"

    lookup = np.frompyfunc(support, 8, 1)
    names = ("family", "engine", "build", "gpu", "speed_class", "architecture", "format", "gpu_count")
    return np.asarray(lookup(*(labels[name] for name in names)), dtype=np.object_)


def labels_of(observations: Sequence[Observation]) -> dict[str, Labels]:
    """Return the labels of observations, in their sequence."""
    return stack([observation.point for observation in observations]).labels
