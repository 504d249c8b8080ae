"""Answers that are under way, so that a bot that is told to stop finishes them first."""

import asyncio
import contextlib
from collections.abc import Generator


class Work:
    """A count of answers under way."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextlib.contextmanager
    def under_way(self) -> Generator[None, None, None]:
        """Count one answer as under way inside the block."""
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
                await self._idle.wait()
        except TimeoutError:
            return False
        return True
