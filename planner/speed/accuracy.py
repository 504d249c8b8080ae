"""Accuracy: the calibrated coefficients held against measured cases."""

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias, get_args

import numpy as np
from msgspec import Struct

from planner.speed.bands import inside
from planner.speed.calibration import covered_errors, errors
from planner.speed.cases import Case
from planner.speed.coefficients import Coefficients, CoveredErrors, Errors
from planner.speed.fitting import Data, predict
from planner.speed.observations import Observation, observe
from planner.speed.settings import Floats, Labels
from planner.speed.support import Support, labels_of, supports

Grouping: TypeAlias = Literal["engine", "gpu", "format", "source", "observable", "support"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
_WORST = 10


class Miss(Struct, frozen=True, kw_only=True):
    """A figure that was missed by far: `error` is predicted / measured - 1."""

    id: str
    source: str
    engine: str
    gpu: str
    format: str
    observable: str
    measured: float
    predicted: float
    error: float


class Accuracy(Struct, frozen=True, kw_only=True):
    """How well measured cases are predicted, as fractions of what was measured.

    Of `cases`, `used` gave figures that are predicted; `skipped` counts the others by reason. `coverage` is the share
    of figures inside their 80 % bands. `by` holds the same for each group, `worst` the ten farthest misses.
    """

    cases: int
    used: int
    skipped: dict[str, int]
    all: Errors | None
    coverage: float | None
    by: dict[str, dict[str, CoveredErrors]]
    worst: tuple[Miss, ...]


def accuracy(cases: Iterable[Case], calibrated: Coefficients, *, by: Iterable[Grouping] = GROUPINGS) -> Accuracy:
    """Return the errors of predictions for `cases`, in all and for each grouping of `by`."""
    every = tuple(cases)
    observed = observe(every)
    used = len({id(found.case) for found in observed.used})
    if not observed.used:
        return Accuracy(cases=len(every), used=0, skipped=observed.skipped, all=None, coverage=None, by={}, worst=())
    data = Data(observed.used)
    log_ratios = predict(data, calibrated.effects)
    known = supports(labels_of(observed.used), calibrated.measured)
    held = inside(observed.used, errors=log_ratios, found=known, bands=calibrated.bands)
    rests_on: list[Support] = known.tolist()
    labels = {
        grouping: [_label(grouping, found, support) for found, support in zip(observed.used, rests_on, strict=True)]
        for grouping in by
    }
    return Accuracy(
        cases=len(every),
        used=used,
        skipped=observed.skipped,
        all=errors(log_ratios),
        coverage=round(float(np.mean(held)), 6),
        by={
            grouping: _by_name(np.array(names, dtype=np.object_), log_ratios=log_ratios, held=held)
            for grouping, names in labels.items()
        },
        worst=_worst(observed.used, log_ratios),
    )


def _label(grouping: Grouping, found: Observation, support: Support) -> str:
    readers: dict[Grouping, Callable[[], str]] = {
        "engine": lambda: found.point.generation.name,
        "gpu": lambda: found.point.device.gpu_id,
        "format": lambda: found.case.weight_format,
        "source": lambda: found.case.src,
        "observable": lambda: found.observable,
        "support": lambda: support,
    }
    return readers[grouping]()


def _by_name(names: Labels, *, log_ratios: Floats, held: Floats) -> dict[str, CoveredErrors]:
    return {
        name: covered_errors(log_ratios[names == name], held[names == name]) for name in sorted(set(names.tolist()))
    }


def _worst(used: tuple[Observation, ...], log_ratios: Floats) -> tuple[Miss, ...]:
    order: list[int] = np.argsort(-np.abs(np.expm1(log_ratios)), kind="stable")[:_WORST].tolist()
    return tuple(_miss(used[index], float(log_ratios[index])) for index in order)


def _miss(found: Observation, log_ratio: float) -> Miss:
    return Miss(
        id=found.case.id,
        source=found.case.src,
        engine=found.point.generation.name,
        gpu=found.point.device.gpu_id,
        format=found.case.weight_format,
        observable=found.observable,
        measured=found.measured,
        predicted=round(found.measured * float(np.exp(log_ratio)), 6),
        error=round(float(np.expm1(log_ratio)), 6),
    )
