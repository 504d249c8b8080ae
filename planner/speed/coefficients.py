"""The calibrated coefficients: what was fitted, on what, and how well; read from the facts or freshly calibrated."""

import functools
import importlib.resources
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec
import numpy as np
from msgspec import Struct

from planner.speed.effects import COEFFICIENTS, Level
from planner.speed.settings import Floats, Labels

SEPARATOR = " x "

Effects: TypeAlias = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Effects by coefficient, level and label."""


class Errors(Struct, frozen=True, kw_only=True):
    """Errors of predictions as fractions of what was measured: absolute median and 90th percentile, signed mean."""

    observations: int
    median: float
    p90: float
    signed: float


class CoveredErrors(Errors, frozen=True, kw_only=True):
    """Errors, and the share of the predictions whose bands hold what was measured."""

    coverage: float


class Coefficients(Struct, frozen=True, kw_only=True):
    """The effects of every coefficient by level and label, and what they were calibrated on.

    `fingerprint` is the SHA-256 of the `cases` used. `measured` names each GPU, speed class and format that was
    measured, by engine family; `bands` holds, by support and group, how far from its prediction's logarithm 80 % of
    measurements lie, `cross_validation` the errors on cases left out: one fold in five, one GPU, one class of GPUs, one
    source. Their coverage is that of bands learnt without them too.
    """

    fingerprint: str
    cases: int
    observations: int
    effects: dict[str, dict[str, dict[str, float]]]
    measured: dict[str, dict[str, dict[str, int]]]
    bands: dict[str, dict[str, float]] = {}
    cross_validation: dict[str, CoveredErrors] = {}


@functools.cache
def coefficients() -> Coefficients:
    """Return the coefficients that the project is calibrated with."""
    content = importlib.resources.files("planner.facts").joinpath("speed.json").read_bytes()
    return msgspec.json.decode(content, type=Coefficients)


def scaled(labels: Mapping[str, Labels], slopes: Mapping[str, Floats], effects: Effects) -> dict[str, Floats]:
    """Return every coefficient for these settings, in its own scale; an effect that was never fitted is zero."""
    found: dict[str, Floats] = {}
    for name, coefficient in COEFFICIENTS.items():
        value: Floats = np.asarray(coefficient.base, dtype=np.float64)
        fitted = effects.get(name, {})
        for level in coefficient.levels:
            by_label = fitted.get(level.name)
            if by_label:
                effect = _looked_up(by_label, level, labels)
                value = value + (effect * slopes[level.slope] if level.slope else effect)
        found[name] = value
    return found


def label(parts: Iterable[str]) -> str:
    """Return the label of a level's parts."""
    return SEPARATOR.join(parts) or "all"


def _looked_up(by_label: Mapping[str, float], level: Level, labels: Mapping[str, Labels]) -> Floats:
    if not level.parts:
        return np.asarray(by_label.get("all", 0.0), dtype=np.float64)

    def effect(*parts: str) -> float:
        # As `label` has it, without the call: this runs some thousand times for each model of a plan.
        return by_label.get(SEPARATOR.join(parts) or "all", 0.0)

    lookup = np.frompyfunc(effect, len(level.parts), 1)
    return np.asarray(lookup(*(labels[part] for part in level.parts)), dtype=np.float64)
