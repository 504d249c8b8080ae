"""What a prediction rests on: measurements of this very GPU, of its class, or neither."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np

from planner.speed.coefficients import label
from planner.speed.observations import Observation
from planner.speed.settings import Labels

Basis: TypeAlias = Literal["gpu", "class", "extrapolated"]
"""Measured on this GPU in this generation of the engine, on other GPUs of its class or in other generations, or on
neither; always with this engine family and format. GPUs that share one copy of the model were never calibrated on."""

BASES: tuple[Basis, ...] = ("gpu", "class", "extrapolated")
_ONE_GPU = "1"
_PARTS = ("gpu", "speed_class", "format", "engine", "engine x gpu")

Measured: TypeAlias = Mapping[str, Mapping[str, Mapping[str, int]]]


def count_measured(observations: Sequence[Observation]) -> dict[str, dict[str, dict[str, int]]]:
    """Return how many observations there are of each GPU, class, format and generation, by engine family."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for observation in observations:
        point = observation.point
        counts = found.setdefault(point.generation.family, {part: {} for part in _PARTS})
        labels = {
            "gpu": point.device.gpu_id,
            "speed_class": point.device.speed_class,
            "format": point.format_group,
            "engine": point.generation.name,
            "engine x gpu": label((point.generation.name, point.device.gpu_id)),
        }
        for part, name in labels.items():
            counts[part][name] = counts[part].get(name, 0) + 1
    return found


def bases(labels: Mapping[str, Labels], measured: Measured) -> Labels:
    """Return the basis of settings with these labels, in their shape."""

    def basis(*parts: str) -> Basis:
        family, engine, gpu, speed_class, weight_format, gpu_count = parts
        known = measured.get(family)
        if known is None or weight_format not in known["format"] or engine not in known["engine"]:
            return "extrapolated"
        if gpu_count != _ONE_GPU or speed_class not in known["speed_class"]:
            return "extrapolated"
        return "gpu" if label((engine, gpu)) in known["engine x gpu"] else "class"

    lookup = np.frompyfunc(basis, 6, 1)
    found = (labels[part] for part in ("family", "engine", "gpu", "speed_class", "format", "gpu_count"))
    return np.asarray(lookup(*found), dtype=np.object_)
