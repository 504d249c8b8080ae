"""What goes on beside the answers goes on after a slip, and ends when told."""

import asyncio
import logging

import pytest

from service.inventory.errors import InventoryUnavailable
from service.repeating import Repeating


class Work:
    """Fails the first times, in the ways given, and counts how often it was done."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.done = 0
        self.succeeded = asyncio.Event()

    async def do(self) -> None:
        self.done += 1
        if self.failures:
            raise self.failures.pop(0)
        self.succeeded.set()


async def _run_until_it_succeeds(work: Work) -> None:
    repeating = Repeating(work.do, every_seconds=0.01, name="count of sheep")
    repeating.start()
    async with asyncio.timeout(60):
        await work.succeeded.wait()
    await repeating.close()
    done = work.done
    await asyncio.sleep(0.05)
    assert work.done == done


async def test_a_database_that_is_away_is_told_once_and_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(*(InventoryUnavailable("away") for _ in range(3)))
    await _run_until_it_succeeds(work)
    assert [record.getMessage() for record in caplog.records] == ["no count of sheep reason=away"]


async def test_a_slip_is_logged_with_its_traceback_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    await _run_until_it_succeeds(Work(ValueError("a slip")))
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "no count of sheep")
    assert record.exc_info is not None


async def test_what_never_began_can_be_ended() -> None:
    await Repeating(Work().do, every_seconds=60, name="nothing").close()
