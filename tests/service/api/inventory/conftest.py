"""The application over a seeded inventory on each database, a client who may write, and a node that it has made."""

import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from litestar.testing import AsyncTestClient

from planner import show_moment
from service.app import create_app
from service.inventory.api_keys import Scope, create_key
from service.inventory.database import Database
from service.inventory.utc import now
from tests.service.api.conftest import prepare_inventory, settings_for

NODE = {"node": "gpu-01", "site": "cellar", "gpu_id": "l4", "gpu_count": 8, "usd_per_hour": 4}
NODES = "/v1/inventory/nodes"
RESERVATIONS = "/v1/inventory/reservations"


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


def in_hours(hours: float) -> str:
    return show_moment((now() + dt.timedelta(hours=hours)).replace(microsecond=0))


def order(gpu_count: int = 1, **more: object) -> dict[str, object]:
    return {"owner": "anna", "end": in_hours(1), "allocations": {"gpu-01": gpu_count}, **more}


@pytest.fixture
async def fleet(writer: httpx.AsyncClient) -> httpx.AsyncClient:
    made = await writer.post(NODES, json=NODE)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"{NODES}/gpu-01"
    return writer


async def reserve(fleet: httpx.AsyncClient, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    made = await fleet.post("/v1/reservations", json=body)
    assert made.status_code == 201, made.text
    return made.json()
