"""The connection to the database: SQLite in one file, or PostgreSQL."""

import inspect
import sqlite3
from typing import Final

import asyncpg
import msgspec
from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from service.inventory.errors import InventoryUnavailable
from service.settings import Settings, default_database_path

# A database that does not answer must become an error while the caller still waits for it.
CONNECT_TIMEOUT_SECONDS: Final = 3
COMMAND_TIMEOUT_SECONDS: Final = 30
# How long a writer on SQLite waits for the one before it.
BUSY_TIMEOUT_SECONDS: Final = 10
# Execution option of a connection: how a transaction begins on SQLite. IMMEDIATE waits for its turn to write at once,
# NOTHING begins none, for the few statements that must stand outside one.
SQLITE_BEGIN: Final = "r1plan_sqlite_begin"
# What may follow the ? of a PostgreSQL address: asyncpg's own words, and the one of SQLAlchemy's that is text.
_POSTGRESQL_OPTIONS: Final = {
    *inspect.signature(asyncpg.connect).parameters,  # pyright: ignore[reportUnknownArgumentType]  (asyncpg has no types)
    "prepared_statement_cache_size",
}


def create_engine(settings: Settings) -> AsyncEngine:
    """Return an engine for the settings' database; nothing is opened yet.

    The folder of the default SQLite file is made; any other must be there.

    Raises:
        InventoryUnavailable: the address of a PostgreSQL database has an option that there is not.
    """
    url = settings.database_url
    if url.get_backend_name() == "sqlite":
        if url.database == str(default_database_path()):
            default_database_path().parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            url,
            connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
            json_serializer=_to_json,
            json_deserializer=msgspec.json.decode,
        )
        event.listen(engine.sync_engine, "do_connect", _try_to_open_sqlite)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    unknown = sorted(set(url.query) - _POSTGRESQL_OPTIONS)
    if unknown:
        raise InventoryUnavailable(
            f"The inventory database's address has the option {unknown[0][:40]!r}, which asyncpg does not know;"
            f" allowed are those of its connect, such as ?ssl=require."
        )
    return create_async_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_timeout=CONNECT_TIMEOUT_SECONDS,
        pool_recycle=1800,
        # A connection that the server has closed meanwhile is replaced before it is used.
        pool_pre_ping=True,
        connect_args={
            "timeout": CONNECT_TIMEOUT_SECONDS,
            "command_timeout": COMMAND_TIMEOUT_SECONDS,
            "server_settings": {"application_name": "r1plan"},
        },
        json_serializer=_to_json,
        json_deserializer=msgspec.json.decode,
    )


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _try_to_open_sqlite(
    _dialect: Dialect, _record: ConnectionPoolEntry, arguments: list[str], _options: dict[str, object]
) -> None:
    # Where aiosqlite cannot open a file, it leaves its thread to end by itself; a program that ends on the error closes
    # its event loop under that thread, and a traceback stands beside the one line that says what was wrong.
    sqlite3.connect(arguments[0]).close()


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Python's driver would begin transactions late and leave table definitions outside them: `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # In WAL mode (set once, by the migrations) a power cut may lose the last commit, never the file.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get(SQLITE_BEGIN, "DEFERRED")
    if mode == "NOTHING":
        return
    connection.exec_driver_sql(f"BEGIN {mode}")
