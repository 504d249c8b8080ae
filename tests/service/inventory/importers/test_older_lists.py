"""A list of an earlier day than one that was imported before: its prices join the history, and today's stay."""

import datetime as dt
from pathlib import Path

from msgspec.structs import replace

from service.inventory.database import Database
from service.inventory.importers.formats import OWN_CSV
from service.inventory.importers.review import load_reviews
from service.inventory.offer_changes import add_offers, set_price
from service.inventory.repository import load_offers
from tests.service.inventory.conftest import OFFER
from tests.service.inventory.importers.conftest import CatalogueFile
from tests.service.inventory.importers.inventory_state import history_of, ids_of, import_one, prices_of, state_of

MARCH, APRIL, MAY, JUNE, JULY = (dt.date(2026, month, 1) for month in range(3, 8))
ROW = "%s,L4,1,4,16,,%s,,us-east-1"
G1, G2 = (f"aws:g{number}:us-east-1:on_demand" for number in (1, 2))


async def _prices_on(database: Database, day: dt.date) -> dict[str, float]:
    async with database.read() as session:
        return {offer.offer_id: offer.usd_per_hour for offer in await load_offers(session, as_of=day)}


async def test_an_older_list_lets_nothing_vanish_and_its_prices_join_the_history(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0), ROW % ("g2", 2.0)), as_of=JUNE)
    older = catalogue.write(ROW % ("g1", 0.5))

    dry = await import_one(gpu_inventory, older, as_of=MARCH, is_dry_run=True)
    report = await import_one(gpu_inventory, older, as_of=MARCH)

    assert dry == report
    assert (report.vanished, report.added, report.changed, report.later_list) == ((), (), (), JUNE)
    (joined,) = report.added_to_history
    assert (joined.offer_id, joined.new_usd_per_hour, joined.note) == (G1, 0.5, "of 2026-03-01")
    assert await prices_of(gpu_inventory) == {G1: 1.0, G2: 2.0}
    assert await _prices_on(gpu_inventory, APRIL) == {G1: 0.5}
    assert await _prices_on(gpu_inventory, JUNE) == {G1: 1.0, G2: 2.0}


async def test_the_same_older_list_twice_changes_nothing(gpu_inventory: Database, catalogue: CatalogueFile) -> None:
    await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0)), as_of=JUNE)
    older = catalogue.write(ROW % ("g1", 0.5), ROW % ("g2", 2.0), "x1,H900,1,4,16,,1.0,,us-east-1")
    await import_one(gpu_inventory, older, as_of=MARCH)
    before = await state_of(gpu_inventory)

    again = await import_one(gpu_inventory, older, as_of=MARCH)

    assert await state_of(gpu_inventory) == before
    assert (again.added_to_history, again.newer_known) == ((), 2)


async def test_what_only_an_older_list_has_was_for_sale_until_the_next_one(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    for day in (MAY, JULY):
        await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0)), as_of=day)

    report = await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0), ROW % ("g2", 2.0)), as_of=MARCH)

    assert [(each.offer_id, each.note) for each in report.added_to_history] == [
        (G1, "of 2026-03-01"),
        (G2, "of 2026-03-01, listed no more"),
    ]
    assert await prices_of(gpu_inventory) == {G1: 1.0}
    assert await _prices_on(gpu_inventory, APRIL) == {G1: 1.0, G2: 2.0}
    assert await _prices_on(gpu_inventory, MAY) == {G1: 1.0}


async def test_an_older_list_brings_back_nothing_that_has_vanished_since(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0), ROW % ("g2", 2.0)), as_of=MARCH)
    await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0)), as_of=APRIL)
    await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.1)), as_of=JULY)

    report = await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0), ROW % ("g2", 2.5)), as_of=JUNE)

    assert (report.added, ids_of(report.added_to_history)) == ((), [G1, G2])
    assert await prices_of(gpu_inventory) == {G1: 1.1}
    assert await _prices_on(gpu_inventory, JUNE) == {G1: 1.0, G2: 2.5}
    assert await _prices_on(gpu_inventory, JULY) == {G1: 1.1}


async def test_a_day_between_two_that_saw_the_same_price_tells_nothing_new(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    same = catalogue.write(ROW % ("g1", 1.0))
    for day in (MARCH, JUNE):
        await import_one(gpu_inventory, same, as_of=day)

    between = await import_one(gpu_inventory, same, as_of=MAY)
    other = await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.5)), as_of=MAY)

    assert (between.added_to_history, between.newer_known) == ((), 1)
    assert ids_of(other.added_to_history) == [G1]
    assert await history_of(gpu_inventory, G1) == [(JUNE, 1.0), (MAY, 1.5), (MARCH, 1.0)]


async def test_what_was_seen_after_the_day_of_a_list_does_not_vanish_by_it(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0), ROW % ("g2", 2.0)), as_of=MARCH)
    async with gpu_inventory.change() as session:
        await set_price(session, G2, usd_per_hour=1.9, as_of=JUNE)

    report = await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0)), as_of=MAY)

    assert (report.vanished, report.later_list) == ((), None)
    assert await prices_of(gpu_inventory) == {G1: 1.0, G2: 1.9}


async def test_the_earlier_price_of_another_gpu_is_no_price_of_this_one(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0)), as_of=JUNE)
    report = await import_one(gpu_inventory, catalogue.write("g1,T4,1,4,16,,0.4,,us-east-1"), as_of=MAY)
    assert (report.added_to_history, report.newer_known) == ((), 1)


async def test_offers_of_other_sources_get_prices_of_earlier_days_too(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    offer = replace(OFFER, offer_id=G1, provider="aws", usd_per_hour=1.0, as_of=JUNE)
    async with gpu_inventory.change() as session:
        await add_offers(session, [offer])
    report = await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 0.8)), as_of=MAY)
    assert (ids_of(report.added_to_history), report.later_list) == ([G1], None)
    assert await history_of(gpu_inventory, G1) == [(JUNE, 1.0), (MAY, 0.8)]


async def test_a_contract_of_an_earlier_day_comes_back_with_the_list_of_today(
    gpu_inventory: Database, tmp_path: Path
) -> None:
    path = tmp_path / "contracts.csv"
    header = "provider,provider_kind,instance_type,gpu_id,gpu_count,pricing,usd_per_hour,as_of\n"
    one, other = (f"acme,cloud,a{number},l4,1,on_demand,1,2026-03-01\n" for number in (1, 2))
    for text, day in ((one + other, APRIL), (one, MAY), (one + other, JUNE)):
        path.write_text(header + text)
        report = await import_one(gpu_inventory, path, format_=OWN_CSV, as_of=day)
    assert [(each.offer_id, each.note) for each in report.added] == [("acme:a2:unstated:on_demand", "is back")]
    path.write_text(header + one)
    assert (await import_one(gpu_inventory, path, format_=OWN_CSV, as_of=MAY)).vanished == ()


async def test_gpus_that_wait_for_an_answer_wait_on_after_an_older_list(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    await import_one(gpu_inventory, catalogue.write("x1,H900,1,4,16,,1.0,,us-east-1"), as_of=JUNE)
    await import_one(gpu_inventory, catalogue.write(ROW % ("g1", 1.0)), as_of=MAY)
    async with gpu_inventory.read() as session:
        assert [each.name for each in await load_reviews(session)] == ["H900"]
