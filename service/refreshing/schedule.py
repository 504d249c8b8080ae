"""The schedule: looks now and then whether a source is due, in every process, beside the answers."""

import asyncio
import contextlib
import datetime as dt
import logging
from typing import Final, Protocol

from service.inventory.errors import InventoryUnavailable

LOOK_SECONDS: Final = 15.0
_log = logging.getLogger(__name__)


class RefreshDue(Protocol):
    """Reads what has been due for at least `overdue`."""

    async def __call__(self, *, overdue: dt.timedelta) -> int:
        """Return how many sources were read."""
        ...


class Schedule:
    """Asks every `look_seconds` that what is overdue be read."""

    def __init__(self, refresh_due: RefreshDue, *, overdue: dt.timedelta, look_seconds: float = LOOK_SECONDS) -> None:
        """Begin with `start`; `overdue` is how long a source is left to a queue before it is read here."""
        self._refresh_due = refresh_due
        self._overdue = overdue
        self._look_seconds = look_seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look(), name="refresh schedule")

    async def close(self) -> None:
        """Stop looking; an import under way ends with nothing imported, and is due again."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            try:
                await self._refresh_due(overdue=self._overdue)
            except InventoryUnavailable as error:
                _log.warning("no source refreshed reason=%s", error)
            except Exception:  # noqa: BLE001 - or one slip would end the schedule for good, unseen
                _log.exception("no source refreshed")
