"""Enquiries too long for a button, kept for a while: in Redis where there is one, else in this process."""

import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots.settings import Secret

KEPT_SECONDS: Final = 30 * 24 * 3600
MOST_KEPT: Final = 10_000
REDIS_SECONDS: Final = 0.5

_PREFIX: Final = "r1plan:bot:enquiry:"
_log = logging.getLogger(__name__)


class States:
    """Texts by the hash of what they say; a Redis that does not answer is done without.

    This process keeps the latest `MOST_KEPT` itself too, so that a Redis that goes away takes nothing with it that is
    still in use.
    """

    def __init__(self, redis_url: Secret | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep texts in the Redis at `redis_url` too; nothing is opened before it is needed. `clock` gives seconds."""
        self._redis: Redis | None = None
        if redis_url is not None:
            self._redis = Redis.from_url(
                redis_url.reveal(),
                decode_responses=True,
                socket_connect_timeout=REDIS_SECONDS,
                socket_timeout=REDIS_SECONDS,
            )
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def keep(self, text: str) -> str:
        """Keep `text` for `KEPT_SECONDS` and return its key."""
        key = hashlib.blake2s(text.encode(), digest_size=10).hexdigest()
        self._remember(key, text)
        if self._redis is not None:
            try:
                await self._redis.set(_PREFIX + key, text, ex=KEPT_SECONDS)
            except (RedisError, OSError) as error:
                _log.warning("an enquiry is kept in this process only: %s", error)
        return key

    async def recall(self, key: str) -> str | None:
        """Return the text kept under `key`, or None where it is gone."""
        kept_until, text = self._kept.get(key, (0.0, ""))
        if kept_until > self._clock():
            return text
        if self._redis is None:
            return None
        try:
            found = await self._redis.get(_PREFIX + key)
        except (RedisError, OSError) as error:
            _log.warning("an enquiry cannot be looked up: %s", error)
            return None
        return found if isinstance(found, str) else None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._redis is not None:
            await self._redis.aclose()

    def _remember(self, key: str, text: str) -> None:
        self._kept[key] = (self._clock() + KEPT_SECONDS, text)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
