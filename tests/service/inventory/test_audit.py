"""Who changed what, when, from what and to what."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select, text

from service.inventory.audit import AuditRow
from service.inventory.database import Database
from service.inventory.errors import OfferNotFound
from service.inventory.gpu_changes import add_gpus, remove_gpu
from service.inventory.importers.formats import OWN_CSV
from service.inventory.migrate import check, downgrade, upgrade
from service.inventory.offer_changes import add_offers, remove_offer, set_price
from service.inventory.own_models import add_model, remove_model
from service.inventory.repository import load_gpus, load_offers, load_price_history, read_revision
from service.inventory.utc import now, today
from tests.planner.test_model_config import LLAMA
from tests.service.inventory.conftest import GPU, OFFER
from tests.service.inventory.importers.inventory_state import import_one


async def trail(database: Database, *, after: int = 0) -> Sequence[AuditRow]:
    async with database.read() as session:
        query = select(AuditRow).where(AuditRow.revision > after).order_by(AuditRow.id)
        return (await session.scalars(query)).all()


async def revision_of(database: Database) -> int:
    async with database.read() as session:
        return (await read_revision(session)).revision


async def test_a_price_change_is_written_down_with_who_when_before_and_after(small_inventory: Database) -> None:
    start, moment = await revision_of(small_inventory), now()
    async with small_inventory.change(actor="key:ops") as session:
        await set_price(session, OFFER.offer_id, usd_per_hour=0.8)

    (row,) = await trail(small_inventory, after=start)
    assert (row.actor, row.kind, row.thing_id, row.action) == ("key:ops", "offer", OFFER.offer_id, "update")
    assert row.revision == start + 1 == await revision_of(small_inventory)
    assert moment <= row.changed_at <= now()
    assert row.before == {
        "usd_per_hour": 0.7,
        "as_of": "2026-05-01",
        "source": "a price list",
        "flags": ["variant assumed"],
    }
    assert row.after == {
        "usd_per_hour": 0.8,
        "as_of": today().isoformat(),
        "source": "entered by hand",
        "flags": [],
    }


async def test_every_change_is_written_down_and_nothing_else_is(small_inventory: Database) -> None:
    start = await revision_of(small_inventory)
    async with small_inventory.change() as session:
        await add_gpus(session, [replace(GPU, gpu_id="l40", name="L40", aliases=())])
        offer = replace(OFFER, offer_id="other:g1:x:spot", provider="other", gpu_id="l40")
        await add_offers(session, [offer])
        earlier = OFFER.as_of - dt.timedelta(days=1)
        await set_price(session, offer.offer_id, usd_per_hour=0.9, as_of=earlier)
        await remove_offer(session, offer.offer_id)
        await remove_gpu(session, "l40")
        await add_model(session, LLAMA, name="mine")
        await remove_model(session, "mine")

    rows = await trail(small_inventory, after=start)
    assert [(row.revision - start, row.kind, row.action, row.thing_id) for row in rows] == [
        (1, "gpu", "create", "l40"),
        (2, "provider", "create", "other"),
        (2, "offer", "create", "other:g1:x:spot"),
        (3, "price", "create", "other:g1:x:spot"),
        (4, "offer", "delete", "other:g1:x:spot"),
        (5, "gpu", "delete", "l40"),
        (6, "model", "create", "mine"),
        (7, "model", "delete", "mine"),
    ]
    assert {row.actor for row in rows} == {"command line"}
    gpu = replace(GPU, gpu_id="l40", name="L40", aliases=())
    assert rows[0].before is None
    assert msgspec.convert(rows[0].after, type=type(gpu)) == msgspec.convert(rows[5].before, type=type(gpu)) == gpu
    assert rows[2].after == rows[4].before
    assert rows[7].before == rows[6].after == LLAMA
    assert await revision_of(small_inventory) == start + 7


async def test_a_change_that_is_rolled_back_leaves_no_trace(small_inventory: Database) -> None:
    start = await revision_of(small_inventory)

    async def change_and_fail() -> None:
        async with small_inventory.change() as session:
            await set_price(session, OFFER.offer_id, usd_per_hour=0.8)
            await remove_offer(session, "nobody:x")

    with pytest.raises(OfferNotFound):
        await change_and_fail()
    assert list(await trail(small_inventory, after=start)) == []


async def test_a_seeding_is_one_line_of_the_trail(seeded_inventory: Database) -> None:
    (row,) = await trail(seeded_inventory)
    assert (row.actor, row.kind, row.thing_id, row.action) == ("seed", "import", "seed", "create")
    assert row.after == {"gpus": 76, "offers": 419}


async def test_an_import_is_one_line_however_much_it_changes(small_inventory: Database, tmp_path: Path) -> None:
    header = "provider,provider_kind,instance_type,gpu_id,gpu_count,region,pricing,usd_per_hour,as_of\n"
    rows = "".join(f"many,cloud,m{number},l4,1,nowhere,on_demand,{1 + number},2026-05-01\n" for number in range(200))
    source = tmp_path / "many.csv"
    source.write_text(header + rows, encoding="utf-8")
    start = await revision_of(small_inventory)

    report = await import_one(small_inventory, source, format_=OWN_CSV)
    await import_one(small_inventory, source, format_=OWN_CSV)

    assert len(report.added) == 200
    (row,) = await trail(small_inventory, after=start)
    assert (row.kind, row.thing_id, row.action, row.revision) == ("import", report.catalogue, "create", start + 1)
    assert row.after is not None
    assert (row.after["added"], row.after["changed"], len(row.after["first_added"])) == (200, 0, 50)
    assert row.after["checksum_sha256"] == report.checksum_sha256


async def test_a_deleted_thing_keeps_its_history_and_can_be_created_again(small_inventory: Database) -> None:
    async with small_inventory.change() as session:
        await set_price(session, OFFER.offer_id, usd_per_hour=0.8)
        await remove_offer(session, OFFER.offer_id)
        await remove_gpu(session, GPU.gpu_id)
    async with small_inventory.read() as session:
        assert (await load_gpus(session), await load_offers(session)) == ([], [])
        kept = await load_price_history(session, OFFER.offer_id)
    assert [price.usd_per_hour for price in kept] == [0.8, 0.7]

    async with small_inventory.change() as session:
        await add_gpus(session, [replace(GPU, name="L4 again")])
        await add_offers(session, [replace(OFFER, usd_per_hour=0.6, vcpus=8.0)])
    async with small_inventory.read() as session:
        assert [gpu.name for gpu in await load_gpus(session)] == ["L4 again"]
        assert [(offer.usd_per_hour, offer.vcpus) for offer in await load_offers(session)] == [(0.6, 8.0)]
        history = await load_price_history(session, OFFER.offer_id)
    assert [price.usd_per_hour for price in history] == [0.6, 0.8, 0.7]


async def test_no_catalogue_brings_back_an_offer_that_was_deleted(small_inventory: Database, tmp_path: Path) -> None:
    source = tmp_path / "ours.csv"
    header = "provider,provider_kind,instance_type,gpu_id,gpu_count,region,pricing,usd_per_hour,as_of\n"
    source.write_text(f"{header}acme,cloud,g9,l4,1,nowhere,on_demand,1.5,2026-05-01\n", encoding="utf-8")
    (added,) = (await import_one(small_inventory, source, format_=OWN_CSV)).added
    async with small_inventory.change() as session:
        await remove_offer(session, added.offer_id)

    source.write_text(f"{header}acme,cloud,g9,l4,1,nowhere,on_demand,1.4,2026-05-02\n", encoding="utf-8")
    report = await import_one(small_inventory, source, format_=OWN_CSV)

    assert (report.added, report.changed, report.unchanged) == ((), (), 1)
    async with small_inventory.read() as session:
        assert [offer.offer_id for offer in await load_offers(session)] == [OFFER.offer_id]


async def test_taking_the_tables_back_removes_what_was_deleted_for_good(small_inventory: Database) -> None:
    async with small_inventory.change() as session:
        await add_offers(session, [replace(OFFER, offer_id="acme:g2:x:spot")])
        await remove_offer(session, OFFER.offer_id)
    await downgrade(small_inventory, to="0005")
    async with small_inventory.engine.connect() as connection:
        for table in ("offers", "prices"):
            ids = (await connection.execute(text(f"SELECT offer_id FROM {table}"))).scalars().all()  # noqa: S608 - ours
            assert ids == ["acme:g2:x:spot"]
    await upgrade(small_inventory)
    await check(small_inventory)
