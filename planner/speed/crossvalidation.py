"""Predictions of cases by fits that had not seen them: without a fold in five, a GPU, a class of GPUs, or a source."""

import hashlib
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from planner.speed.coefficients import Effects
from planner.speed.fitting import Data, Fit, predict
from planner.speed.observations import Observation
from planner.speed.settings import Floats, Labels
from planner.speed.support import count_measured, labels_of, supports

FOLDS = 5


def fold(case_id: str) -> int:
    """Return the fold of a case: by the digest of its id, so that neither order nor chance decides."""
    return int.from_bytes(hashlib.sha256(case_id.encode()).digest()[:8], "big") % FOLDS


class LeftOut(Struct, frozen=True, kw_only=True):
    """Predictions of observations by fits without any of their group.

    `errors` are log(predicted / measured), `supports` what the fit had seen that is nearest to each.
    """

    errors: Floats
    supports: Labels


def leave_out(observations: Sequence[Observation], groups: Sequence[str], *, start: Effects) -> LeftOut:
    """Predict each observation by a fit to those of other groups.

    `start` is a fit to all of them; it only makes the fits quicker.
    """
    errors = np.zeros(len(observations))
    found: Labels = np.empty(len(observations), dtype=np.object_)
    for left_out in sorted(set(groups)):
        inside = [index for index, group in enumerate(groups) if group == left_out]
        training = [observation for observation, group in zip(observations, groups, strict=True) if group != left_out]
        tested = [observations[index] for index in inside]
        errors[inside] = predict(Data(tested), Fit(Data(training), start=start).effects)
        found[inside] = supports(labels_of(tested), count_measured(labels_of(training)))
    return LeftOut(errors=errors, supports=found)
