"""One import at a time, over all processes: a lock that the system lets go of when its holder dies."""

import fcntl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import text

from service.inventory.database import Database, said_in_our_words

# Any number, the same in every release.
_ADVISORY_LOCK: Final = 7_214_331_096


@asynccontextmanager
async def take_import_turn(database: Database) -> AsyncGenerator[bool, None]:
    """Give whether it is this caller's turn to import; if so, nobody else's until the block ends.

    On SQLite the lock is that of a file beside the database, on PostgreSQL one of the server's.

    Raises:
        InventoryUnavailable: the database cannot be reached.
    """
    async with _file_lock(database) if database.is_sqlite else _server_lock(database) as is_ours:
        yield is_ours


@asynccontextmanager
async def _file_lock(database: Database) -> AsyncGenerator[bool, None]:
    with said_in_our_words(database.url):
        file = Path(f"{database.url.database}-import").open("wb")  # noqa: ASYNC230, SIM115 - at once, and closed below
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@asynccontextmanager
async def _server_lock(database: Database) -> AsyncGenerator[bool, None]:
    with said_in_our_words(database.url):
        connection = await database.engine.connect()
    try:
        with said_in_our_words(database.url):
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            is_ours = await connection.scalar(text(f"SELECT pg_try_advisory_lock({_ADVISORY_LOCK})"))
        yield bool(is_ours)
    finally:
        # The lock lives as long as its connection, which may not go back to the pool with it.
        await connection.invalidate()
        await connection.close()
