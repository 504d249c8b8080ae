"""Which of a bot's connections hears what: servers are spread over them by the millisecond in their id."""

from __future__ import annotations

Shard = tuple[int, int]
"""Which of how many."""

ONLY: Shard = (0, 1)


def hears(shard: Shard, guild_id: str | None) -> bool:
    """Return whether a shard hears what happens in a server; what happens in none, in private, the first one hears."""
    number, count = shard
    return (0 if guild_id is None else (int(guild_id) >> 22) % count) == number
