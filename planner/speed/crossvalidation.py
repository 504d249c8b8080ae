"""Predictions of cases by fits that had not seen them: one fold in five, one GPU, or one source at a time."""

import hashlib
from collections.abc import Sequence

import numpy as np

from planner.speed.coefficients import Effects
from planner.speed.fitting import Data, Fit, predict
from planner.speed.observations import Observation
from planner.speed.settings import Floats

FOLDS = 5


def fold(case_id: str, *, repeat: int) -> int:
    """Return the fold of a case: by the digest of its id, so that neither order nor chance decides."""
    digest = hashlib.sha256(f"{repeat} {case_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % FOLDS


def errors_left_out(observations: Sequence[Observation], groups: Sequence[object], *, start: Effects) -> Floats:
    """Return log(predicted / measured) of each observation by a fit without any of its group.

    `start` is a fit to all of them; it only makes the fits quicker.
    """
    found = np.zeros(len(observations))
    for left_out in sorted(set(groups), key=str):
        inside = [index for index, group in enumerate(groups) if group == left_out]
        training = [observation for observation, group in zip(observations, groups, strict=True) if group != left_out]
        effects = Fit(Data(training), start=start).effects
        data = Data([observations[index] for index in inside])
        found[inside] = predict(data, effects)
    return found
