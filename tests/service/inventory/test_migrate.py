import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from service.inventory.database import Database
from service.inventory.errors import MigrationMismatch
from service.inventory.migrate import check, check_fresh, downgrade, upgrade
from service.inventory.tables import Table
from tests.service.inventory.conftest import open_database


async def _table_names(database: Database) -> set[str]:
    def read(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    async with database.engine.connect() as connection:
        return await connection.run_sync(read) - {"alembic_version"}


async def test_migrations_make_the_tables_that_the_program_knows(bare_database: Database) -> None:
    await upgrade(bare_database)
    assert await _table_names(bare_database) == set(Table.metadata.tables)
    await check(bare_database)


async def test_migrations_down_to_nothing_leave_no_table_and_up_again_all(bare_database: Database) -> None:
    await upgrade(bare_database)
    await downgrade(bare_database)
    assert await _table_names(bare_database) == set()
    await upgrade(bare_database)
    await check(bare_database)


async def test_an_upgrade_of_upgraded_tables_changes_nothing(empty_inventory: Database) -> None:
    async with empty_inventory.engine.connect() as connection:
        before = (await connection.execute(text("SELECT inventory_id FROM inventory_revision"))).scalar_one()
    await upgrade(empty_inventory)
    async with empty_inventory.engine.connect() as connection:
        after = (await connection.execute(text("SELECT inventory_id FROM inventory_revision"))).scalar_one()
    assert before == after


async def test_programs_that_migrate_at_the_same_time_all_succeed(database_url: str) -> None:
    databases = [open_database(database_url) for _ in range(6)]
    await asyncio.gather(*(upgrade(database) for database in databases))
    await check(databases[0])
    for database in databases:
        await database.close()


async def test_tables_that_somebody_has_altered_do_not_pass_the_check(empty_inventory: Database) -> None:
    async with empty_inventory.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE offers ADD COLUMN colour VARCHAR"))
    with pytest.raises(MigrationMismatch, match="colour"):
        await check(empty_inventory)


async def test_a_database_without_tables_does_not_pass_the_check(bare_database: Database) -> None:
    with pytest.raises(MigrationMismatch, match="none, not at"):
        await check(bare_database)


async def test_tables_of_a_newer_program_are_refused(empty_inventory: Database) -> None:
    async with empty_inventory.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MigrationMismatch, match="newer"):
        await upgrade(empty_inventory)


async def test_the_migrations_pass_the_check_on_a_fresh_file() -> None:
    await check_fresh()


async def test_an_sqlite_file_whose_path_holds_odd_characters_can_be_migrated(tmp_path: Path) -> None:
    folder = tmp_path / "100 % mine?"
    folder.mkdir()
    database = open_database(f"sqlite+aiosqlite:///{folder}/inventory.sqlite3".replace("?", "%3F"))
    await upgrade(database)
    await check(database)
    await database.close()
