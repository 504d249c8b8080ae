"""Copies of the inventory, and the way back."""

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest

from service.inventory.api_keys import create_key, load_keys
from service.inventory.backup import back_up, renew_identity, restore
from service.inventory.database import Database
from service.inventory.errors import InvalidBackup, InventoryUnavailable, MigrationMismatch
from service.inventory.migrate import check, downgrade
from service.inventory.repository import Revision, read_revision
from service.seed import prepare
from tests.service.inventory.conftest import open_database


async def add_key(database: Database, name: str) -> None:
    async with database.change() as session:
        await create_key(session, name, scope="read")


async def names_of_keys(database: Database) -> list[str]:
    async with database.read() as session:
        return [key.name for key in await load_keys(session)]


async def revision_of(database: Database) -> Revision:
    async with database.read() as session:
        return await read_revision(session)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
async def inventory(sqlite_url: str) -> Database:
    """Return a seeded SQLite inventory."""
    database = open_database(sqlite_url)
    await prepare(database)
    return database


async def test_a_backup_holds_what_was_there_and_a_restore_brings_it_back(inventory: Database, tmp_path: Path) -> None:
    await add_key(inventory, "before")
    before = await revision_of(inventory)
    back_up(inventory, tmp_path / "backup")
    await add_key(inventory, "after")
    await restore(inventory, tmp_path / "backup")

    assert await names_of_keys(inventory) == ["before"]
    assert (await revision_of(inventory)).revision == before.revision
    await check(inventory)
    await inventory.close()


async def test_a_restored_inventory_is_none_that_an_answer_was_kept_for(inventory: Database, tmp_path: Path) -> None:
    before = await revision_of(inventory)
    back_up(inventory, tmp_path / "backup")
    await restore(inventory, tmp_path / "backup")

    assert (await revision_of(inventory)).inventory_id != before.inventory_id
    await inventory.close()


async def test_a_database_that_was_put_back_otherwise_can_be_given_a_new_identity(empty_inventory: Database) -> None:
    before = await revision_of(empty_inventory)
    async with empty_inventory.change() as session:
        await renew_identity(session)
    after = await revision_of(empty_inventory)
    assert after.inventory_id != before.inventory_id
    assert after.revision == before.revision


async def test_a_backup_is_made_while_others_write(inventory: Database, tmp_path: Path) -> None:
    async with inventory.change() as session:
        await create_key(session, "not-committed", scope="read")
        await asyncio.to_thread(back_up, inventory, tmp_path / "backup")
    copy = open_database(f"sqlite+aiosqlite:///{tmp_path / 'backup'}")
    assert await names_of_keys(copy) == []
    assert await names_of_keys(inventory) == ["not-committed"]
    await copy.close()
    await inventory.close()


async def test_a_backup_is_for_its_owner_and_overwrites_nothing(inventory: Database, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    back_up(inventory, target)
    first = target.read_bytes()

    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidBackup, match="overwrites nothing"):
        back_up(inventory, target)
    assert target.read_bytes() == first
    with pytest.raises(InvalidBackup, match="cannot be written: No such file or directory"):
        back_up(inventory, tmp_path / "nowhere" / "backup")
    assert [name for name in names_in(tmp_path) if "backup" in name] == ["backup"]
    await inventory.close()


async def test_of_a_database_that_is_not_there_no_backup_is_left(tmp_path: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'none.sqlite3'}")
    with pytest.raises(InventoryUnavailable, match="unable to open"):
        back_up(database, tmp_path / "backup")
    assert names_in(tmp_path) == []


async def test_a_backup_of_an_older_version_is_brought_up_to_date(inventory: Database, tmp_path: Path) -> None:
    await downgrade(inventory, to="0004")
    back_up(inventory, tmp_path / "backup")
    await restore(inventory, tmp_path / "backup")

    await check(inventory)
    await inventory.close()


async def test_what_is_no_whole_inventory_is_refused_and_changes_nothing(inventory: Database, tmp_path: Path) -> None:
    back_up(inventory, tmp_path / "backup")
    text, other, cut, newer = (tmp_path / name for name in ("text", "other", "cut", "newer"))
    text.write_text("not a database at all, but long enough for one" * 100)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE something_else (id INTEGER)")
    cut.write_bytes((tmp_path / "backup").read_bytes()[:-8_192])
    shutil.copyfile(tmp_path / "backup", newer)
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    await add_key(inventory, "kept")
    before = await revision_of(inventory)

    for file in (text, other, cut):
        with pytest.raises(InvalidBackup, match=str(file)):
            await restore(inventory, file)
    with pytest.raises(MigrationMismatch, match="newer r1plan"):
        await restore(inventory, newer)
    assert await names_of_keys(inventory) == ["kept"]
    assert await revision_of(inventory) == before
    await inventory.close()


async def test_postgresql_is_told_of_its_own_tools(postgresql_url: str, tmp_path: Path) -> None:
    database = open_database(postgresql_url)
    with pytest.raises(InvalidBackup, match="pg_dump --format=custom"):
        back_up(database, tmp_path / "backup")
    with pytest.raises(InvalidBackup, match="pg_restore"):
        await restore(database, tmp_path / "backup")
    await database.close()
