"""Prices through time: what held on a past day, and an offer's prices in pages."""

import datetime as dt

import pytest
from sqlalchemy import insert

from service.inventory.database import Database
from service.inventory.errors import InvalidCursor, OfferNotFound
from service.inventory.gpu_changes import remove_gpu
from service.inventory.import_tables import CatalogueOfferRow
from service.inventory.offer_changes import remove_offer, set_price
from service.inventory.price_history import list_prices, load_prices_of_gpus
from service.inventory.repository import find_first_rental_price, load_offers, load_price_history
from service.inventory.snapshot import MAX_PAST_DAYS, SnapshotStore, load_snapshot
from service.inventory.utc import today
from tests.service.inventory.conftest import OFFER


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


@pytest.fixture
async def history(small_inventory: Database) -> Database:
    """Return an inventory of one offer: 0.7 on 1 May, 0.8 on 1 July, then a correction and an older price by hand."""
    for usd, day in ((0.8, "07-01"), (0.85, "07-01"), (0.6, "03-01")):
        async with small_inventory.change() as session:
            await set_price(session, OFFER.offer_id, usd_per_hour=usd, as_of=_day(day))
    return small_inventory


async def _price_on(database: Database, day: str) -> list[float]:
    async with database.read() as session:
        return [offer.usd_per_hour for offer in await load_offers(session, as_of=_day(day))]


async def test_the_price_of_a_day_is_the_newest_seen_by_then_whenever_it_was_written_down(history: Database) -> None:
    assert await _price_on(history, "02-28") == []
    assert await _price_on(history, "03-01") == [0.6]
    assert await _price_on(history, "04-30") == [0.6]
    assert await _price_on(history, "05-01") == [0.7]
    assert await _price_on(history, "06-30") == [0.7]
    assert await _price_on(history, "07-01") == [0.85]
    async with history.read() as session:
        assert await find_first_rental_price(session) == _day("03-01")


async def test_an_offer_that_vanished_was_there_until_then(history: Database) -> None:
    async with history.change() as session:
        await session.execute(
            insert(CatalogueOfferRow).values(offer_id=OFFER.offer_id, catalogue="csv:x", vanished_on=_day("06-01"))
        )
    assert await _price_on(history, "05-31") == [0.7]
    assert await _price_on(history, "06-01") == []


async def test_what_was_deleted_is_there_on_the_days_before(history: Database) -> None:
    async with history.change() as session:
        await remove_offer(session, OFFER.offer_id)
        await remove_gpu(session, OFFER.gpu_id)

    yesterday = await load_snapshot(history, as_of=today() - dt.timedelta(days=1))
    assert [offer.usd_per_hour for offer in yesterday.inventory.offers] == [0.85]
    assert (await load_snapshot(history, as_of=today())).inventory.offers == ()
    assert (await load_snapshot(history)).inventory.gpus == ()


async def test_the_pages_of_prices_hold_each_once_the_newest_first(history: Database) -> None:
    found: list[float | None] = []
    cursor: str | None = None
    async with history.read() as session:
        everything = [price.usd_per_hour for price in await load_price_history(session, OFFER.offer_id)]
        while True:
            page = await list_prices(session, OFFER.offer_id, cursor=cursor, limit=3)
            found += [price.usd_per_hour for price in page.prices]
            cursor = page.next_cursor
            if cursor is None:
                break
        with pytest.raises(InvalidCursor):
            await list_prices(session, OFFER.offer_id, cursor="none", limit=3)
        with pytest.raises(OfferNotFound):
            await list_prices(session, "none", cursor=None, limit=3)
    assert found == everything == [0.85, 0.8, 0.7, 0.6]


async def test_the_prices_of_a_gpu_are_those_of_its_offers_the_oldest_first(history: Database) -> None:
    async with history.read() as session:
        (offer,) = await load_prices_of_gpus(session, ["l4"])
        assert await load_prices_of_gpus(session, ["t4"]) == []
    assert [price.usd_per_hour for price in offer.prices] == [0.6, 0.7, 0.8, 0.85]
    assert (offer.offer_id, offer.pricing, offer.vanished_on) == (OFFER.offer_id, "on_demand", None)


async def test_snapshots_of_past_days_are_few_and_made_anew_when_the_inventory_changes(history: Database) -> None:
    store = SnapshotStore(history)
    first = await store.as_of(_day("03-01"))
    assert await store.as_of(_day("03-01")) is first
    assert first.inventory.summary.as_of == _day("03-01")

    for day in range(1, MAX_PAST_DAYS + 1):
        await store.as_of(_day(f"04-{day:02}"))
    assert await store.as_of(_day("03-01")) is not first

    async with history.change() as session:
        await set_price(session, OFFER.offer_id, usd_per_hour=0.5, as_of=_day("02-01"))
    late = await store.as_of(_day("02-15"))
    assert [offer.usd_per_hour for offer in late.inventory.offers] == [0.5]
    assert [offer.usd_per_hour for offer in (await store.as_of(_day("01-15"))).inventory.offers] == []
