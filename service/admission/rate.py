"""How often one caller asks: counted by the minute, for all processes together where there is a Redis."""

import asyncio
import time
from typing import Final

from limits.aio.storage import RedisStorage
from msgspec import Struct

from service.redis_connection import RedisConnection

WINDOW_SECONDS: Final = 60
TOLD_EVERY_SECONDS: Final = 0.1
_PREFIX: Final = "r1plan:rate"


class Standing(Struct, frozen=True):
    """Where a caller stands after a request: `remaining` is what is left of `limit` in this window, -1 is too many."""

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def is_exceeded(self) -> bool:
        """Whether this request is one too many."""
        return self.remaining < 0


class _SharedCounts:
    def __init__(self, redis: RedisConnection) -> None:
        self._redis = redis
        self._storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=_PREFIX,
            connection_pool=redis.client.connection_pool,  # pyright: ignore[reportArgumentType]  (annotated too narrowly)
        )

    async def add(self, window: str, counted: int) -> int | None:
        """Return what all processes have counted with these, or None without Redis."""
        return await self._redis.use(lambda: self._storage.incr(window, WINDOW_SECONDS, counted))


class RateCounter:
    """Counts requests in this process and, where there is a Redis, together with the other processes.

    No request waits for Redis: what this process has counted is told every tenth of a second, and what all have counted
    comes back. So processes may together let through what comes within that time, and one whose Redis fails goes on
    with its own count. The windows begin at whole minutes, the same for all.

    `limits` counts in Redis, atomically. Its store for counts in the process starts a thread every 10 ms while requests
    come, which costs a cached plan more than all else here; a dictionary that is emptied every minute does the same.
    """

    def __init__(self, *, redis: RedisConnection | None) -> None:
        """Begin at zero; `redis` is opened and closed by the caller."""
        self._shared = None if redis is None else _SharedCounts(redis)
        self._window = 0
        self._counts: dict[str, int] = {}
        self._untold: dict[str, int] = {}
        self._telling: asyncio.Task[None] | None = None

    def count(self, who: str, *, limit: int) -> Standing:
        """Count one request of `who`, who may send `limit` a minute, and return how that leaves them."""
        window, second = divmod(int(time.time()), WINDOW_SECONDS)
        if window != self._window:
            self._window = window
            self._counts.clear()
            self._untold.clear()
        counted = self._counts[who] = self._counts.get(who, 0) + 1
        if self._shared is not None:
            self._untold[who] = self._untold.get(who, 0) + 1
            if self._telling is None:
                self._telling = asyncio.create_task(self._tell(self._shared), name="tell counted requests")
        return Standing(limit, max(limit - counted, -1), WINDOW_SECONDS - second)

    async def close(self) -> None:
        """Tell what is left to tell."""
        if self._telling is not None:
            await self._telling

    async def _tell(self, shared: _SharedCounts) -> None:
        await asyncio.sleep(TOLD_EVERY_SECONDS)
        window, untold, self._untold = self._window, self._untold, {}
        for who, counted in untold.items():
            total = await shared.add(f"{who}:{window}", counted)
            if total is not None and window == self._window:
                self._counts[who] = total + self._untold.get(who, 0)
        self._telling = None
