"""The inventory's revision, read for every request."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from service.freshness import RevisionReader, make_revision_reader
from service.inventory.changes import raise_revision
from service.inventory.database import Database
from service.inventory.errors import InventoryUnavailable
from service.inventory.migrate import upgrade
from service.inventory.repository import Revision
from service.settings import read_settings


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database, None]:
    database = Database(read_settings({"R1PLAN_DATABASE_URL": database_url}))
    await upgrade(database)
    yield database
    await database.close()


@pytest.fixture
async def reader(database: Database) -> AsyncGenerator[RevisionReader, None]:
    reader = make_revision_reader(database)
    yield reader
    await reader.close()


async def change(database: Database) -> None:
    async with database.change() as session:
        await raise_revision(session)


async def test_a_change_is_seen_by_the_read_after_it(database: Database, reader: RevisionReader) -> None:
    before = await reader.read()
    for number in range(1, 21):
        await change(database)
        after = await reader.read()
        assert after == Revision(inventory_id=before.inventory_id, revision=before.revision + number)


async def test_a_change_that_is_not_committed_is_not_seen(database: Database, reader: RevisionReader) -> None:
    before = await reader.read()
    async with database.change() as session:
        await raise_revision(session)
        await session.flush()
        assert await reader.read() == before
    assert (await reader.read()).revision == before.revision + 1


async def test_of_many_who_read_at_once_none_gets_what_was_before_it_asked(
    database: Database, reader: RevisionReader
) -> None:
    async def read_after_a_change(number: int) -> None:
        await change(database)
        # Changes stand in a queue, so after the n-th of them the revision is n at least.
        changed.append(number)
        least = len(changed)
        revisions = await asyncio.gather(*(reader.read() for _ in range(10)))
        assert all(revision.revision >= least for revision in revisions)

    changed: list[int] = []
    await asyncio.gather(*(read_after_a_change(number) for number in range(8)))
    assert (await reader.read()).revision == 8


async def test_a_reader_whose_caller_gave_up_reads_on(reader: RevisionReader) -> None:
    tasks = [asyncio.create_task(reader.read()) for _ in range(5)]
    await asyncio.sleep(0)
    for task in tasks[:4]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(results[4], Revision)
    assert isinstance(await reader.read(), Revision)


async def test_a_closed_reader_opens_again(reader: RevisionReader) -> None:
    first = await reader.read()
    await reader.close()
    assert await reader.read() == first


async def test_a_database_without_tables_is_unavailable(database_url: str) -> None:
    database = Database(read_settings({"R1PLAN_DATABASE_URL": database_url}))
    reader = make_revision_reader(database)
    if database.is_sqlite:
        sqlite3.connect(str(database.url.database)).close()
    for _ in range(2):
        with pytest.raises(InventoryUnavailable):
            await reader.read()
    await reader.close()
    await database.close()


async def test_a_database_that_is_not_there_is_unavailable_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "inventory.sqlite3"
    database = Database(read_settings({"R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{path}"}))
    reader = make_revision_reader(database)
    with pytest.raises(InventoryUnavailable, match=r"inventory\.sqlite3"):
        await reader.read()
    assert not path.exists()
    await database.close()


async def test_a_server_that_is_not_there_is_unavailable(free_port: int) -> None:
    url = f"postgresql+asyncpg://nobody:sesame@127.0.0.1:{free_port}/none"
    database = Database(read_settings({"R1PLAN_DATABASE_URL": url}))
    reader = make_revision_reader(database)
    for _ in range(2):
        with pytest.raises(InventoryUnavailable) as raised:
            await reader.read()
        assert "sesame" not in str(raised.value)
    await reader.close()
    await database.close()


async def test_a_locked_sqlite_file_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "inventory.sqlite3"
    database = Database(read_settings({"R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{path}"}))
    await upgrade(database)
    await database.close()
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA journal_mode = DELETE")
    plain.close()
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    reader = make_revision_reader(database)
    reading = asyncio.create_task(reader.read())
    await asyncio.sleep(0.1)
    assert not reading.done()
    locker.execute("COMMIT")
    locker.close()

    assert (await reading).revision == 0
    await reader.close()
