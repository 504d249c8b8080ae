"""The door to the inventory's database: transactions, and errors said in the inventory's words."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import asyncpg
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from service.inventory.audit import ACTOR
from service.inventory.engine import SQLITE_BEGIN, create_engine
from service.inventory.errors import InventoryUnavailable
from service.settings import Settings, safe_url

_ASYNCPG_ERRORS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError)
_UNDEFINED_TABLE: Final = "42P01"
# Classes of PostgreSQL's SQLSTATE that speak of the server, not of a statement: connection (08), a standby that cannot
# be written (25006), who may come in (28), no such database (3D), try again (40), out of room (53), locked (55P03),
# shutting down (57), a broken disk (58).
_UNUSABLE_STATES: Final = ("08", "25006", "28", "3D", "40", "53", "55P03", "57", "58")
_MAX_REASON_LENGTH: Final = 200
# How long a change waits for those before it in this process.
_TURN_SECONDS: Final = 30


class Database:
    """The inventory's database; closes with `close`."""

    def __init__(self, settings: Settings) -> None:
        """Name the database of `settings`; it is opened at the first use.

        Raises:
            InventoryUnavailable: the folder of the default SQLite file cannot be made.
        """
        self.url: URL = settings.database_url
        with said_in_our_words(self.url):
            self.engine: AsyncEngine = create_engine(settings)
        self._changing = asyncio.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is an SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession, None]:
        """Give a session whose queries all see the inventory of one moment; it commits nothing.

        Raises:
            InventoryUnavailable: the database cannot be reached, or has no tables.
        """
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with said_in_our_words(self.url):
            async with self.engine.connect() as connection:
                await connection.execution_options(**options)
                async with AsyncSession(connection, expire_on_commit=False) as session, session.begin():
                    yield session

    @asynccontextmanager
    async def change(self, *, actor: str = "command line") -> AsyncGenerator[AsyncSession, None]:
        """Give a session in a transaction that commits when the block ends, and rolls back when it raises.

        `actor` is who the audit trail says made the change.

        Raises:
            InventoryUnavailable: the database cannot be reached, has no tables, or is held too long by another writer.
        """
        with said_in_our_words(self.url):
            async with self._turn_to_change(), self.engine.connect() as connection:
                # On SQLite a transaction that reads before it writes could find that another one wrote between.
                await connection.execution_options(**{SQLITE_BEGIN: "IMMEDIATE"})
                info = {ACTOR: actor}
                async with AsyncSession(connection, expire_on_commit=False, info=info) as session, session.begin():
                    yield session

    @asynccontextmanager
    async def _turn_to_change(self) -> AsyncGenerator[None, None]:
        """Let one change of this process at a time go on, in the order they came.

        The database lets one write at a time anyway; but who waits for it there holds a connection that others need to
        read, and waits with no order and with less patience.
        """
        try:
            await asyncio.wait_for(self._changing.acquire(), _TURN_SECONDS)
        except TimeoutError as error:
            raise unavailable(self.url, TimeoutError("another change takes too long")) from error
        try:
            yield
        finally:
            self._changing.release()

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


@contextmanager
def said_in_our_words(url: URL) -> Generator[None, None, None]:
    """Turn what drivers raise about a database that cannot be used into InventoryUnavailable."""
    try:
        yield
    except (OperationalError, InterfaceError, OSError, PoolTimeoutError, *_ASYNCPG_ERRORS) as error:
        raise unavailable(url, error) from error
    except DBAPIError as error:
        if not (error.connection_invalidated or _is_about_the_database(error)):
            raise
        raise unavailable(url, error) from error


def _is_about_the_database(error: DBAPIError) -> bool:
    state = _sqlstate(error)
    if state is None:
        # SQLite: a bare DatabaseError is a file that is no database, or a broken one.
        return type(error) is DatabaseError
    return state == _UNDEFINED_TABLE or state.startswith(_UNUSABLE_STATES)


def _sqlstate(error: BaseException) -> str | None:
    return getattr(_cause(error), "sqlstate", None)


def _cause(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def unavailable(url: URL, error: BaseException) -> InventoryUnavailable:
    """Return the error that says in one line, without a password, that the database at `url` cannot be used."""
    cause = _cause(error)
    reason = " ".join(str(cause).split())
    if url.password:
        reason = reason.replace(url.password, "***")
    if "no such table" in reason or _sqlstate(error) == _UNDEFINED_TABLE:
        reason = "it has no inventory tables yet (r1plan db upgrade makes them)"
    reason = reason[:_MAX_REASON_LENGTH] or type(cause).__name__
    return InventoryUnavailable(f"The inventory database {safe_url(url)} cannot be used: {reason}.")
