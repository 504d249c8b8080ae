from __future__ import annotations

from bots.settings import Secret
from bots.states import KEPT_SECONDS, MOST_KEPT, States


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_what_is_kept_runs_out() -> None:
    clock = Clock()
    states = States(clock=clock)
    key = await states.keep("a long request")

    clock.seconds = KEPT_SECONDS - 1
    assert await states.recall(key) == "a long request"
    clock.seconds = KEPT_SECONDS + 1
    assert await states.recall(key) is None


async def test_the_same_request_has_the_same_key() -> None:
    states = States()

    assert await states.keep("one") == await states.keep("one")
    assert await states.keep("one") != await states.keep("two")


async def test_the_oldest_make_room() -> None:
    states = States()
    keys = [await states.keep(str(number)) for number in range(MOST_KEPT + 1)]

    assert await states.recall(keys[0]) is None
    assert await states.recall(keys[1]) == "1"


async def test_another_process_finds_it_in_redis(redis_url: str) -> None:
    first, second = States(Secret(redis_url)), States(Secret(redis_url))
    key = await first.keep("a long request")

    assert await second.recall(key) == "a long request"
    assert await second.recall("0" * 20) is None
    await first.aclose()
    await second.aclose()


async def test_a_redis_that_is_gone_is_done_without(free_port: int) -> None:
    states = States(Secret(f"redis://127.0.0.1:{free_port}/0"))
    key = await states.keep("a long request")

    assert await states.recall(key) == "a long request"
    assert await states.recall("0" * 20) is None
    await states.aclose()
