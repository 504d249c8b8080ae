"""The queue: where there is a Redis, SAQ gives each turn of the schedule to one of the processes."""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from saq import CronJob, Worker
from saq.queue.redis import RedisQueue

GRACE: Final = dt.timedelta(minutes=3)
"""How long a source is left to the queue: after that whoever sees it reads it, so that no Redis is no stop."""

EVERY_MINUTE: Final = "* * * * *"
_NAME: Final = "r1plan:refresh"
_MOST_SECONDS: Final = 3600
_STOP_SECONDS: Final = 1


class RefreshQueue:
    """A worker on a queue in Redis whose one job, `refresh_due`, comes round by `cron` for one of all workers."""

    def __init__(self, url: str, refresh_due: Callable[[], Awaitable[object]], *, cron: str = EVERY_MINUTE) -> None:
        """Name the Redis at `url`; nothing is opened before `start`."""
        # SAQ waits for work on an open connection, which is not to be taken for one that hangs.
        self._redis: Redis = Redis.from_url(url, socket_timeout=None, client_name="r1plan-refresh")
        self._queue = RedisQueue(self._redis, name=_NAME)
        self._refresh_due = refresh_due
        self._cron = cron
        self._worker: _Worker | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work."""
        # What SAQ says of a Redis that is gone comes every second with a traceback; the answer cache says it once.
        logging.getLogger("saq").setLevel(logging.CRITICAL)

        async def refresh_due(_: Any) -> None:  # noqa: ANN401 - SAQ hands over a context of any kind
            await self._refresh_due()

        job = CronJob(refresh_due, cron=self._cron, timeout=_MOST_SECONDS, retries=1)
        self._worker = _Worker(self._queue, [], cron_jobs=[job], concurrency=1)
        self._task = asyncio.create_task(self._worker.start(), name="refresh queue")

    async def close(self) -> None:
        """Stop working; an import under way ends with nothing imported, and is due again."""
        if self._worker is not None and self._task is not None:
            await self._worker.stop()
            await self._task
        # SAQ takes leave of a Redis that may be gone.
        with contextlib.suppress(RedisError, OSError):
            await self._queue.disconnect()
        await self._redis.aclose()


class _Worker(Worker[Any]):
    """SAQ's worker without its signal handlers: the server has its own."""

    SIGNALS: ClassVar[list[int]] = []
