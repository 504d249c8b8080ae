"""What goes on beside the answers, in every process: the same thing again and again, whatever comes of one time."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from service.inventory.errors import InventoryUnavailable

_log = logging.getLogger(__name__)


class Repeating:
    """Does one thing every `every_seconds`, the first time after as long; what it returns is of no interest."""

    def __init__(self, do: Callable[[], Awaitable[object]], *, every_seconds: float, name: str) -> None:
        """Begin with `start`; `name` is what the log calls it."""
        self._do = do
        self._every_seconds = every_seconds
        self._name = name
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._repeat(), name=self._name)

    async def close(self) -> None:
        """End, in the middle of one time too."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _repeat(self) -> None:
        is_told = False
        while True:
            await asyncio.sleep(self._every_seconds)
            try:
                await self._do()
                is_told = False
            except InventoryUnavailable as error:
                # A database that is away for an hour is one line, not thousands.
                if not is_told:
                    _log.warning("no %s reason=%s", self._name, error)
                is_told = True
            except Exception:  # noqa: BLE001 - or one slip would end it for good, unseen
                _log.exception("no %s", self._name)
