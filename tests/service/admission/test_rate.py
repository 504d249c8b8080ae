"""Requests are counted, in the process and in Redis."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from service.admission.rate import TOLD_EVERY_SECONDS, RateCounter, Standing
from service.redis_connection import RedisConnection
from tests.redis_process import RedisProcess


@asynccontextmanager
async def counter_in(url: str) -> AsyncGenerator[RateCounter]:
    redis = RedisConnection(url, on_error=lambda: None)
    await redis.open()
    counter = RateCounter(redis=redis)
    yield counter
    await counter.close()
    await redis.close()


def count(counter: RateCounter, times: int, *, who: str = "one", limit: int) -> list[Standing]:
    """Count until all counts are of one window: a minute may turn between them."""
    while True:
        standings = [counter.count(who, limit=limit) for _ in range(times)]
        if standings[-1].reset_seconds <= standings[0].reset_seconds:
            return standings
        who += "."


def test_what_is_left_is_counted_down_and_then_exceeded() -> None:
    standings = count(RateCounter(redis=None), 5, limit=3)

    assert [standing.remaining for standing in standings] == [2, 1, 0, -1, -1]
    assert [standing.is_exceeded for standing in standings] == [False, False, False, True, True]
    assert all(standing.limit == 3 and 1 <= standing.reset_seconds <= 60 for standing in standings)


def test_everybody_is_counted_apart() -> None:
    counter = RateCounter(redis=None)
    counter.count("one", limit=1)
    assert not counter.count("other", limit=1).is_exceeded


async def test_processes_that_share_a_redis_count_together(redis_url: str) -> None:
    async with counter_in(redis_url) as one, counter_in(redis_url) as other:
        async with asyncio.timeout(10):
            # Each asks once in a while; together they come to the limit before either would alone.
            counted = 0
            while not one.count("both", limit=10).is_exceeded:
                other.count("both", limit=10)
                counted += 1
                await asyncio.sleep(2 * TOLD_EVERY_SECONDS)
        assert counted <= 2 * 6  # twice where a minute turned between


async def test_without_its_redis_a_process_counts_by_itself(free_port: int, tmp_path: Path) -> None:
    with RedisProcess(port=free_port, folder=tmp_path) as redis:
        async with counter_in(redis.url) as counter:
            redis.stop()
            assert [standing.remaining for standing in count(counter, 3, limit=2)] == [1, 0, -1]
            await asyncio.sleep(2 * TOLD_EVERY_SECONDS)
            redis.start()
            assert not counter.count("other", limit=2).is_exceeded
