"""An import in a process of its own: the one that answers requests neither waits for it nor holds its memory."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from typing import Final

import msgspec

from service.importing.messages import Imported, ImportOrder, Message, NotImported, Progressed
from service.inventory.errors import InventoryUnavailable
from service.inventory.importers.download import DownloadRules
from service.inventory.importers.errors import ImportRefusal
from service.inventory.importers.importing import ImportRequest
from service.inventory.importers.summary import ImportSummary
from service.settings import Settings

MAX_SECONDS: Final = 1800.0
"""How long an import may take; the largest known takes a minute."""

_MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024

Progress = Callable[[Progressed], None]


class ImportDied(Exception):
    """The process that imports ended before it had said how it went; the inventory is as it was."""


async def run_import_apart(
    settings: Settings,
    request: ImportRequest,
    *,
    actor: str = "command line",
    job_id: int | None = None,
    rules: DownloadRules | None = None,
    progress: Progress = lambda _: None,
    max_seconds: float = MAX_SECONDS,
) -> ImportSummary:
    """Do what `run_import` does, in a process of its own, and return the report's summary.

    `actor` is who the audit trail says imported it, `job_id` the upload that is noted to be done with the import.
    Downloads are by `rules`, by default those of the settings.
    Who gives up waiting ends the process, and with it the import.

    Raises:
        ImportRefusal: the source cannot be imported.
        ImportDied: the process was killed, or took longer than `max_seconds`.
        InventoryUnavailable: the database cannot be used.
    """
    order = ImportOrder(
        database_url=settings.database_url.render_as_string(hide_password=False),
        request=request,
        actor=actor,
        job_id=job_id,
        rules=rules or DownloadRules(private_networks=tuple(map(str, settings.import_private_networks))),
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.importing.child", stdin=PIPE, stdout=PIPE, limit=_MAX_MESSAGE_BYTES
    )
    try:
        async with asyncio.timeout(max_seconds):
            return await _listen(process, order, progress)
    except TimeoutError as error:
        raise ImportDied(f"The import took longer than {max_seconds:g} seconds and was ended.") from error
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _listen(process: Process, order: ImportOrder, progress: Progress) -> ImportSummary:
    orders, messages = process.stdin, process.stdout
    if orders is None or messages is None:
        raise AssertionError
    orders.write(msgspec.json.encode(order) + b"\n")
    outcome: Imported | NotImported | None = None
    async for line in messages:
        message = msgspec.json.decode(line, type=Message)
        if isinstance(message, Progressed):
            progress(message)
        else:
            outcome = message
    status = await process.wait()
    if isinstance(outcome, Imported):
        return outcome.summary
    if outcome is None:
        raise ImportDied(f"The process that imports ended with status {status}; nothing was imported.")
    raise ImportRefusal(outcome.message) if outcome.is_refusal else InventoryUnavailable(outcome.message)
