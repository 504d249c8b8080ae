import datetime as dt
import math
from typing import Final

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from planner import Inventory, Offer, bought_usd_per_hour, plan, read_plan_request
from service.inventory.database import Database
from service.inventory.errors import InvalidEntry
from service.inventory.gpu_changes import add_gpus
from service.inventory.migrate import check, downgrade, upgrade
from service.inventory.offer_changes import add_offers, set_price
from service.inventory.repository import load_offers, load_price_history, read_revision
from service.inventory.rows import from_gpu, from_offer
from service.inventory.tables import PriceRow, ProviderRow
from service.inventory.utc import now, today
from service.seed import Seeded, read_gpus, read_offers, read_purchases, seed
from tests.service.inventory.conftest import GPU, OFFER

BOUGHT_GPU = replace(GPU, gpu_id="rtx-4090", name="RTX 4090", aliases=(), tdp_watts=450.0)
PURCHASE = Offer(
    offer_id="retail:2x-rtx-4090:unstated:buy",
    provider="retail",
    provider_kind="retail",
    instance_type="2x RTX 4090",
    gpu_id="rtx-4090",
    gpu_count=2,
    pricing="buy",
    usd_per_hour=round(bought_usd_per_hour(3198.0, watts=900.0), 6),
    price_kind="listed",
    as_of=dt.date(2022, 1, 1),
    as_of_basis="launch year",
    source="a price list",
    purchase_usd=3198.0,
)
PRICE: Final[dict[str, object]] = {
    "offer_id": OFFER.offer_id,
    "is_current": False,
    "price_kind": "listed",
    "as_of": dt.date(2026, 5, 1),
    "as_of_basis": "exact",
    "source": "a list",
    "flags": [],
    "recorded_at": now(),
}


@pytest.fixture
async def inventory(small_inventory: Database) -> Database:
    """Return an inventory of a rental and a purchase."""
    async with small_inventory.change() as session:
        await add_gpus(session, [BOUGHT_GPU])
        await add_offers(session, [PURCHASE])
    return small_inventory


async def _purchase(database: Database) -> Offer:
    async with database.read() as session:
        return next(offer for offer in await load_offers(session) if offer.offer_id == PURCHASE.offer_id)


async def test_a_purchase_comes_out_as_it_went_in(inventory: Database) -> None:
    assert await _purchase(inventory) == PURCHASE


async def test_what_a_purchase_costs_an_hour_follows_from_its_price_alone(inventory: Database) -> None:
    async with inventory.change() as session:
        await add_offers(session, [replace(PURCHASE, offer_id="retail:other:unstated:buy", usd_per_hour=99.0)])
    async with inventory.read() as session:
        prices = {offer.offer_id: offer.usd_per_hour for offer in await load_offers(session)}
    assert prices["retail:other:unstated:buy"] == PURCHASE.usd_per_hour


async def test_the_price_of_a_purchase_can_be_changed_and_the_old_one_stays_in_the_history(
    inventory: Database,
) -> None:
    async with inventory.change() as session:
        assert await set_price(session, PURCHASE.offer_id, purchase_usd=4400.004, source="a shop")
    offer = await _purchase(inventory)
    assert (offer.purchase_usd, offer.as_of, offer.source) == (4400.0, today(), "a shop")
    assert offer.usd_per_hour == round(bought_usd_per_hour(4400.0, watts=900.0), 6)
    async with inventory.read() as session:
        history = await load_price_history(session, PURCHASE.offer_id)
    assert [(price.usd_per_hour, price.purchase_usd) for price in history] == [(None, 4400.0), (None, 3198.0)]


async def test_the_price_of_a_purchase_that_stands_already_is_no_change(inventory: Database) -> None:
    async with inventory.change() as session:
        changed = await set_price(
            session,
            PURCHASE.offer_id,
            purchase_usd=3198.0,
            as_of=PURCHASE.as_of,
            as_of_basis=PURCHASE.as_of_basis,
            source=PURCHASE.source,
        )
    assert not changed


@pytest.mark.parametrize("purchase_usd", [0.0, -1.0, 0.001, 1e10, math.inf, math.nan])
async def test_a_price_that_no_shop_can_ask_is_refused(inventory: Database, purchase_usd: float) -> None:
    with pytest.raises(InvalidEntry, match=r"allowed is from 0\.01"):
        async with inventory.change() as session:
            await set_price(session, PURCHASE.offer_id, purchase_usd=purchase_usd)
    assert await _purchase(inventory) == PURCHASE


async def test_a_purchase_has_no_hourly_price_and_a_rental_no_price_once(inventory: Database) -> None:
    for offer_id, usd_per_hour, purchase_usd, allowed in (
        (PURCHASE.offer_id, 0.5, None, "allowed is purchase_usd"),
        (PURCHASE.offer_id, 0.5, 3000.0, "allowed is purchase_usd"),
        (PURCHASE.offer_id, None, None, "allowed is purchase_usd"),
        (OFFER.offer_id, None, 3000.0, "allowed is usd_per_hour"),
        (OFFER.offer_id, 0.5, 3000.0, "allowed is usd_per_hour"),
        (OFFER.offer_id, None, None, "allowed is usd_per_hour"),
    ):
        with pytest.raises(InvalidEntry, match=allowed):
            async with inventory.change() as session:
                await set_price(session, offer_id, usd_per_hour=usd_per_hour, purchase_usd=purchase_usd)


async def test_an_offer_whose_pricing_and_price_differ_is_refused(inventory: Database) -> None:
    for offer in (replace(PURCHASE, purchase_usd=None), replace(OFFER, purchase_usd=500.0)):
        with pytest.raises(InvalidEntry, match="allowed is"):
            async with inventory.change() as session:
                await add_offers(session, [replace(offer, offer_id="acme:g9:x:other")])


async def test_a_gpu_whose_watts_nobody_knows_cannot_be_bought(inventory: Database) -> None:
    with pytest.raises(InvalidEntry, match="tdp_watts are not known"):
        async with inventory.change() as session:
            await add_offers(session, [replace(PURCHASE, offer_id="retail:l4:unstated:buy", gpu_id=GPU.gpu_id)])


@pytest.mark.parametrize(
    "prices",
    [
        {"usd_per_hour": None, "purchase_usd": None},
        {"usd_per_hour": 0.5, "purchase_usd": 300},
        {"usd_per_hour": None, "purchase_usd": 0},
        {"usd_per_hour": 0, "purchase_usd": None},
    ],
)
async def test_the_database_holds_either_price_and_none_of_nothing(
    inventory: Database, prices: dict[str, float | None]
) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)check"):
        async with inventory.engine.begin() as connection:
            await connection.execute(insert(PriceRow).values(**PRICE, **prices))


async def test_an_older_database_gets_purchases_and_keeps_its_prices(empty_inventory: Database) -> None:
    async with empty_inventory.change() as session:
        session.add_all([from_gpu(GPU), ProviderRow(name=OFFER.provider, kind=OFFER.provider_kind)])
        await session.flush()
        session.add(from_offer(OFFER))
        await session.flush()
        for usd_per_hour, is_current in ((0.123456, False), (0.7, True)):
            await session.execute(
                insert(PriceRow).values(**PRICE | {"is_current": is_current}, usd_per_hour=usd_per_hour)
            )
    await downgrade(empty_inventory, to="0003")
    await upgrade(empty_inventory)
    await check(empty_inventory)
    async with empty_inventory.read() as session:
        history = await load_price_history(session, OFFER.offer_id)
    assert [(price.usd_per_hour, price.purchase_usd) for price in history] == [(0.7, None), (0.123456, None)]


async def test_a_migration_back_takes_the_purchases_with_it_and_nothing_else(inventory: Database) -> None:
    await downgrade(inventory, to="0003")
    async with inventory.engine.connect() as connection:
        offers = (await connection.execute(text("SELECT offer_id, usd_per_hour FROM prices"))).all()
        providers = (await connection.execute(text("SELECT name FROM providers"))).scalars().all()
    assert [(offer_id, float(usd)) for offer_id, usd in offers] == [(OFFER.offer_id, OFFER.usd_per_hour)]
    assert providers == ["acme"]
    await upgrade(inventory)
    await check(inventory)
    async with inventory.read() as session:
        assert await load_offers(session) == [OFFER]


async def test_an_inventory_seeded_before_there_were_purchases_gets_them_by_a_seeding(
    seeded_inventory: Database,
) -> None:
    await downgrade(seeded_inventory, to="0003")
    await upgrade(seeded_inventory)
    async with seeded_inventory.read() as session:
        before = await read_revision(session)
        assert sorted(await load_offers(session), key=str) == sorted(read_offers(), key=str)
    async with seeded_inventory.change() as session:
        assert await seed(session) == Seeded(gpus=0, offers=65)
        assert await seed(session) == Seeded(gpus=0, offers=0)
    async with seeded_inventory.read() as session:
        assert (await read_revision(session)).revision == before.revision + 1


def test_every_seeded_purchase_is_its_gpus_launch_price_with_the_year() -> None:
    gpus = {gpu.gpu_id: gpu for gpu in read_gpus()}
    purchases = read_purchases()
    assert {offer.gpu_id for offer in purchases} == {gpu.gpu_id for gpu in gpus.values() if gpu.launch_msrp_usd}
    for offer in purchases:
        gpu = gpus[offer.gpu_id]
        assert gpu.launch_msrp_usd is not None
        assert gpu.tdp_watts is not None
        purchase_usd = offer.gpu_count * gpu.launch_msrp_usd
        assert offer.purchase_usd == purchase_usd
        assert offer.as_of == dt.date(gpu.release_year or 0, 1, 1)
        assert offer.flags[0] == f"launch price of {gpu.release_year}"
        assert offer.usd_per_hour == round(bought_usd_per_hour(purchase_usd, watts=offer.gpu_count * gpu.tdp_watts), 6)
        assert (offer.provider, offer.pricing, offer.as_of_basis) == ("retail", "buy", "launch year")
    bought = next(offer for offer in purchases if offer.instance_type == "1x RTX 4090")
    assert (bought.purchase_usd, bought.flags) == (1599.0, ("launch price of 2022", "the GPU alone, without a host"))


def test_a_machine_sold_whole_is_offered_whole_and_once() -> None:
    machines = [offer for offer in read_purchases() if offer.gpu_id == "gb10"]
    assert [(offer.gpu_count, offer.flags) for offer in machines] == [
        (1, ("launch price of 2025", "the whole machine"))
    ]


def test_a_plan_of_rentals_is_the_same_with_purchases_beside_them() -> None:
    gpus, rentals = read_gpus(), read_offers()
    without = Inventory(revision=1, gpus=gpus, offers=rentals)
    beside = Inventory(revision=1, gpus=gpus, offers=[*rentals, *read_purchases()])
    for given in (
        {},
        {"context": "128k", "batch": 16},
        {"max_usd_per_hour": 0.05},
        {"pricing": "spot", "group": "none"},
    ):
        request = read_plan_request(given)
        one, other = (plan(request, each, today=dt.date(2026, 11, 21)) for each in (without, beside))
        assert replace(other, inventory=one.inventory) == one
        assert other.inventory == replace(one.inventory, offers=419)
