"""Databases at the stages that an inventory goes through."""

import datetime as dt
from collections.abc import AsyncGenerator

import pytest
from msgspec.structs import replace

from planner import Offer
from service.inventory.database import Database
from service.inventory.gpu_changes import add_gpus
from service.inventory.migrate import upgrade
from service.inventory.offer_changes import add_offers
from service.seed import prepare
from service.settings import read_settings
from tests.gpus import L4

GPU = replace(L4, aliases=("L4 24GB",), tdp_watts=None, conflicts=("one source says otherwise",))
OFFER = Offer(
    offer_id="acme:g1:nowhere-1:on_demand",
    provider="acme",
    provider_kind="cloud",
    instance_type="g1",
    gpu_id="l4",
    gpu_count=1,
    pricing="on_demand",
    usd_per_hour=0.7,
    price_kind="listed",
    as_of=dt.date(2026, 5, 1),
    as_of_basis="exact",
    source="a price list",
    region="nowhere-1",
    country="FI",
    continent="EU",
    vcpus=4.0,
    ram_gb=16.5,
    flags=("variant assumed",),
)


def open_database(url: str) -> Database:
    """Return the database at `url`, as the settings would name it."""
    return Database(read_settings({"R1PLAN_DATABASE_URL": url}))


@pytest.fixture
async def bare_database(database_url: str) -> AsyncGenerator[Database, None]:
    """Give a database without tables."""
    database = open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def empty_inventory(bare_database: Database) -> Database:
    """Return a database whose tables are there and hold nothing."""
    await upgrade(bare_database)
    return bare_database


@pytest.fixture
async def small_inventory(empty_inventory: Database) -> Database:
    """Return an inventory of one GPU and one offer."""
    async with empty_inventory.change() as session:
        await add_gpus(session, [GPU])
        await add_offers(session, [OFFER])
    return empty_inventory


@pytest.fixture
async def seeded_inventory(bare_database: Database) -> Database:
    """Return an inventory as a first start leaves it."""
    await prepare(bare_database)
    return bare_database
