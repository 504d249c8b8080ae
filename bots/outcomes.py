"""What an answer came to, for those who watch over the bot: in one word, without what anybody wrote."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal, TypeAlias

from bots.client import (
    PlannerError,
    PlannerGivenUp,
    PlannerRefused,
    PlannerSlow,
    PlannerUnreachable,
    PlannerUnreadable,
)

Outcome: TypeAlias = Literal["ok", "refused", "api_unavailable", "restarting", "lost", "not_delivered", "failed"]
"""An answer; what was asked was refused; the API gave no answer; the bot ended first; what the button was about is not
kept any more; Discord did not take the answer; something broke here."""

Trouble: TypeAlias = Literal["unreachable", "slow", "refused", "busy", "broken", "unreadable", "given_up"]
"""Nothing answers at the API's address; it takes too long; it refuses the request (4xx), or one more of them (429); it
answers with an error of its own (5xx), or with something that is no answer; the bot ended before it answered."""


_TROUBLES: Mapping[type[PlannerError], Trouble] = {
    PlannerUnreachable: "unreachable",
    PlannerSlow: "slow",
    PlannerUnreadable: "unreadable",
    PlannerGivenUp: "given_up",
}


def trouble_of(error: PlannerError) -> Trouble:
    """Return what the API's trouble was."""
    if not isinstance(error, PlannerRefused):
        return _TROUBLES.get(type(error), "broken")
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return "busy"
    return "refused" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "broken"


def outcome_of(error: PlannerError) -> Outcome:
    """Return what an answer came to that the API gave none for."""
    match trouble_of(error):
        case "refused":
            return "refused"
        case "given_up":
            return "restarting"
        case _:
            return "api_unavailable"
