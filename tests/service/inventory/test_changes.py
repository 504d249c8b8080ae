import asyncio
import datetime as dt
import math

import pytest
from msgspec.structs import replace

from planner import Offer
from service.inventory.database import Database
from service.inventory.errors import AlreadyThere, GpuNotFound, InvalidEntry, OfferNotFound, StillInUse
from service.inventory.gpu_changes import add_gpus, remove_gpu
from service.inventory.offer_changes import add_offers, remove_offer, set_price
from service.inventory.repository import load_gpus, load_offers, load_price_history, read_revision
from service.inventory.utc import today
from tests.service.inventory.conftest import GPU, OFFER, open_database


async def _revision(database: Database) -> int:
    async with database.read() as session:
        return (await read_revision(session)).revision


async def _only_offer(database: Database) -> Offer:
    async with database.read() as session:
        (offer,) = await load_offers(session)
    return offer


async def test_an_offer_comes_out_as_it_went_in(small_inventory: Database) -> None:
    assert await _only_offer(small_inventory) == OFFER


async def test_a_gpu_comes_out_as_it_went_in(small_inventory: Database) -> None:
    async with small_inventory.read() as session:
        assert await load_gpus(session) == [GPU]


async def test_every_change_raises_the_revision_by_one(small_inventory: Database) -> None:
    start = await _revision(small_inventory)
    async with small_inventory.change() as session:
        await set_price(session, OFFER.offer_id, usd_per_hour=0.8)
    assert await _revision(small_inventory) == start + 1
    async with small_inventory.change() as session:
        await add_offers(
            session, [replace(OFFER, offer_id="acme:g2:x:spot"), replace(OFFER, offer_id="acme:g3:x:spot")]
        )
    assert await _revision(small_inventory) == start + 2
    async with small_inventory.change() as session:
        await remove_offer(session, OFFER.offer_id)
    assert await _revision(small_inventory) == start + 3
    async with small_inventory.change() as session:
        await add_gpus(session, [replace(GPU, gpu_id="l40", name="L40", aliases=())])
        await remove_gpu(session, "l40")
    assert await _revision(small_inventory) == start + 5


async def test_reading_raises_no_revision(small_inventory: Database) -> None:
    before = await _revision(small_inventory)
    await _only_offer(small_inventory)
    assert await _revision(small_inventory) == before


async def test_a_change_that_is_not_committed_changes_neither_price_nor_revision(small_inventory: Database) -> None:
    before = await _revision(small_inventory)

    async def change_and_fail() -> None:
        async with small_inventory.change() as session:
            await set_price(session, OFFER.offer_id, usd_per_hour=0.8)
            await remove_offer(session, "nobody:x")

    with pytest.raises(OfferNotFound):
        await change_and_fail()
    assert await _revision(small_inventory) == before
    assert await _only_offer(small_inventory) == OFFER


async def test_the_price_that_stands_already_is_no_change(small_inventory: Database) -> None:
    before = await _revision(small_inventory)
    async with small_inventory.change() as session:
        changed = await set_price(
            session,
            OFFER.offer_id,
            usd_per_hour=OFFER.usd_per_hour,
            as_of=OFFER.as_of,
            source=OFFER.source,
            flags=OFFER.flags,
        )
    assert not changed
    assert await _revision(small_inventory) == before


async def test_a_new_price_is_dated_today_and_the_old_one_stays_in_the_history(small_inventory: Database) -> None:
    async with small_inventory.change() as session:
        assert await set_price(session, OFFER.offer_id, usd_per_hour=0.55, source="the provider's page")
    offer = await _only_offer(small_inventory)
    assert (offer.usd_per_hour, offer.as_of, offer.source) == (0.55, today(), "the provider's page")
    assert offer.price_kind == OFFER.price_kind
    async with small_inventory.read() as session:
        history = await load_price_history(session, OFFER.offer_id)
    assert [price.usd_per_hour for price in history] == [0.55, 0.7]
    assert history[0].recorded_at.tzinfo is dt.UTC


async def test_a_price_of_an_earlier_day_joins_the_history_only(small_inventory: Database) -> None:
    async with small_inventory.change() as session:
        await set_price(session, OFFER.offer_id, usd_per_hour=0.9, as_of=OFFER.as_of - dt.timedelta(days=30))
    assert (await _only_offer(small_inventory)).usd_per_hour == OFFER.usd_per_hour
    async with small_inventory.read() as session:
        history = await load_price_history(session, OFFER.offer_id)
    assert [price.usd_per_hour for price in history] == [0.7, 0.9]


async def test_a_price_keeps_six_places(small_inventory: Database) -> None:
    async with small_inventory.change() as session:
        await set_price(session, OFFER.offer_id, usd_per_hour=0.12345649)
    assert (await _only_offer(small_inventory)).usd_per_hour == 0.123456


@pytest.mark.parametrize("usd_per_hour", [0.0, -1.0, 0.0000001, 1e6, math.inf, math.nan])
async def test_a_price_that_nobody_can_ask_is_refused(small_inventory: Database, usd_per_hour: float) -> None:
    with pytest.raises(InvalidEntry, match="allowed is from"):
        async with small_inventory.change() as session:
            await set_price(session, OFFER.offer_id, usd_per_hour=usd_per_hour)
    assert await _only_offer(small_inventory) == OFFER


async def test_a_price_from_the_future_is_refused(small_inventory: Database) -> None:
    with pytest.raises(InvalidEntry, match="future"):
        async with small_inventory.change() as session:
            await set_price(session, OFFER.offer_id, usd_per_hour=1.0, as_of=today() + dt.timedelta(days=1))


async def test_an_offer_that_is_not_there_has_no_price_and_cannot_go(small_inventory: Database) -> None:
    with pytest.raises(OfferNotFound, match="nobody:x"):
        async with small_inventory.change() as session:
            await set_price(session, "nobody:x", usd_per_hour=1.0)
    with pytest.raises(OfferNotFound, match="nobody:x"):
        async with small_inventory.change() as session:
            await remove_offer(session, "nobody:x")


async def test_an_offer_cannot_be_added_twice(small_inventory: Database) -> None:
    with pytest.raises(AlreadyThere, match="acme:g1"):
        async with small_inventory.change() as session:
            await add_offers(session, [OFFER])


async def test_an_offer_on_a_gpu_that_is_not_there_is_refused(small_inventory: Database) -> None:
    with pytest.raises(GpuNotFound, match="l5"):
        async with small_inventory.change() as session:
            await add_offers(session, [replace(OFFER, offer_id="acme:g5:x:spot", gpu_id="l5")])


async def test_a_provider_is_of_one_kind(small_inventory: Database) -> None:
    with pytest.raises(AlreadyThere, match="'cloud', not as 'marketplace'"):
        async with small_inventory.change() as session:
            await add_offers(session, [replace(OFFER, offer_id="acme:g5:x:spot", provider_kind="marketplace")])


async def test_an_offer_without_a_gpu_is_refused(small_inventory: Database) -> None:
    with pytest.raises(InvalidEntry, match="1 or more"):
        async with small_inventory.change() as session:
            await add_offers(session, [replace(OFFER, offer_id="acme:g5:x:spot", gpu_count=0)])


async def test_a_gpu_cannot_go_while_offers_stand_on_it(small_inventory: Database) -> None:
    with pytest.raises(StillInUse):
        async with small_inventory.change() as session:
            await remove_gpu(session, GPU.gpu_id)
    async with small_inventory.change() as session:
        await remove_offer(session, OFFER.offer_id)
        await remove_gpu(session, GPU.gpu_id)
    async with small_inventory.read() as session:
        assert (await load_gpus(session), await load_offers(session)) == ([], [])


async def test_a_gpu_that_is_there_cannot_be_added_nor_one_removed_that_is_not(small_inventory: Database) -> None:
    with pytest.raises(AlreadyThere):
        async with small_inventory.change() as session:
            await add_gpus(session, [GPU])
    with pytest.raises(GpuNotFound):
        async with small_inventory.change() as session:
            await remove_gpu(session, "l5")


async def test_price_changes_at_the_same_time_are_all_kept_and_all_counted(
    small_inventory: Database, database_url: str
) -> None:
    before = await _revision(small_inventory)
    others = [open_database(database_url) for _ in range(3)]
    prices = [0.5 + number / 100 for number in range(12)]

    async def change(database: Database, usd_per_hour: float) -> None:
        async with database.change() as session:
            await set_price(session, OFFER.offer_id, usd_per_hour=usd_per_hour)

    await asyncio.gather(*(change(others[number % 3], price) for number, price in enumerate(prices)))
    async with small_inventory.read() as session:
        history = await load_price_history(session, OFFER.offer_id)
    assert sorted(price.usd_per_hour or 0.0 for price in history[:-1]) == [round(price, 6) for price in prices]
    assert await _revision(small_inventory) == before + len(prices)
    for database in others:
        await database.close()
