"""Makes one import for another process: the order on standard input, messages by the line on standard output."""

import asyncio
import os
import sys
import threading
import time
from typing import BinaryIO, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from service.importing.messages import Imported, ImportOrder, Message, NotImported, Progressed
from service.inventory.database import Database
from service.inventory.errors import InventoryError, InventoryRefusal
from service.inventory.import_jobs import note_done
from service.inventory.importers.formats import FORMATS
from service.inventory.importers.importing import Keep, run_import
from service.inventory.importers.report import ImportReport
from service.inventory.importers.summary import summarize
from service.settings import read_settings

_PROGRESS_SECONDS: Final = 0.2
_ABANDONED_STATUS: Final = 1


async def carry_out(order: ImportOrder, messages: BinaryIO) -> None:
    """Make the import and write what happens to `messages`."""
    last = 0.0

    def report(step: str, done: int, total: int) -> None:
        nonlocal last
        moment = time.monotonic()
        if moment - last >= _PROGRESS_SECONDS or done == total:
            last = moment
            _send(messages, Progressed(step=step, done=done, total=total))

    # A format is known by its name: over the pipe came a copy.
    request = replace(order.request, format=FORMATS[order.request.format.name])
    database = Database(read_settings({"R1PLAN_DATABASE_URL": order.database_url}))
    try:
        made = await run_import(
            database, request, progress=report, rules=order.rules, actor=order.actor, keep=_keeper(order)
        )
        if request.is_dry_run and order.job_id is not None:
            async with database.change() as session:
                await note_done(session, order.job_id, summarize(made))
        _send(messages, Imported(summary=summarize(made)))
    except InventoryError as error:
        _send(messages, NotImported(message=str(error), is_refusal=isinstance(error, InventoryRefusal)))
    finally:
        await database.close()


def _keeper(order: ImportOrder) -> Keep | None:
    job_id = order.job_id
    if job_id is None:
        return None

    async def keep(session: AsyncSession, report: ImportReport) -> None:
        await note_done(session, job_id, summarize(report))

    return keep


def _send(messages: BinaryIO, message: Message) -> None:
    messages.write(msgspec.json.encode(message) + b"\n")
    messages.flush()


def _end_with_who_ordered() -> None:
    """End this process when the other end of the pipe is gone: nobody would hear how it went."""
    # Not through Python's own buffer: a thread that waits in it stands in the way of the end.
    os.read(sys.stdin.fileno(), 1)
    os._exit(_ABANDONED_STATUS)


def _main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=ImportOrder)
    threading.Thread(target=_end_with_who_ordered, daemon=True).start()
    asyncio.run(carry_out(order, sys.stdout.buffer))


if __name__ == "__main__":
    _main()
