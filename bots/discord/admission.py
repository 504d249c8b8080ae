"""Who is answered now: nobody any more where the bot ends, and not who asks too often."""

from typing import Literal

from msgspec import Struct

from bots.discord.cooldowns import Cooldowns
from bots.discord.work import Work
from bots.metrics import Metrics
from bots.words import Words


class Refusal(Struct, frozen=True, kw_only=True):
    """Why a question is not answered now; it may be asked again in `seconds`, where that is known."""

    reason: Literal["cooldown", "restarting"]
    seconds: int = 0

    def say(self, words: Words) -> str:
        """Return the reason as one sentence."""
        return words.say(self.reason, seconds=self.seconds)


class Admission:
    """Counts questions, and refuses those that are not answered now."""

    def __init__(self, *, cooldowns: Cooldowns, work: Work, metrics: Metrics) -> None:
        """Let in as `cooldowns` allow, until `work` is closed; tell `metrics` who was not."""
        self._cooldowns = cooldowns
        self._work = work
        self._metrics = metrics

    def refuse(self, *, user_id: int, server_id: int | None) -> Refusal | None:
        """Count one question; return None where it may be answered now."""
        refusal = self._find_reason(user_id=user_id, server_id=server_id)
        if refusal is not None:
            self._metrics.count_held_off(refusal.reason)
        return refusal

    def is_first_refusal(self, user_id: int) -> bool:
        """Return whether this person has not been told yet, since their last answer, that they are not answered."""
        return self._cooldowns.is_first_refusal(user_id)

    def _find_reason(self, *, user_id: int, server_id: int | None) -> Refusal | None:
        if self._work.is_closed:
            return Refusal(reason="restarting")
        wait = self._cooldowns.seconds_to_wait(user_id=user_id, server_id=server_id)
        return Refusal(reason="cooldown", seconds=wait) if wait else None
