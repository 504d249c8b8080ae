"""The use case: read the sources that are due, and note how each went; one that fails leaves the inventory alone."""

import datetime as dt
import logging
from contextlib import suppress

from service.importing.process import ImportDied, run_import_apart
from service.inventory.database import Database
from service.inventory.errors import SourceNotFound
from service.inventory.import_turn import take_import_turn
from service.inventory.importers.download import DownloadRules
from service.inventory.importers.errors import ImportRefusal
from service.inventory.refresh_sources import find_due, get_source, note_failure, note_success, request_of
from service.inventory.refresh_tables import RefreshSourceRow
from service.settings import Settings

_AT_ONCE = dt.timedelta()
_log = logging.getLogger(__name__)


class Refreshing:
    """Reads sources; several processes may ask at the same moment, and one does it."""

    def __init__(self, database: Database, *, settings: Settings, rules: DownloadRules | None = None) -> None:
        """Read into `database`, which is that of `settings`; `rules` are for downloads."""
        self._database = database
        self._settings = settings
        self._rules = rules

    async def refresh_due(self, *, overdue: dt.timedelta = _AT_ONCE) -> int:
        """Read every source that has been due for at least `overdue`, and return how many were read.

        None are while another import is under way, in whichever process: they stay due.

        Raises:
            InventoryUnavailable: the database cannot be reached.
        """
        count = 0
        # Usually nothing is due, and that is found out without taking a turn from an upload.
        while await self._find_due(overdue) is not None:
            async with take_import_turn(self._database) as is_ours:
                # Looked for again: whoever had the turn before may have read it.
                source = await self._find_due(overdue) if is_ours else None
                if source is None:
                    break
                error = await self._refresh(source)
            if error is None:
                _log.info("refreshed source=%s", source.name)
            else:
                _log.warning("not refreshed source=%s reason=%s", source.name, error)
            count += 1
        return count

    async def refresh(self, name: str) -> bool:
        """Read one source now, whatever its schedule; return whether it was its turn, and no other import under way.

        Raises:
            SourceNotFound: no source has that name.
            InventoryUnavailable: the database cannot be reached.
        """
        async with self._database.read() as session:
            source = await get_source(session, name)
        async with take_import_turn(self._database) as is_ours:
            if is_ours:
                await self._refresh(source)
            return is_ours

    async def _find_due(self, overdue: dt.timedelta) -> RefreshSourceRow | None:
        async with self._database.read() as session:
            return await find_due(session, overdue=overdue)

    async def _refresh(self, source: RefreshSourceRow) -> str | None:
        """Read a source, note how it went, and return what was wrong, None where nothing was."""
        error: str | None = None
        result = ""
        try:
            result = str(
                await run_import_apart(
                    self._settings, request_of(source), actor=f"refresh:{source.name}", rules=self._rules
                )
            )
        except (ImportRefusal, ImportDied) as failure:
            error = str(failure)
        async with self._database.change() as session:
            # It may have been removed while it was read.
            with suppress(SourceNotFound):
                row = await get_source(session, source.name)
                if error is None:
                    note_success(row, result=result)
                else:
                    note_failure(row, error=error)
        return error
