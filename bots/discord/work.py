"""Answers that are under way: counted and timed; a bot that is told to stop begins none, and finishes these first."""

import asyncio
import contextlib
import time
from collections.abc import Generator
from typing import Literal, TypeAlias

import discord

from bots.metrics import Metrics
from bots.outcomes import Outcome

Kind: TypeAlias = Literal["command", "press", "message"]


class Job:
    """One answer under way; `outcome` is what it came to, unless it breaks off."""

    def __init__(self, kind: Kind, *, metrics: Metrics) -> None:
        """Begin now."""
        self._kind: Kind = kind
        self._metrics = metrics
        self._began = time.monotonic()
        self.outcome: Outcome = "ok"

    def note_first_answer(self) -> None:
        """Note that who asked sees something of the answer."""
        self._metrics.note_first_answer(self._kind, seconds=time.monotonic() - self._began)

    def end(self) -> None:
        """Count the answer."""
        self._metrics.count_answer(self._kind, seconds=time.monotonic() - self._began, outcome=self.outcome)


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
    def under_way(self, kind: Kind) -> Generator[Job, None, None]:
        """Count one answer as under way inside the block."""
        job = Job(kind, metrics=self._metrics)
        try:
            with self.busy():
                yield job
        except discord.HTTPException:
            job.outcome = "not_delivered"
            raise
        except BaseException:
            job.outcome = "failed"
            raise
        finally:
            job.end()

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
