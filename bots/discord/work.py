"""Answers that are under way: counted and timed; a bot that is told to stop begins none, and finishes these first."""

import asyncio
import contextlib
import time
from collections.abc import Generator
from typing import Literal, TypeAlias

from bots.metrics import Metrics

Kind: TypeAlias = Literal["command", "press", "message"]


class Work:
    """A count of answers under way."""

    def __init__(self, metrics: Metrics) -> None:
        """Begin with nothing under way; each answer is told to `metrics`."""
        self._metrics = metrics
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.is_closed = False

    def close(self) -> None:
        """Begin no answer any more."""
        self.is_closed = True

    @contextlib.contextmanager
    def under_way(self, kind: Kind) -> Generator[None, None, None]:
        """Count one answer as under way inside the block."""
        began, outcome = time.monotonic(), "failed"
        try:
            with self.busy():
                yield
            outcome = "ok"
        finally:
            self._metrics.count_answer(kind, seconds=time.monotonic() - began, outcome=outcome)

    @contextlib.contextmanager
    def busy(self) -> Generator[None, None, None]:
        """Have the bot stay until the block has ended."""
        self._count += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._count -= 1
            if self._count == 0:
                self._idle.set()

    async def finish(self, *, within_seconds: float) -> bool:
        """Wait until nothing is under way, and tell whether that came to pass in time."""
        try:
            async with asyncio.timeout(within_seconds):
                # who woke this up may have begun something else meanwhile: to tell that it failed
                while self._count:
                    await self._idle.wait()
        except TimeoutError:
            return False
        return True
