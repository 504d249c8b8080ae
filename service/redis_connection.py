"""A Redis that several API processes use, and do without while it is gone."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

TIMEOUT_SECONDS: Final = 0.25
"""How long one request may wait for Redis, once: after that Redis counts as gone until a probe finds it."""

FIRST_PROBE_SECONDS: Final = 0.25
LAST_PROBE_SECONDS: Final = 5.0

_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)


class RedisConnection:
    """A pool of connections that is used while Redis answers.

    The first failure takes Redis out of use; while it is out, requests do not touch it, and a background task asks
    with growing pauses whether it is back. `on_error` is called once for every operation that failed.
    """

    def __init__(self, url: str, *, on_error: Callable[[], None]) -> None:
        """Name the Redis at `url`; nothing is opened before the first use."""
        # No retries here: going on without Redis is quicker than trying again.
        self.client: Redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            client_name="r1plan",
        )
        self._on_error = on_error
        self._probe: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Whether Redis is in use: it answered last time, or was not asked yet."""
        return self._probe is None

    async def open(self) -> None:
        """Ask Redis once, so that its state is known from the start."""
        await self.use(self._ping)

    async def close(self) -> None:
        """Stop probing and close the connections."""
        if self._probe is not None:
            self._probe.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._probe
        await self.client.aclose()

    async def use(self, operation: Callable[[], Awaitable[_Result]]) -> _Result | None:
        """Return what `operation` does with `client`; None where Redis is out of use, or fails now."""
        if not self.is_up:
            return None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await operation()
        except (RedisError, OSError, TimeoutError) as error:
            self._on_error()
            self._take_out_of_use(error)
            return None

    async def _ping(self) -> None:
        await self.client.ping()

    def _take_out_of_use(self, error: Exception) -> None:
        if self._probe is None:
            _log.warning("redis unreachable, using in-process reason=%s", _describe(error))
            self._probe = asyncio.create_task(self._probe_until_back(), name="redis probe")

    async def _probe_until_back(self) -> None:
        pause = FIRST_PROBE_SECONDS
        while True:
            await asyncio.sleep(pause)
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    await self._ping()
            except (RedisError, OSError, TimeoutError):
                pause = min(2 * pause, LAST_PROBE_SECONDS)
            else:
                _log.warning("redis is back, using it again")
                self._probe = None
                return


def _describe(error: Exception) -> str:
    # A driver's message may name hosts, never the password; a timeout has no words.
    return " ".join(str(error).split()) or type(error).__name__
