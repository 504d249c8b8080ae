"""Lists of the API, asked for when they are first wanted and kept for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bots.client import PlannerError

KEPT_SECONDS = 600.0
RETRY_SECONDS = 5.0
# Discord waits 3 s for suggestions; what comes later is lost
PATIENCE_SECONDS = 1.5

_Item = TypeVar("_Item")


class Shelf(Generic[_Item]):
    """One list; an API that does not answer leaves the old one in place.

    `is_known` tells whether it was ever had. Who asks waits for `PATIENCE_SECONDS` at most; a load that takes longer
    goes on for whoever asks next.
    """

    def __init__(
        self, load: Callable[[], Awaitable[list[_Item]]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Get the list with `load`; `clock` gives seconds."""
        self._load = load
        self._clock = clock
        self._items: list[_Item] = []
        self.is_known = False
        self._fresh_until = float("-inf")
        self._loading: asyncio.Task[None] | None = None

    async def items(self) -> list[_Item]:
        """Return the list; empty where it could never be had."""
        if self._loading is None and self._clock() >= self._fresh_until:
            self._loading = asyncio.create_task(self._refresh())
        if self._loading is not None:
            await asyncio.wait({self._loading}, timeout=PATIENCE_SECONDS)
        return self._items

    async def _refresh(self) -> None:
        try:
            self._items = await self._load()
            self.is_known = True
            self._fresh_until = self._clock() + KEPT_SECONDS
        except PlannerError:
            self._fresh_until = self._clock() + RETRY_SECONDS
        finally:
            self._loading = None
