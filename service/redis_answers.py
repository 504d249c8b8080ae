"""The shared half of the answer cache: answers in a Redis that several API processes use."""

from typing import Final

from service.redis_connection import RedisConnection

KEEP_SECONDS: Final = 86_400
"""Answers depend on the day, so none is asked for after it."""

_KEY_PREFIX: Final = "r1plan:answer:"


class RedisAnswers:
    """Answers in Redis under `r1plan:answer:<key>`, for a day."""

    def __init__(self, redis: RedisConnection) -> None:
        """Keep answers in `redis`, which the caller opens and closes."""
        self._redis = redis

    @property
    def is_up(self) -> bool:
        """Whether Redis is in use now."""
        return self._redis.is_up

    async def get(self, key: str) -> bytes | None:
        """Return the answer under `key`, or None; None at once while Redis is out of use."""
        body = await self._redis.use(lambda: self._redis.client.get(_KEY_PREFIX + key))
        return body if isinstance(body, bytes) else None

    async def put(self, key: str, body: bytes) -> None:
        """Keep `body` under `key` for a day, unless Redis is out of use."""
        await self._redis.use(lambda: self._redis.client.set(_KEY_PREFIX + key, body, ex=KEEP_SECONDS))
