"""Bring the database's tables to the version that this program knows, and compare the two."""

import asyncio
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

import service
from service.inventory.database import Database, said_in_our_words
from service.inventory.engine import SQLITE_BEGIN
from service.inventory.errors import MigrationMismatch
from service.inventory.schema import METADATA
from service.settings import read_settings

# The folder lies beside the package, in a checkout as in an installed program.
MIGRATIONS_FOLDER: Final = Path(service.__path__[0]).parent / "migrations"
# Any number, the same in every release: who holds it migrates.
_ADVISORY_LOCK: Final = 7_214_331_095
_TURN_TIMEOUT: Final = "25s"
_LOCK_TIMEOUT: Final = "4s"
_STATEMENT_TIMEOUT: Final = "25s"
_MAX_DIFFERENCES: Final = 5
_WAL_ATTEMPTS: Final = 100
_WAL_PAUSE_SECONDS: Final = 0.05


async def upgrade(database: Database, *, to: str = "head") -> None:
    """Bring the tables up to the migration `to`; where they are already, nothing happens.

    Several programs may do so at the same time: one migrates, the others wait for it.

    Raises:
        InventoryUnavailable: the database cannot be reached, or another program holds it too long.
        MigrationMismatch: the tables were made by a newer version of this program.
    """
    await _migrate(database, lambda config: command.upgrade(config, to))


async def is_up_to_date(database: Database) -> bool:
    """Return whether the tables are those of the newest migration; nothing is changed and nobody waited for.

    Raises:
        InventoryUnavailable: the database cannot be reached.
    """
    with said_in_our_words(database.url):
        async with database.engine.connect() as connection:
            here = await connection.run_sync(_read_heads)
    return here == set(ScriptDirectory(str(MIGRATIONS_FOLDER)).get_heads())


async def downgrade(database: Database, *, to: str = "base") -> None:
    """Take the tables back to the migration `to`; what the later ones added is lost.

    Raises:
        InventoryUnavailable: the database cannot be reached.
    """
    await _migrate(database, lambda config: command.downgrade(config, to))


async def check(database: Database) -> None:
    """Let a database pass whose tables are those that this program knows; nothing is changed.

    Raises:
        InventoryUnavailable: the database cannot be reached.
        MigrationMismatch: tables are missing, too many or different.
    """
    with said_in_our_words(database.url):
        async with database.engine.connect() as connection:
            differences = await connection.run_sync(_compare)
    if differences:
        shown = "; ".join(str(difference) for difference in differences[:_MAX_DIFFERENCES])
        raise MigrationMismatch(f"Tables and migrations differ in {len(differences)} places: {shown}")


async def check_fresh() -> None:
    """Let the migrations pass if, run on an empty SQLite file, they make the tables that this program knows.

    Raises:
        MigrationMismatch: they make others.
    """
    with TemporaryDirectory(prefix="r1plan-") as folder:
        url = URL.create("sqlite+aiosqlite", database=str(Path(folder) / "check.sqlite3"))
        database = Database(read_settings({"R1PLAN_DATABASE_URL": url.render_as_string()}))
        try:
            await upgrade(database)
            await check(database)
        finally:
            await database.close()


async def _use_write_ahead_log(database: Database) -> None:
    """Let readers of the SQLite file go on while one program writes; the file remembers it."""
    for _ in range(_WAL_ATTEMPTS):
        try:
            async with database.engine.connect() as connection:
                await connection.execution_options(**{SQLITE_BEGIN: "NOTHING"})
                await connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            # Another program is doing the same, and this one switch does not wait as other statements do.
            if "locked" not in str(error.orig):
                raise
            await asyncio.sleep(_WAL_PAUSE_SECONDS)
        else:
            return


def _read_heads(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _compare(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    scripts = ScriptDirectory(str(MIGRATIONS_FOLDER))
    here, newest = _read_heads(connection), set(scripts.get_heads())
    if here != newest:
        return [f"the database is at migration {', '.join(sorted(here)) or 'none'}, not at {', '.join(sorted(newest))}"]
    return compare_metadata(context, METADATA)


async def _migrate(database: Database, run: Callable[[Config], None]) -> None:
    with said_in_our_words(database.url):
        if database.is_sqlite:
            await _use_write_ahead_log(database)
        async with database.engine.connect() as connection:
            # One program migrates at a time: on SQLite the others wait for the transaction, on PostgreSQL for the lock.
            await connection.execution_options(**{SQLITE_BEGIN: "IMMEDIATE"})
            async with connection.begin():
                if not database.is_sqlite:
                    await _wait_for_turn(connection)
                try:
                    await connection.run_sync(_run, run)
                except CommandError as error:
                    raise MigrationMismatch(
                        f"The inventory's tables cannot be migrated: {error}. A newer r1plan may have made them."
                    ) from error


async def _wait_for_turn(connection: AsyncConnection) -> None:
    for statement in (
        f"SET LOCAL lock_timeout = '{_TURN_TIMEOUT}'",
        f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})",
        # A migration that waits for a table keeps all that come after it waiting too: better to fail and be run again.
        f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'",
        f"SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT}'",
    ):
        await connection.exec_driver_sql(statement)


def _run(connection: Connection, run: Callable[[Config], None]) -> None:
    config = Config(stdout=StringIO())
    # ConfigParser would read a percent sign in a path as its own.
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    run(config)
