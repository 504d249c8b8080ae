"""Predictions of cases by fits that had not seen them: without a fold in five, a GPU, a class of GPUs, or a source."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from planner.speed.bands import inside, learn_bands
from planner.speed.coefficients import Effects, label
from planner.speed.fitting import Data, Fit, predict
from planner.speed.observations import Observation
from planner.speed.settings import Floats, Labels
from planner.speed.support import count_measured, labels_of, supports

Rows: TypeAlias = NDArray[np.bool_]

FOLDS = 5
_FIVE_FOLDS = "five_folds"
# Those left out together err alike, so many of them count for less each.
_WEIGHT_EXPONENT = -0.5
_OTHER_SOURCE_WEIGHT = 0.5


def fold(case_id: str) -> int:
    """Return the fold of a case: by the digest of its id, so that neither order nor chance decides."""
    return int.from_bytes(hashlib.sha256(case_id.encode()).digest()[:8], "big") % FOLDS


_GROUPS: dict[str, Callable[[Observation], str]] = {
    _FIVE_FOLDS: lambda found: str(fold(found.case.id)),
    "gpu_left_out": lambda found: found.point.device.gpu_id,
    "class_left_out": lambda found: label((found.point.generation.family, found.point.device.speed_class)),
    "source_left_out": lambda found: found.case.src,
}


class LeftOut(Struct, frozen=True, kw_only=True):
    """Predictions of observations by fits without any of their group.

    `errors` are log(predicted / measured), `supports` what the fit had seen that is nearest to each.
    """

    groups: Labels
    errors: Floats
    supports: Labels


def cross_validate(observations: Sequence[Observation], *, start: Effects) -> dict[str, LeftOut]:
    """Predict each observation without its fold, its GPU, its class of GPUs and its source.

    `start` is a fit to all of them; it only makes the fits quicker.
    """
    return {
        name: _leave_out(observations, [group(found) for found in observations], start=start)
        for name, group in _GROUPS.items()
    }


def bands_from(
    observations: Sequence[Observation], left_out: Mapping[str, LeftOut], *, without: Rows | None = None
) -> dict[str, dict[str, float]]:
    """Return the bands that the errors of all kinds of leaving out teach, `without` some of the observations."""
    kept: Rows = np.ones(len(observations), dtype=np.bool_) if without is None else np.logical_not(without)
    errors = [found.errors[kept] for found in left_out.values()]
    known = [found.supports[kept] for found in left_out.values()]
    weights = [_weights(name, found)[kept] for name, found in left_out.items()]
    taught = [found for found, is_kept in zip(observations, kept.tolist(), strict=True) if is_kept]
    return learn_bands(
        taught * len(left_out),
        errors=np.concatenate(errors),
        found=np.concatenate(known),
        weights=np.concatenate(weights),
    )


def held(observations: Sequence[Observation], left_out: Mapping[str, LeftOut], *, name: str) -> Floats:
    """Return one for each observation whose band holds it, where neither fit nor band had seen its group."""
    found = left_out[name]
    result = np.zeros(len(observations))
    for group in dict.fromkeys(found.groups.tolist()):
        rows: Rows = np.asarray(found.groups == group, dtype=np.bool_)
        result[rows] = inside(
            [one for one, is_left_out in zip(observations, rows.tolist(), strict=True) if is_left_out],
            errors=found.errors[rows],
            found=found.supports[rows],
            bands=bands_from(observations, left_out, without=rows),
        )
    return result


def _weights(name: str, left_out: LeftOut) -> Floats:
    counts = {group: (left_out.groups == group).sum() for group in set(left_out.groups.tolist())}
    weights = np.array([counts[group] for group in left_out.groups.tolist()], dtype=np.float64) ** _WEIGHT_EXPONENT
    # Where a version was measured on a GPU, most that is asked is like what was measured, not like another source.
    is_repeated = (name != _FIVE_FOLDS) & (left_out.supports == "build")
    return np.where(is_repeated, _OTHER_SOURCE_WEIGHT * weights, weights)


def _leave_out(observations: Sequence[Observation], groups: Sequence[str], *, start: Effects) -> LeftOut:
    errors = np.zeros(len(observations))
    found: Labels = np.empty(len(observations), dtype=np.object_)
    for left_out in sorted(set(groups)):
        rows = [index for index, group in enumerate(groups) if group == left_out]
        training = [observation for observation, group in zip(observations, groups, strict=True) if group != left_out]
        tested = [observations[index] for index in rows]
        errors[rows] = predict(Data(tested), Fit(Data(training), start=start).effects)
        found[rows] = supports(labels_of(tested), count_measured(labels_of(training)))
    return LeftOut(groups=np.array(groups, dtype=np.object_), errors=errors, supports=found)
