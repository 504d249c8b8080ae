"""One catalogue imported again and again, as time goes by."""

import datetime as dt
from pathlib import Path

import pytest

from planner import Offer
from service.inventory.database import Database
from service.inventory.importers.errors import TooManyRefused
from service.inventory.offer_changes import add_offers, set_price
from service.inventory.repository import load_offers
from service.inventory.utc import today
from tests.service.inventory.importers.conftest import AWS, HEADER, CatalogueFile
from tests.service.inventory.importers.inventory_state import history_of, ids_of, import_one, prices_of, state_of

MAY, JUNE, JULY = dt.date(2026, 5, 1), dt.date(2026, 6, 1), dt.date(2026, 7, 1)


async def test_a_first_import_adds_the_offers_with_their_prices_source_and_day(gpu_inventory: Database) -> None:
    report = await import_one(gpu_inventory, AWS, as_of=MAY)

    assert ids_of(report.added) == [
        "aws:g6.xlarge:eu-north-1:on_demand",
        "aws:g6.xlarge:eu-north-1:spot",
        "aws:p4d.24xlarge:us-west-2:on_demand",
        "aws:p4d.24xlarge:us-west-2:spot",
    ]
    async with gpu_inventory.read() as session:
        offers = {offer.offer_id: offer for offer in await load_offers(session)}
    assert offers["aws:p4d.24xlarge:us-west-2:spot"] == Offer(
        offer_id="aws:p4d.24xlarge:us-west-2:spot",
        provider="aws",
        provider_kind="hyperscaler",
        instance_type="p4d.24xlarge",
        gpu_id="a100-40gb-sxm",
        gpu_count=8,
        pricing="spot",
        usd_per_hour=8.25,
        price_kind="listed",
        as_of=MAY,
        as_of_basis="stated at import",
        source=f"skypilot:aws@{report.checksum_sha256[:8]}",
        region="us-west-2",
        country="US",
        continent="NA",
        vcpus=96.0,
        ram_gb=1152.0,
    )


async def test_the_same_file_twice_changes_nothing_not_even_the_revision(
    gpu_inventory: Database, tmp_path: Path
) -> None:
    await import_one(gpu_inventory, AWS)
    before = await state_of(gpu_inventory)

    report = await import_one(gpu_inventory, AWS)
    copy = tmp_path / "aws.csv"
    copy.write_bytes(AWS.read_bytes())
    of_the_copy = await import_one(gpu_inventory, copy)

    assert await state_of(gpu_inventory) == before
    assert (report.added, report.changed, report.vanished, report.confirmed, report.unchanged) == ((), (), (), 0, 4)
    assert of_the_copy.checksum_sha256 == report.checksum_sha256


async def test_a_dry_run_says_what_would_change_and_changes_nothing(gpu_inventory: Database) -> None:
    before = await state_of(gpu_inventory)

    dry = await import_one(gpu_inventory, AWS, as_of=MAY, is_dry_run=True)

    assert await state_of(gpu_inventory) == before
    assert dry == await import_one(gpu_inventory, AWS, as_of=MAY)


async def test_a_later_catalogue_changes_prices_confirms_some_and_lets_others_vanish(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    rows = ("g1,L4,1,4,16,,1.0,,us-east-1", "g2,L4,2,8,32,,2.0,,us-east-1", "g3,L4,4,8,32,,3.0,,us-east-1")
    await import_one(gpu_inventory, catalogue.write(*rows), as_of=MAY)

    later = catalogue.write(
        "g1,L4,1,4,16,,1.25,,us-east-1", "g2,L4,2,8,32,,2.0,,us-east-1", "g4,L4,8,8,32,,4.0,,us-east-1"
    )
    report = await import_one(gpu_inventory, later, as_of=JUNE)

    (changed,) = report.changed
    assert (changed.offer_id, changed.old_usd_per_hour, changed.new_usd_per_hour) == (
        "aws:g1:us-east-1:on_demand",
        1.0,
        1.25,
    )
    assert (ids_of(report.added), report.confirmed) == (["aws:g4:us-east-1:on_demand"], 1)
    (vanished,) = report.vanished
    assert (vanished.offer_id, vanished.old_usd_per_hour) == ("aws:g3:us-east-1:on_demand", 3.0)
    assert await prices_of(gpu_inventory) == {
        "aws:g1:us-east-1:on_demand": 1.25,
        "aws:g2:us-east-1:on_demand": 2.0,
        "aws:g4:us-east-1:on_demand": 4.0,
    }
    assert await history_of(gpu_inventory, "aws:g1:us-east-1:on_demand") == [(JUNE, 1.25), (MAY, 1.0)]
    assert await history_of(gpu_inventory, "aws:g3:us-east-1:on_demand") == [(MAY, 3.0)]


async def test_what_vanished_comes_back_with_its_history(gpu_inventory: Database, catalogue: CatalogueFile) -> None:
    both = ("g1,L4,1,4,16,,1.0,,us-east-1", "g2,L4,2,8,32,,2.0,,us-east-1")
    await import_one(gpu_inventory, catalogue.write(*both), as_of=MAY)
    await import_one(gpu_inventory, catalogue.write(both[0]), as_of=JUNE)

    report = await import_one(gpu_inventory, catalogue.write(both[0], "g2,L4,2,8,32,,2.2,,us-east-1"), as_of=JULY)

    assert [(each.offer_id, each.note) for each in report.added] == [("aws:g2:us-east-1:on_demand", "is back")]
    assert await history_of(gpu_inventory, "aws:g2:us-east-1:on_demand") == [(JULY, 2.2), (MAY, 2.0)]


async def test_a_price_seen_again_and_again_is_kept_as_its_first_and_its_last_day(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    for day in (MAY, JUNE, JULY, dt.date(2026, 8, 1)):
        await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1"), as_of=day)

    assert await history_of(gpu_inventory, "aws:g1:us-east-1:on_demand") == [(dt.date(2026, 8, 1), 1.0), (MAY, 1.0)]


async def test_offers_of_other_sources_never_vanish_and_get_newer_prices_only(
    seeded_inventory: Database, catalogue: CatalogueFile
) -> None:
    before = await prices_of(seeded_inventory)
    seeded = "aws:p4d.24xlarge:us-west-2:spot"

    listed = await import_one(seeded_inventory, AWS, as_of=today())
    gone = await import_one(seeded_inventory, catalogue.write("g9,L4,1,4,16,,1.0,,us-east-1"), as_of=today())

    after = await prices_of(seeded_inventory)
    assert (listed.vanished, gone.vanished) == ((), ())
    assert before.keys() <= after.keys()
    assert await history_of(seeded_inventory, seeded) == [(today(), 8.25), (dt.date(2025, 11, 15), before[seeded])]


async def test_a_price_set_by_hand_stays_until_a_later_catalogue(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    offer_id = "aws:g1:us-east-1:on_demand"
    await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1"), as_of=MAY)
    async with gpu_inventory.change() as session:
        await set_price(session, offer_id, usd_per_hour=0.9, as_of=JUNE)

    await import_one(gpu_inventory, catalogue.path)
    assert await prices_of(gpu_inventory) == {offer_id: 0.9}
    await import_one(gpu_inventory, catalogue.path, as_of=JULY)
    assert await history_of(gpu_inventory, offer_id) == [(JULY, 1.0), (JUNE, 0.9), (MAY, 1.0)]


async def test_a_broken_row_does_not_let_its_offer_vanish(gpu_inventory: Database, catalogue: CatalogueFile) -> None:
    good = "g2,L4,2,8,32,,2.0,,us-east-1"
    await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1", good), as_of=MAY)

    broken = await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,dear,,us-east-1", good), as_of=JUNE)
    in_doubt = await import_one(gpu_inventory, catalogue.write("g1,H900,1,4,16,,1.0,,us-east-1", good), as_of=JULY)

    assert (len(broken.refused), broken.vanished) == (1, ())
    assert (len(in_doubt.unresolved), in_doubt.vanished) == (1, ())
    assert "aws:g1:us-east-1:on_demand" in await prices_of(gpu_inventory)


async def test_a_row_of_which_nobody_can_tell_whose_it_is_lets_no_offer_vanish(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    good = "g2,L4,2,8,32,,2.0,,us-east-1"
    await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1", good), as_of=MAY)
    before = await prices_of(gpu_inventory)

    catalogue.path.write_bytes(f"{HEADER}{good}\n".encode() + "g1,L4,1,4,16,,1.0,,köln\n".encode("latin-1"))
    other_bytes = await import_one(gpu_inventory, catalogue.path, as_of=JUNE)
    torn = await import_one(gpu_inventory, catalogue.write(good, "g1,L4,1"), as_of=JUNE)
    nameless = await import_one(gpu_inventory, catalogue.write(good, ",L4,1,4,16,,1.0,,us-east-1"), as_of=JUNE)

    for report in (other_bytes, torn, nameless):
        assert (len(report.refused), report.vanished, report.kept) == (1, (), 1)
    assert await prices_of(gpu_inventory) == before
    assert len((await import_one(gpu_inventory, catalogue.write(good), as_of=JULY)).vanished) == 1


async def test_a_file_of_which_no_row_can_be_read_is_refused(gpu_inventory: Database, catalogue: CatalogueFile) -> None:
    await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1"), as_of=MAY)
    before = await state_of(gpu_inventory)
    catalogue.path.write_bytes(HEADER.encode() + "g1,L4,1,4,16,,1.0,,köln\n".encode("latin-1"))

    for is_dry_run in (True, False):
        with pytest.raises(TooManyRefused, match=r"None of the 1 rows of skypilot:aws .* line 2: not UTF-8 text"):
            await import_one(gpu_inventory, catalogue.path, as_of=JUNE, is_dry_run=is_dry_run)
    assert await state_of(gpu_inventory) == before


async def test_too_many_broken_rows_refuse_the_whole(gpu_inventory: Database, catalogue: CatalogueFile) -> None:
    before = await state_of(gpu_inventory)
    rows = [f"g{number},L4,1,4,16,,{'dear' if number % 2 else 1.0},,us-east-1" for number in range(20)]

    with pytest.raises(TooManyRefused, match=r"More than 9 rows of skypilot:aws .* line 3: Price is 'dear'"):
        await import_one(gpu_inventory, catalogue.write(*rows), max_refused=9)
    assert await state_of(gpu_inventory) == before
    report = await import_one(gpu_inventory, catalogue.path, max_refused=10)
    assert (len(report.added), len(report.refused)) == (10, 10)


async def test_a_file_that_was_cut_off_is_refused_unless_allowed(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    rows = [f"g{number},L4,1,4,16,,1.0,,us-east-1" for number in range(30)]
    await import_one(gpu_inventory, catalogue.write(*rows), as_of=MAY)
    before = await state_of(gpu_inventory)

    with pytest.raises(TooManyRefused, match="20 of the 30 offers of skypilot:aws would vanish"):
        await import_one(gpu_inventory, catalogue.write(*rows[:10]), as_of=JUNE)
    assert await state_of(gpu_inventory) == before
    report = await import_one(gpu_inventory, catalogue.path, as_of=JUNE, max_vanished_share=1.0)
    assert len(report.vanished) == 20


async def test_another_gpu_under_an_identifier_from_elsewhere_is_refused(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    async with gpu_inventory.change() as session:
        await add_offers(
            session,
            [
                Offer(
                    offer_id="aws:g1:us-east-1:on_demand",
                    provider="aws",
                    provider_kind="hyperscaler",
                    instance_type="g1",
                    gpu_id="t4",
                    gpu_count=1,
                    pricing="on_demand",
                    usd_per_hour=0.5,
                    price_kind="listed",
                    as_of=MAY,
                    as_of_basis="exact",
                    source="entered by hand",
                )
            ],
        )

    report = await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1"), as_of=JUNE)

    (refused,) = report.refused
    assert (refused.line, "1x t4 in the inventory" in refused.reason) == (2, True)
    assert await prices_of(gpu_inventory) == {"aws:g1:us-east-1:on_demand": 0.5}
