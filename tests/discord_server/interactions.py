"""One use of a command, button or form, and in which order a bot may answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.discord_server.rules.problem import Json

COMMAND, COMPONENT, AUTOCOMPLETE, FORM = 2, 3, 4, 5
ANSWER_WITHIN_SECONDS = 3.0
TOKEN_LIVES_SECONDS = 900.0
EPHEMERAL, LOADING = 1 << 6, 1 << 7
SAY, SAY_LATER, UPDATE_LATER, UPDATE, SUGGEST, OPEN_FORM = 4, 5, 6, 7, 8, 9

# which kinds of callback each kind of interaction may be answered with
_ANSWERS = {
    COMMAND: {SAY, SAY_LATER, OPEN_FORM, 10, 12},
    COMPONENT: {SAY, SAY_LATER, UPDATE_LATER, UPDATE, OPEN_FORM, 10, 12},
    AUTOCOMPLETE: {SUGGEST},
    FORM: {SAY, SAY_LATER, UPDATE_LATER, UPDATE, 10, 12},
}


@dataclass(kw_only=True)
class Interaction:
    """An interaction and what became of it.

    While it `is_deferred` the person sees "thinking", while it `is_updating` the message as it was. `born` and
    `answered_at` are seconds of the stand-in's clock.
    """

    id: str
    token: str
    kind: int
    user: Json
    channel_id: str
    guild_id: str | None
    born: float
    command: str | None = None
    source_message_id: str | None = None
    callback: Json | None = None
    answered_at: float | None = None
    is_deferred: bool = False
    is_updating: bool = False
    is_ephemeral: bool = False
    original_id: str | None = None
    followup_ids: list[str] = field(default_factory=list[str])
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def may_be_answered_by(self, callback_kind: int) -> bool:
        """Tell whether a callback of that kind answers this kind of interaction."""
        needs_message = self.kind == FORM and callback_kind in (UPDATE_LATER, UPDATE)
        return callback_kind in _ANSWERS[self.kind] and not (needs_message and self.source_message_id is None)


class Interactions:
    """All interactions, by token. Tests age them by adding to `skew_seconds`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.skew_seconds = 0.0
        self.by_token: dict[str, Interaction] = {}

    def now(self) -> float:
        """Return the stand-in's time in seconds."""
        return self._clock() + self.skew_seconds

    def add(self, interaction: Interaction) -> None:
        """Remember an interaction that a person began."""
        self.by_token[interaction.token] = interaction

    def find_unanswered(self, token: str, interaction_id: str) -> Interaction | None:
        """Return the interaction, or None where it is unknown or Discord has given up waiting for its first answer."""
        found = self.by_token.get(token)
        if found is None or found.id != interaction_id:
            return None
        is_late = found.callback is None and self.now() - found.born > ANSWER_WITHIN_SECONDS
        return None if is_late else found

    def find_live(self, token: str) -> Interaction | None:
        """Return the interaction whose token still works."""
        found = self.by_token.get(token)
        return None if found is None or self.now() - found.born > TOKEN_LIVES_SECONDS else found
