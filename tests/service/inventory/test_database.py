import asyncio
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text

from service.inventory.database import Database
from service.inventory.errors import InventoryUnavailable
from service.inventory.migrate import upgrade
from service.inventory.repository import read_revision
from service.seed import prepare
from service.settings import default_database_path, read_settings
from tests.service.inventory.conftest import open_database


async def _read(database: Database) -> None:
    try:
        async with database.read() as session:
            await read_revision(session)
    finally:
        await database.close()


@pytest.fixture
async def silent_port(free_port: int) -> AsyncGenerator[int, None]:
    """Give a port whose listener accepts and never answers."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", free_port):
        yield free_port


async def test_a_database_where_nobody_listens_is_unavailable_at_once(free_port: int) -> None:
    start = time.monotonic()
    with pytest.raises(InventoryUnavailable, match="cannot be used") as caught:
        await _read(open_database(f"postgresql+asyncpg://me:secret-word@127.0.0.1:{free_port}/inventory"))
    assert time.monotonic() - start < 3
    assert "secret-word" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_database_that_does_not_answer_is_unavailable_within_four_seconds(silent_port: int) -> None:
    start = time.monotonic()
    with pytest.raises(InventoryUnavailable):
        await _read(open_database(f"postgresql+asyncpg://me@127.0.0.1:{silent_port}/inventory"))
    assert time.monotonic() - start < 4


async def test_a_database_that_the_server_does_not_have_is_unavailable(postgresql_url: str) -> None:
    with pytest.raises(InventoryUnavailable, match="no_such"):
        await _read(open_database(postgresql_url + "_no_such"))


async def test_an_sqlite_file_in_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(InventoryUnavailable, match="unable to open"):
        await _read(open_database(f"sqlite+aiosqlite:///{tmp_path}/nowhere/inventory.sqlite3"))


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, only notes\n" * 100)
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/notes.txt")
    with pytest.raises(InventoryUnavailable, match="not a database"):
        await upgrade(database)
    await database.close()


async def test_a_database_without_tables_says_how_to_make_them(bare_database: Database) -> None:
    with pytest.raises(InventoryUnavailable, match="r1plan db upgrade"):
        await _read(bare_database)


async def test_a_reader_is_not_kept_waiting_by_a_writer(seeded_inventory: Database) -> None:
    async with seeded_inventory.change(), asyncio.timeout(2), seeded_inventory.read() as session:
        assert (await read_revision(session)).revision == 1


async def test_the_default_database_is_a_file_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    database = Database(read_settings({}))
    await prepare(database)
    await database.close()
    assert default_database_path().is_file()
    assert default_database_path().is_relative_to(tmp_path)


async def test_a_data_folder_that_cannot_be_made_is_said_as_an_unavailable_inventory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(InventoryUnavailable, match="cannot be used"):
        Database(read_settings({}))


async def test_connections_that_the_server_has_closed_are_replaced_unseen(postgresql_url: str) -> None:
    database, other = open_database(postgresql_url), open_database(postgresql_url)
    await prepare(database)
    async with other.change() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    async with database.read() as session:
        assert (await read_revision(session)).revision == 1
    await database.close()
    await other.close()
