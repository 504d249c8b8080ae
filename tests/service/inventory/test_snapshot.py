import asyncio

import pytest

from service.inventory.database import Database
from service.inventory.errors import InventoryUnavailable
from service.inventory.offer_changes import set_price
from service.inventory.repository import Revision
from service.inventory.snapshot import SnapshotStore, load_snapshot
from tests.service.inventory.conftest import GPU, OFFER, open_database


async def test_a_snapshot_holds_the_whole_inventory(small_inventory: Database) -> None:
    snapshot = await load_snapshot(small_inventory)
    assert (snapshot.inventory.gpus, snapshot.inventory.offers) == ((GPU,), (OFFER,))
    assert snapshot.inventory.revision == snapshot.revision.revision == 2


async def test_an_empty_inventory_has_a_snapshot_too(empty_inventory: Database) -> None:
    snapshot = await SnapshotStore(empty_inventory).current()
    assert (snapshot.inventory.gpus, snapshot.inventory.offers, snapshot.revision.revision) == ((), (), 0)


async def test_a_snapshot_is_kept_until_the_inventory_changes(small_inventory: Database) -> None:
    store = SnapshotStore(small_inventory)
    first = await store.current()
    assert await store.current() is first
    async with small_inventory.change() as session:
        await set_price(session, OFFER.offer_id, usd_per_hour=0.8)
    second = await store.current()
    assert second is not first
    assert [offer.usd_per_hour for offer in second.inventory.offers] == [0.8]
    assert await store.current() is second


async def test_a_change_by_another_process_is_in_the_next_snapshot(
    small_inventory: Database, database_url: str
) -> None:
    store = SnapshotStore(small_inventory)
    await store.current()
    other = open_database(database_url)
    for usd_per_hour in (0.9, 1.0, 1.1):
        async with other.change() as session:
            await set_price(session, OFFER.offer_id, usd_per_hour=usd_per_hour)
        assert [offer.usd_per_hour for offer in (await store.current()).inventory.offers] == [usd_per_hour]
    await other.close()


async def test_those_who_ask_at_the_same_time_share_one_rebuild(small_inventory: Database) -> None:
    store = SnapshotStore(small_inventory)
    snapshots = await asyncio.gather(*(store.current() for _ in range(20)))
    assert all(snapshot is snapshots[0] for snapshot in snapshots)


async def test_a_price_under_change_is_in_no_snapshot(small_inventory: Database) -> None:
    store = SnapshotStore(small_inventory)
    async with small_inventory.change() as session:
        await set_price(session, OFFER.offer_id, usd_per_hour=0.8)
        during = await store.current()
    assert [offer.usd_per_hour for offer in during.inventory.offers] == [OFFER.usd_per_hour]
    assert [offer.usd_per_hour for offer in (await store.current()).inventory.offers] == [0.8]


async def test_prices_in_a_snapshot_are_those_of_its_revision(small_inventory: Database, database_url: str) -> None:
    writer = open_database(database_url)

    async def change_prices() -> None:
        # The price says which revision it belongs to: 3 is the first one after the two that the fixture makes.
        for revision in range(3, 30):
            async with writer.change() as session:
                await set_price(session, OFFER.offer_id, usd_per_hour=float(revision))

    changing = asyncio.create_task(change_prices())
    while not changing.done():
        snapshot = await load_snapshot(small_inventory)
        (offer,) = snapshot.inventory.offers
        assert offer.usd_per_hour == (snapshot.revision.revision if snapshot.revision.revision > 2 else 0.7)
    await changing
    await writer.close()


async def test_a_database_that_is_gone_gives_no_stale_snapshot(small_inventory: Database) -> None:
    is_gone = False
    revision = (await load_snapshot(small_inventory)).revision

    async def read_newest() -> Revision:
        if is_gone:
            raise InventoryUnavailable("gone")
        return revision

    store = SnapshotStore(small_inventory, read_newest=read_newest)
    assert (await store.current()).revision == revision
    is_gone = True
    with pytest.raises(InventoryUnavailable, match="gone"):
        await store.current()
