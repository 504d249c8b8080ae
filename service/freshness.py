"""The inventory's revision, read so cheaply that every request can ask for it.

A cached answer may be given only while the revision it was made from is the newest one committed, by whichever process;
so the question is asked anew for every request, and no notification that could come late is trusted instead.
"""

import asyncio
import sqlite3
import urllib.parse
from collections.abc import Sequence
from typing import Any, Final, Protocol, cast

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy.ext.asyncio import AsyncConnection

from service.inventory.database import Database, said_in_our_words, unavailable
from service.inventory.errors import InventoryUnavailable
from service.inventory.repository import Revision

READ_TIMEOUT_SECONDS: Final = 3.0
_SELECT: Final = "SELECT inventory_id, revision FROM inventory_revision"
_BUSY_PAUSE_SECONDS: Final = 0.01


class RevisionReader(Protocol):
    """Says which revision of the inventory is the newest."""

    async def read(self) -> Revision:
        """Return the newest revision committed before this call; raises InventoryUnavailable."""
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...


def make_revision_reader(database: Database) -> RevisionReader:
    """Return the reader for the kind of `database`; nothing is opened before the first read."""
    return SqliteRevisionReader(database) if database.is_sqlite else PostgresqlRevisionReader(database)


class SqliteRevisionReader:
    """Reads an SQLite file on a connection of its own, on the event loop.

    The query takes some five microseconds there; handing it to a thread would take twenty times that.
    """

    def __init__(self, database: Database) -> None:
        """Name the file of `database`."""
        self._database = database
        self._connection: sqlite3.Connection | None = None

    async def read(self) -> Revision:
        """Return the newest revision committed before this call; raises InventoryUnavailable."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READ_TIMEOUT_SECONDS
        while True:
            try:
                return self._read()
            except sqlite3.DatabaseError as error:
                # Outside WAL mode a commit keeps readers out for a moment; that is waited for, but not on this thread.
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or loop.time() > deadline:
                    await self.close()
                    raise unavailable(self._database.url, error) from error
            await asyncio.sleep(_BUSY_PAUSE_SECONDS)

    def _read(self) -> Revision:
        if self._connection is None:
            # mode=rw: a file that has gone away is an error here, not a new empty database.
            uri = f"file:{urllib.parse.quote(self._database.url.database or '')}?mode=rw"
            self._connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
        return _to_revision(self._connection.execute(_SELECT).fetchone())

    async def close(self) -> None:
        """Close the connection; the next read opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresqlRevisionReader:
    """Reads PostgreSQL with one prepared query on a connection of its own, never two at once.

    Requests that arrive while a query is on its way share the next one: that one starts after all of them, so it sees
    whatever had been committed before they came.
    """

    def __init__(self, database: Database) -> None:
        """Name the database; nothing is opened yet."""
        self._database = database
        self._connection: AsyncConnection | None = None
        self._statement: PreparedStatement | None = None
        self._next: asyncio.Future[Revision] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def read(self) -> Revision:
        """Return the newest revision committed before this call; raises InventoryUnavailable."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            # Where every caller has given up nobody else would look at the exception.
            self._next.add_done_callback(_look_at)
        wanted = self._next
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_until_nobody_waits(), name="revision reader")
        return await asyncio.shield(wanted)

    async def close(self) -> None:
        """Wait for the query on its way and close the connection."""
        if self._reading is not None:
            await self._reading
        await self._disconnect()

    async def _read_until_nobody_waits(self) -> None:
        try:
            while (wanted := self._next) is not None:
                self._next = None
                try:
                    wanted.set_result(await self._query())
                except InventoryUnavailable as error:
                    wanted.set_exception(error)
                finally:
                    if not wanted.done():
                        wanted.set_exception(InventoryUnavailable("Reading the inventory's revision was interrupted."))
        finally:
            self._reading = None

    async def _query(self) -> Revision:
        try:
            with said_in_our_words(self._database.url):
                async with asyncio.timeout(READ_TIMEOUT_SECONDS):
                    statement = self._statement or await self._connect()
                    return _to_revision(cast("Sequence[Any] | None", await statement.fetchrow()))
        except InventoryUnavailable:
            await self._disconnect()
            raise

    async def _connect(self) -> PreparedStatement:
        await self._disconnect()
        self._connection = await self._database.engine.connect()
        # Through SQLAlchemy such a query costs five times what the driver takes for it.
        driver = cast("asyncpg.Connection", (await self._connection.get_raw_connection()).driver_connection)
        self._statement = await driver.prepare(_SELECT)
        return self._statement

    async def _disconnect(self) -> None:
        self._statement = None
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()


def _look_at(future: asyncio.Future[Revision]) -> None:
    if not future.cancelled():
        future.exception()


def _to_revision(row: Sequence[Any] | None) -> Revision:
    if row is None:
        raise InventoryUnavailable("The inventory database holds no inventory yet (r1plan db upgrade makes one).")
    return Revision(inventory_id=row[0], revision=row[1])
