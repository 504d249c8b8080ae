"""The application over a seeded inventory, and ways to change that inventory beside it."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from litestar.testing import AsyncTestClient
from litestar.types import ASGIApp
from sqlalchemy.ext.asyncio import AsyncSession

from service.app import create_app
from service.inventory.database import Database
from service.seed import prepare
from service.settings import Settings, read_settings

Change = Callable[[Callable[[AsyncSession], Awaitable[object]]], Awaitable[None]]


def settings_for(database_url: str, **more: str) -> Settings:
    return read_settings({"R1PLAN_DATABASE_URL": database_url, **more})


async def prepare_inventory(database_url: str) -> None:
    database = Database(settings_for(database_url))
    try:
        await prepare(database)
    finally:
        await database.close()


async def change_inventory(database_url: str, change: Callable[[AsyncSession], Awaitable[object]]) -> None:
    """Change the inventory as another process would: over connections of its own."""
    database = Database(settings_for(database_url))
    try:
        async with database.change() as session:
            await change(session)
    finally:
        await database.close()


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite file with the seeded inventory; tests work on copies of it."""
    path = tmp_path_factory.mktemp("seeded") / "inventory.sqlite3"
    asyncio.run(prepare_inventory(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def seeded_url(seeded_file: Path, tmp_path: Path) -> str:
    """Return the URL of a seeded SQLite inventory that the test may change."""
    copy = tmp_path / "inventory.sqlite3"
    shutil.copyfile(seeded_file, copy)
    return f"sqlite+aiosqlite:///{copy}"


@pytest.fixture
def app(seeded_url: str) -> ASGIApp:
    """Return the application over the seeded inventory, not started."""
    return create_app(settings_for(seeded_url))


@pytest.fixture
async def api(app: ASGIApp) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Return a client of the started application."""
    async with AsyncTestClient(app) as client:
        yield client


@pytest.fixture
def change(seeded_url: str) -> Change:
    """Return a way to change the application's inventory from outside."""

    async def change_seeded(change: Callable[[AsyncSession], Awaitable[object]]) -> None:
        await change_inventory(seeded_url, change)

    return change_seeded
