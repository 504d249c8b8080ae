"""The shared half of the answer cache over a real Redis, and without it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from service.redis_answers import RedisAnswers
from service.redis_connection import TIMEOUT_SECONDS, RedisConnection
from tests.redis_process import RedisProcess


class Errors:
    """Counts what goes wrong."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@asynccontextmanager
async def answers_in(url: str, *, errors: Errors | None = None) -> AsyncGenerator[RedisAnswers]:
    redis = RedisConnection(url, on_error=errors or Errors())
    await redis.open()
    yield RedisAnswers(redis)
    await redis.close()


async def wait_until_up(answers: RedisAnswers, *, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not answers.is_up:  # noqa: ASYNC110 - nothing tells, by design: requests only see the state
            await asyncio.sleep(0.02)


async def test_one_process_reads_what_another_wrote(redis_url: str) -> None:
    errors = Errors()
    async with answers_in(redis_url, errors=errors) as one, answers_in(redis_url, errors=errors) as other:
        await one.put("key", b"\x00\xff")

        assert await other.get("key") == b"\x00\xff"
        assert await other.get("other") is None
    assert errors.count == 0


async def test_answers_do_not_stay_for_ever(redis_url: str) -> None:
    async with answers_in(redis_url) as answers:
        await answers.put("key", b"{}")
    async with Redis.from_url(redis_url) as redis:
        keys = await redis.keys("r1plan:answer:*")
        seconds = await redis.ttl(keys[0])

    assert 0 < seconds <= 86_400


async def test_a_redis_that_is_not_there_is_a_cache_that_has_nothing(free_port: int) -> None:
    errors = Errors()
    async with answers_in(f"redis://127.0.0.1:{free_port}/0", errors=errors) as answers:
        assert not answers.is_up
        assert await answers.get("key") is None
        await answers.put("key", b"{}")
    assert errors.count == 1


async def test_while_redis_is_gone_requests_do_not_wait_for_it(free_port: int) -> None:
    async with answers_in(f"redis://127.0.0.1:{free_port}/0") as answers:
        start = time.perf_counter()
        for _ in range(1_000):
            await answers.get("key")

        assert time.perf_counter() - start < TIMEOUT_SECONDS


async def test_a_redis_that_comes_back_is_used_again(free_port: int, tmp_path: Path) -> None:
    with RedisProcess(port=free_port, folder=tmp_path) as redis:
        async with answers_in(redis.url) as answers:
            await answers.put("key", b"1")
            redis.stop()
            assert await answers.get("key") is None
            assert not answers.is_up
            redis.start()
            await wait_until_up(answers)
            await answers.put("key", b"2")

            assert await answers.get("key") == b"2"


async def test_a_redis_that_hangs_costs_one_short_wait(free_port: int, tmp_path: Path) -> None:
    with RedisProcess(port=free_port, folder=tmp_path) as redis:
        async with answers_in(redis.url) as answers:
            await answers.put("key", b"1")
            redis.freeze()
            start = time.perf_counter()
            assert await answers.get("key") is None
            assert await answers.get("key") is None
            waited = time.perf_counter() - start
            redis.thaw()
            await wait_until_up(answers)

            assert waited < 4 * TIMEOUT_SECONDS
            assert await answers.get("key") == b"1"


async def test_an_answer_that_redis_refuses_takes_it_out_of_use(redis_url: str) -> None:
    errors = Errors()
    async with answers_in(redis_url, errors=errors) as answers:
        async with Redis.from_url(redis_url) as redis:
            await redis.lpush("r1plan:answer:key", "a list is no answer")

        assert await answers.get("key") is None
        assert errors.count == 1
