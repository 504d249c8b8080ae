"""SAQ on a real Redis: each turn goes to one worker, and a Redis that dies is waited for."""

import asyncio
from pathlib import Path

import pytest

from service.refreshing.queue import RefreshQueue
from tests.redis_process import RedisProcess

# SAQ calls it, and it works: redis-py says so since 2.6.12.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")
EVERY_SECOND = "* * * * * *"
TURNS = 4


async def test_each_turn_is_given_to_one_of_the_workers(redis_url: str) -> None:
    taken: list[int] = []
    enough = asyncio.Event()

    def make(number: int) -> RefreshQueue:
        async def refresh_due() -> None:
            taken.append(number)
            if len(taken) == TURNS:
                enough.set()

        return RefreshQueue(redis_url, refresh_due, cron=EVERY_SECOND)

    queues = [make(number) for number in range(3)]
    for queue in queues:
        queue.start()
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(60):
        await enough.wait()
    # Three workers that each took every turn would have been done in half of that.
    assert asyncio.get_running_loop().time() - began > TURNS - 2
    for queue in queues:
        await queue.close()


async def test_a_redis_that_dies_is_waited_for(free_port: int, tmp_path: Path) -> None:
    taken = asyncio.Event()

    async def refresh_due() -> None:
        taken.set()

    with RedisProcess(port=free_port, folder=tmp_path) as redis:
        queue = RefreshQueue(redis.url, refresh_due, cron=EVERY_SECOND)
        queue.start()
        async with asyncio.timeout(60):
            await taken.wait()
        redis.stop()
        await asyncio.sleep(1)
        taken.clear()
        redis.start()
        async with asyncio.timeout(60):
            await taken.wait()
        redis.stop()
        await queue.close()
