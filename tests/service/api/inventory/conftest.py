"""The application over a seeded inventory on each database, and a client who may write."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from litestar.testing import AsyncTestClient

from service.app import create_app
from service.inventory.api_keys import Scope, create_key
from service.inventory.database import Database
from tests.service.api.conftest import prepare_inventory, settings_for


async def make_authorization(database_url: str, *, scope: Scope = "write", name: str = "ops") -> dict[str, str]:
    """Create a key and return the header that presents it."""
    database = Database(settings_for(database_url))
    try:
        async with database.change() as session:
            key = await create_key(session, name, scope=scope)
    finally:
        await database.close()
    return {"authorization": f"Bearer {key.reveal()}"}


@asynccontextmanager
async def open_client(database_url: str, *, scope: Scope, name: str) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client of an application of its own, with a key of that scope."""
    headers = await make_authorization(database_url, scope=scope, name=name)
    async with AsyncTestClient(create_app(settings_for(database_url))) as client:
        client.headers.update(headers)
        yield client


@pytest.fixture
async def prepared_url(database_url: str) -> str:
    """Return the URL of a seeded inventory, on each kind of database."""
    await prepare_inventory(database_url)
    return database_url


@pytest.fixture
async def writer(prepared_url: str) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Return a client with a key that may write."""
    async with open_client(prepared_url, scope="write", name="ops") as client:
        yield client
