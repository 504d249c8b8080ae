"""Calibration: from measured cases to coefficients with error bands, the same for the same cases."""

from collections.abc import Iterable

import numpy as np

from planner.errors import PlannerError
from planner.speed.bands import learn_bands
from planner.speed.cases import Case, fingerprint
from planner.speed.coefficients import Coefficients, Errors
from planner.speed.crossvalidation import errors_left_out, fold
from planner.speed.fitting import Data, Fit
from planner.speed.observations import Observation, observe
from planner.speed.settings import Floats
from planner.speed.support import count_measured

_DIGITS = 6
_REPEATS = 2
_FEWEST_OBSERVATIONS = 50


class TooFewCases(PlannerError):
    """There are not enough usable cases to calibrate on."""


def calibrate(cases: Iterable[Case]) -> Coefficients:
    """Return coefficients fitted to the cases that are meant to be fitted, and how well they predict cases left out.

    Raises:
        TooFewCases: fewer than fifty figures of the cases can be predicted.
    """
    observed = observe(cases)
    observations = _in_order(observed.used)
    if len(observations) < _FEWEST_OBSERVATIONS:
        reasons = "; ".join(f"{count} {reason}" for reason, count in observed.skipped.items())
        raise TooFewCases(
            f"{len(observations)} figures can be predicted, at least {_FEWEST_OBSERVATIONS} are needed ({reasons})"
        )
    effects = fit_effects(observations)
    folds = [
        errors_left_out(observations, [fold(found.case.id, repeat=repeat) for found in observations], start=effects)
        for repeat in range(_REPEATS)
    ]
    gpus = errors_left_out(observations, [found.point.device.gpu_id for found in observations], start=effects)
    sources = errors_left_out(observations, [found.case.src for found in observations], start=effects)
    used = {found.case.id: found.case for found in observations}
    bands = learn_bands(
        observations * _REPEATS,
        random_errors=np.concatenate(folds),
        unseen_gpu_errors=np.tile(gpus, _REPEATS),
    )
    return Coefficients(
        fingerprint=fingerprint(used.values()),
        cases=len(used),
        observations=len(observations),
        effects={
            name: {
                level: {label: round(value, _DIGITS) for label, value in sorted(by_label.items())}
                for level, by_label in levels.items()
            }
            for name, levels in effects.items()
        },
        measured=count_measured(observations),
        bands={
            basis: {name: round(width, _DIGITS) for name, width in widths.items()} for basis, widths in bands.items()
        },
        cross_validation={
            "five_folds": errors(np.concatenate(folds)),
            "gpu_left_out": errors(gpus),
            "source_left_out": errors(sources),
        },
    )


def fit_effects(observations: Iterable[Observation]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the effects that fit the observations, by coefficient, level and label."""
    return Fit(Data(_in_order(observations))).effects


def _in_order(observations: Iterable[Observation]) -> list[Observation]:
    """Return the observations in an order that does not depend on their file's, so that sums round alike."""
    return sorted(observations, key=lambda found: (found.case.id, found.observable))


def errors(log_ratios: Floats) -> Errors:
    """Return the errors of predictions from log(predicted / measured)."""
    fractions = np.expm1(log_ratios)
    sizes = np.abs(fractions)
    return Errors(
        observations=len(sizes),
        median=round(float(np.median(sizes)), _DIGITS),
        p90=round(float(np.quantile(sizes, 0.9)), _DIGITS),
        signed=round(float(np.mean(fractions)), _DIGITS),
    )
