"""Calibration: from measured cases to coefficients with error bands, the same for the same cases."""

from collections.abc import Iterable

import numpy as np

from planner.errors import PlannerError
from planner.speed.cases import Case, fingerprint
from planner.speed.coefficients import Coefficients, CoveredErrors, Errors
from planner.speed.crossvalidation import bands_from, cross_validate, held
from planner.speed.fitting import Data, Fit
from planner.speed.observations import Observation, observe
from planner.speed.settings import Floats
from planner.speed.support import count_measured, labels_of

_DIGITS = 6
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
    left_out = cross_validate(observations, start=effects)
    bands = bands_from(observations, left_out)
    used = {found.case.id: found.case for found in observations}
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
        measured=count_measured(labels_of(observations)),
        bands={
            support: {name: round(width, _DIGITS) for name, width in widths.items()}
            for support, widths in bands.items()
        },
        cross_validation={
            name: covered_errors(found.errors, held(observations, left_out, name=name))
            for name, found in left_out.items()
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


def covered_errors(log_ratios: Floats, inside: Floats) -> CoveredErrors:
    """Return the errors, and how many of the predictions have what was measured `inside` their bands (ones)."""
    found = errors(log_ratios)
    return CoveredErrors(
        observations=found.observations,
        median=found.median,
        p90=found.p90,
        signed=found.signed,
        coverage=round(float(np.mean(inside)), _DIGITS),
    )
