"""Copies of the inventory, and the way back: whole, checked, and while others go on reading and writing.

An SQLite file is copied by SQLite's own online backup. PostgreSQL has pg_dump and pg_restore, which need no help but
one: `renew_identity` after a restore.
"""

import sqlite3
import urllib.parse
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import update
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.database import Database, unavailable
from service.inventory.engine import BUSY_TIMEOUT_SECONDS
from service.inventory.errors import InvalidBackup
from service.inventory.migrate import upgrade
from service.inventory.tables import InventoryRevision
from service.settings import read_settings

# Who has a copy has the hashes of all keys and the whole audit trail.
_FOR_THE_OWNER_ONLY: Final = 0o600


async def renew_identity(session: AsyncSession) -> None:
    """Make this another inventory than the one that it was copied from.

    A restored inventory counts its revisions on from an earlier one. Answers that were kept under the revisions between
    would pass for answers from now if it were still the same inventory.
    """
    await session.execute(update(InventoryRevision).values(inventory_id=uuid.uuid4().hex))


def back_up(database: Database, target: Path) -> None:
    """Copy the SQLite inventory as it is at this moment into the new file `target`, which is whole or not there.

    Raises:
        InvalidBackup: the database is PostgreSQL, or `target` is there already or cannot be written.
        InventoryUnavailable: the database cannot be read.
    """
    source = _file_of(database, otherwise="pg_dump --format=custom --file=FILE postgresql://USER@HOST/NAME copies it")
    if target.exists():
        raise InvalidBackup(f"{target} is there already, and a backup overwrites nothing; name another file.")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(_FOR_THE_OWNER_ONLY)
        _copy(source, part, of=database)
        part.rename(target)
    except OSError as error:
        raise InvalidBackup(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


async def restore(database: Database, source: Path) -> None:
    """Put the inventory of the backup `source` in the place of the SQLite inventory of `database`.

    All is done on a copy first, so that a backup that is broken or too new leaves everything as it was. Whoever reads
    meanwhile sees the old inventory or the new one.

    Raises:
        InvalidBackup: the database is PostgreSQL, or `source` is no whole inventory.
        MigrationMismatch: a newer version of this program made `source`.
        InventoryUnavailable: the database cannot be written.
    """
    target = _file_of(database, otherwise="pg_restore puts a dump back")
    with TemporaryDirectory(prefix="r1plan-") as folder:
        draft = Path(folder) / "restored.sqlite3"
        _take_out(source, draft)
        await _prepare(draft)
        _copy(draft, target, of=database)


def _file_of(database: Database, *, otherwise: str) -> Path:
    if not database.is_sqlite:
        raise InvalidBackup(f"The inventory is a PostgreSQL database: {otherwise}. See docs/operations.md.")
    return Path(database.url.database or "")


def _take_out(source: Path, draft: Path) -> None:
    try:
        # A backup may lie where nothing can be written, and SQLite opens a file there only if it counts as unchanging.
        with _open(source, "ro&immutable=1") as backup, _open(draft, "rwc") as copy:
            damage = [row[0] for row in backup.execute("PRAGMA integrity_check")]
            backup.execute("SELECT revision FROM inventory_revision")
            backup.backup(copy)
    except sqlite3.Error as error:
        raise InvalidBackup(f"{source} is no backup of an inventory: {error}.") from error
    if damage != ["ok"]:
        raise InvalidBackup(f"{source} is a damaged backup: {damage[0]}.")


async def _prepare(draft: Path) -> None:
    url = URL.create("sqlite+aiosqlite", database=str(draft))
    database = Database(read_settings({"R1PLAN_DATABASE_URL": url.render_as_string(hide_password=False)}))
    try:
        await upgrade(database)
        async with database.change() as session:
            await renew_identity(session)
    finally:
        await database.close()


def _copy(source: Path, target: Path, *, of: Database) -> None:
    try:
        with _open(source, "ro") as one, _open(target, "rwc") as other:
            one.backup(other)
    except sqlite3.Error as error:
        raise unavailable(of.url, error) from error


@contextmanager
def _open(path: Path, mode: str) -> Generator[sqlite3.Connection]:
    uri = f"file:{urllib.parse.quote(str(path))}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_SECONDS)
    try:
        yield connection
    finally:
        connection.close()
