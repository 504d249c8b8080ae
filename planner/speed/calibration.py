"""Calibration: from measured cases to coefficients with error bands, the same for the same cases."""

from collections.abc import Iterable

import numpy as np

from planner.errors import PlannerError
from planner.speed.bands import learn_bands
from planner.speed.cases import Case, fingerprint
from planner.speed.coefficients import Coefficients, Errors, label
from planner.speed.crossvalidation import LeftOut, fold, leave_out
from planner.speed.fitting import Data, Fit
from planner.speed.observations import Observation, observe
from planner.speed.settings import Floats, Labels
from planner.speed.support import count_measured, labels_of

_DIGITS = 6
_FIVE_FOLDS = "five_folds"
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
    groupings = {
        _FIVE_FOLDS: [str(fold(found.case.id)) for found in observations],
        "gpu_left_out": [found.point.device.gpu_id for found in observations],
        "class_left_out": [
            label((found.point.generation.family, found.point.device.speed_class)) for found in observations
        ],
        "source_left_out": [found.case.src for found in observations],
    }
    left_out = {name: leave_out(observations, groups, start=effects) for name, groups in groupings.items()}
    bands = learn_bands(
        observations * len(left_out),
        errors=np.concatenate([found.errors for found in left_out.values()]),
        found=np.concatenate([_learnt_from(name, found) for name, found in left_out.items()]),
    )
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
        cross_validation={name: errors(found.errors) for name, found in left_out.items()},
    )


def _learnt_from(name: str, left_out: LeftOut) -> Labels:
    """Return the supports that bands are learnt for; none where a case's own version on its own GPU was left in.

    That is what folds at random show; whole groups leave it in only where two sources ran the same version.
    """
    if name == _FIVE_FOLDS:
        return left_out.supports
    found = left_out.supports.copy()
    found[found == "build"] = None
    return found


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
