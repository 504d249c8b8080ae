"""The answer cache: bounded, computed once, undisturbed by who gives up."""

import asyncio

import pytest

from service.cache import AnswerCache, make_entry


class Computation:
    """A computation that counts its calls, and waits where it is told to."""

    def __init__(self, body: bytes = b"{}", *, error: Exception | None = None) -> None:
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self._body = body
        self._error = error

    async def __call__(self) -> bytes:
        self.calls += 1
        await self.gate.wait()
        if self._error is not None:
            raise self._error
        return self._body


class SharedShelf:
    """A shared cache as another process left it."""

    def __init__(self, **kept: bytes) -> None:
        self.kept = kept
        self.is_up = True

    async def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    async def put(self, key: str, body: bytes) -> None:
        self.kept[key] = body


async def test_an_answer_is_computed_once_and_remembered() -> None:
    cache, computation = AnswerCache(), Computation(b"[1]")

    first = await cache.fetch("key", computation)
    second = await cache.fetch("key", computation)

    assert (first.source, second.source) == ("miss", "memory")
    assert first.entry == second.entry == make_entry(b"[1]")
    assert computation.calls == 1


async def test_equal_questions_at_one_moment_are_computed_once() -> None:
    cache, computation = AnswerCache(), Computation()
    computation.gate.clear()

    waiting = [asyncio.create_task(cache.fetch("key", computation)) for _ in range(20)]
    await asyncio.sleep(0)
    computation.gate.set()
    found = await asyncio.gather(*waiting)

    assert computation.calls == 1
    assert sorted(each.source for each in found) == ["coalesced"] * 19 + ["miss"]


async def test_the_others_get_their_answer_when_the_first_gives_up() -> None:
    cache, computation = AnswerCache(), Computation(b"[1]")
    computation.gate.clear()
    first = asyncio.create_task(cache.fetch("key", computation))
    await asyncio.sleep(0)
    second = asyncio.create_task(cache.fetch("key", computation))
    await asyncio.sleep(0)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    computation.gate.set()

    assert (await second).entry.body == b"[1]"
    assert computation.calls == 1


async def test_an_answer_that_nobody_waits_for_any_more_is_kept() -> None:
    cache, computation = AnswerCache(), Computation()
    computation.gate.clear()
    only = asyncio.create_task(cache.fetch("key", computation))
    await asyncio.sleep(0)
    only.cancel()
    computation.gate.set()
    await cache.close()

    assert cache.recall("key") is not None


async def test_a_failure_goes_to_all_who_wait_and_is_not_remembered() -> None:
    cache, failing = AnswerCache(), Computation(error=ValueError("no"))
    failing.gate.clear()
    waiting = [asyncio.create_task(cache.fetch("key", failing)) for _ in range(3)]
    await asyncio.sleep(0)
    failing.gate.set()

    assert [type(each) for each in await asyncio.gather(*waiting, return_exceptions=True)] == [ValueError] * 3
    assert (await cache.fetch("key", Computation(b"[2]"))).entry.body == b"[2]"


async def test_the_least_recently_used_answers_go_first_when_room_is_needed() -> None:
    size = make_entry(bytes(1_000)).size_bytes
    cache = AnswerCache(max_bytes=3 * size)
    for key in "abc":
        await cache.fetch(key, Computation(bytes(1_000)))
    cache.recall("a")
    await cache.fetch("d", Computation(bytes(1_000)))

    assert [key for key in "abcd" if cache.recall(key) is not None] == ["a", "c", "d"]
    assert cache.size_bytes == 3 * size


async def test_an_answer_larger_than_the_cache_is_given_and_not_kept() -> None:
    cache = AnswerCache(max_bytes=1_000)
    await cache.fetch("small", Computation(b"{}"))

    assert (await cache.fetch("large", Computation(bytes(5_000)))).entry.body == bytes(5_000)
    assert cache.recall("large") is None
    assert cache.recall("small") is not None


async def test_what_another_process_computed_is_taken_from_the_shared_cache() -> None:
    cache, computation = AnswerCache(shared=SharedShelf(key=b"[7]")), Computation()

    first = await cache.fetch("key", computation)
    second = await cache.fetch("key", computation)

    assert (first.source, second.source) == ("shared", "memory")
    assert first.entry.body == b"[7]"
    assert computation.calls == 0


async def test_what_is_computed_goes_into_the_shared_cache() -> None:
    shelf = SharedShelf()
    await AnswerCache(shared=shelf).fetch("key", Computation(b"[7]"))

    assert shelf.kept == {"key": b"[7]"}


async def test_the_cache_says_where_it_keeps_answers() -> None:
    shelf = SharedShelf()
    cache = AnswerCache(shared=shelf)

    assert AnswerCache().state == "in-process"
    assert cache.state == "redis"
    shelf.is_up = False
    assert cache.state == "redis unreachable, using in-process"


def test_equal_answers_carry_equal_tags_and_different_ones_different_tags() -> None:
    assert make_entry(b"a").etag == make_entry(b"a").etag != make_entry(b"b").etag
    assert make_entry(b"a").etag.startswith('"')
