"""How often one person, and one server, may ask."""

import math
from collections import OrderedDict
from typing import Final

from discord.app_commands import Cooldown

WINDOW_SECONDS: Final = 60.0
MOST_KEPT: Final = 20_000


class Cooldowns:
    """Counts questions of the last minute by person and by server; what is long past is forgotten."""

    def __init__(self, *, user_per_minute: int, server_per_minute: int) -> None:
        """Begin at zero."""
        self._rates = {"user": user_per_minute, "server": server_per_minute}
        self._told: set[int] = set()
        self._counts: OrderedDict[tuple[str, int], Cooldown] = OrderedDict()

    def seconds_to_wait(self, *, user_id: int, server_id: int | None) -> int:
        """Count one question; return 0 where it may be answered, else the seconds until the next one may."""
        wait = self._count("user", user_id)
        if not wait and server_id is not None:
            wait = self._count("server", server_id)
        if not wait:
            self._told.discard(user_id)
        return math.ceil(wait)

    def is_first_refusal(self, user_id: int) -> bool:
        """Return whether this person has not been told yet to wait, since their last answer."""
        is_first = user_id not in self._told
        self._told.add(user_id)
        return is_first

    def _count(self, what: str, number: int) -> float:
        key = (what, number)
        cooldown = self._counts.setdefault(key, Cooldown(self._rates[what], WINDOW_SECONDS))
        self._counts.move_to_end(key)
        if len(self._counts) > MOST_KEPT:
            self._counts.popitem(last=False)
        return cooldown.update_rate_limit() or 0.0
