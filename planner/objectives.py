"""What the first option is best at: how each objective orders configurations and offers."""

from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Objective: TypeAlias = Literal["cheapest", "cheapest_per_token", "fastest", "best_quality", "balanced"]
Scores: TypeAlias = NDArray[np.float64]
Score = TypeVar("Score", float, Scores)

NO_BASIS = 1e30
"""The score of a configuration whose speed has no basis: behind all others, never left out for it."""

BALANCED_TIER_WEIGHTS = (1.0, 1.05, 1.3, 2.0)
"""How many times dearer or slower an option of each tier counts when price, speed and quality are balanced."""

_TIMES_PRICE = {"cheapest_per_token", "balanced"}


def scores(
    objective: str, *, tpot_seconds: Scores, tokens_per_second: Scores, tier_ranks: NDArray[np.int64], losses: Scores
) -> Scores:
    """Return what each configuration is worth under `objective`, price aside; the smallest is best.

    `tokens_per_second` is the machine's, `losses` the share of the reasoning average lost against bf16 (0 where nobody
    measured it); NaN is no basis. `cheapest` leaves all equal: the price decides.
    """
    if objective == "cheapest_per_token":
        found = 1 / tokens_per_second
    elif objective == "fastest":
        found = tpot_seconds
    elif objective == "balanced":
        found = tpot_seconds * np.take(BALANCED_TIER_WEIGHTS, tier_ranks)
    elif objective == "best_quality":
        found = np.broadcast_to(tier_ranks + losses[:, None], tpot_seconds.shape)
    else:
        found = np.zeros(tpot_seconds.shape)
    return np.where(np.isnan(found), NO_BASIS, found)


def objective_key(objective: str, score: Score, *, usd_per_hour: float) -> Score:
    """Return what orders options of all prices under `objective`, the smallest first; price breaks ties.

    `score` is one option's or an array of several.
    """
    return score * usd_per_hour if objective in _TIMES_PRICE else score
