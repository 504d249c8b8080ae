import asyncio
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest

from planner import Offer
from service.inventory.database import Database
from service.inventory.errors import InvalidEntry
from service.inventory.importers.errors import NotACatalogue, SourceRefused, TooManyRefused
from service.inventory.importers.formats import GPUHUNT, OWN_CSV, SKYPILOT
from service.inventory.importers.importing import ImportRequest, run_import
from service.inventory.importers.review import decide, load_reviews
from service.inventory.offer_changes import add_offers, set_price
from service.inventory.repository import load_offers, load_price_history, read_revision
from service.inventory.utc import today
from tests.service.inventory.importers.conftest import CATALOGUES
from tests.service.inventory.importers.inventory_state import ids_of, import_one, state_of

AWS = CATALOGUES / "skypilot" / "v8" / "aws" / "vms.csv"
HEADER = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region\n"
MAY, JUNE, JULY = dt.date(2026, 5, 1), dt.date(2026, 6, 1), dt.date(2026, 7, 1)


@dataclass
class CatalogueFile:
    """A small AWS catalogue that a test rewrites as time goes by."""

    path: Path

    def write(self, *rows: str) -> Path:
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return self.path


@pytest.fixture
def catalogue(tmp_path: Path) -> CatalogueFile:
    return CatalogueFile(tmp_path / "aws" / "vms.csv")


async def _prices(database: Database) -> dict[str, float]:
    async with database.read() as session:
        return {offer.offer_id: offer.usd_per_hour for offer in await load_offers(session)}


async def _history(database: Database, offer_id: str) -> list[tuple[dt.date, float | None]]:
    async with database.read() as session:
        return [(price.as_of, price.usd_per_hour) for price in await load_price_history(session, offer_id)]


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
    assert await _prices(gpu_inventory) == {
        "aws:g1:us-east-1:on_demand": 1.25,
        "aws:g2:us-east-1:on_demand": 2.0,
        "aws:g4:us-east-1:on_demand": 4.0,
    }
    assert await _history(gpu_inventory, "aws:g1:us-east-1:on_demand") == [(JUNE, 1.25), (MAY, 1.0)]
    assert await _history(gpu_inventory, "aws:g3:us-east-1:on_demand") == [(MAY, 3.0)]


async def test_what_vanished_comes_back_with_its_history(gpu_inventory: Database, catalogue: CatalogueFile) -> None:
    both = ("g1,L4,1,4,16,,1.0,,us-east-1", "g2,L4,2,8,32,,2.0,,us-east-1")
    await import_one(gpu_inventory, catalogue.write(*both), as_of=MAY)
    await import_one(gpu_inventory, catalogue.write(both[0]), as_of=JUNE)

    report = await import_one(gpu_inventory, catalogue.write(both[0], "g2,L4,2,8,32,,2.2,,us-east-1"), as_of=JULY)

    assert [(each.offer_id, each.note) for each in report.added] == [("aws:g2:us-east-1:on_demand", "is back")]
    assert await _history(gpu_inventory, "aws:g2:us-east-1:on_demand") == [(JULY, 2.2), (MAY, 2.0)]


async def test_a_price_seen_again_and_again_is_kept_as_its_first_and_its_last_day(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    for day in (MAY, JUNE, JULY, dt.date(2026, 8, 1)):
        await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1"), as_of=day)

    assert await _history(gpu_inventory, "aws:g1:us-east-1:on_demand") == [(dt.date(2026, 8, 1), 1.0), (MAY, 1.0)]


async def test_offers_of_other_sources_never_vanish_and_get_newer_prices_only(
    seeded_inventory: Database, catalogue: CatalogueFile
) -> None:
    before = await _prices(seeded_inventory)
    seeded = "aws:p4d.24xlarge:us-west-2:spot"

    listed = await import_one(seeded_inventory, AWS, as_of=today())
    gone = await import_one(seeded_inventory, catalogue.write("g9,L4,1,4,16,,1.0,,us-east-1"), as_of=today())

    after = await _prices(seeded_inventory)
    assert (listed.vanished, gone.vanished) == ((), ())
    assert before.keys() <= after.keys()
    assert await _history(seeded_inventory, seeded) == [(today(), 8.25), (dt.date(2025, 11, 15), before[seeded])]


async def test_an_older_catalogue_leaves_newer_prices_alone(gpu_inventory: Database, catalogue: CatalogueFile) -> None:
    await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1"), as_of=JUNE)

    report = await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,0.5,,us-east-1"), as_of=MAY)

    assert (report.changed, report.newer_known) == ((), 1)
    assert await _prices(gpu_inventory) == {"aws:g1:us-east-1:on_demand": 1.0}


async def test_a_price_set_by_hand_stays_until_a_later_catalogue(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    offer_id = "aws:g1:us-east-1:on_demand"
    await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1"), as_of=MAY)
    async with gpu_inventory.change() as session:
        await set_price(session, offer_id, usd_per_hour=0.9, as_of=JUNE)

    await import_one(gpu_inventory, catalogue.path)
    assert await _prices(gpu_inventory) == {offer_id: 0.9}
    await import_one(gpu_inventory, catalogue.path, as_of=JULY)
    assert await _history(gpu_inventory, offer_id) == [(JULY, 1.0), (JUNE, 0.9), (MAY, 1.0)]


async def test_a_broken_row_does_not_let_its_offer_vanish(gpu_inventory: Database, catalogue: CatalogueFile) -> None:
    good = "g2,L4,2,8,32,,2.0,,us-east-1"
    await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1", good), as_of=MAY)

    broken = await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,dear,,us-east-1", good), as_of=JUNE)
    in_doubt = await import_one(gpu_inventory, catalogue.write("g1,H900,1,4,16,,1.0,,us-east-1", good), as_of=JULY)

    assert (len(broken.refused), broken.vanished) == (1, ())
    assert (len(in_doubt.unresolved), in_doubt.vanished) == (1, ())
    assert "aws:g1:us-east-1:on_demand" in await _prices(gpu_inventory)


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
    assert await _prices(gpu_inventory) == {"aws:g1:us-east-1:on_demand": 0.5}


async def test_a_folder_is_one_import_all_or_nothing(gpu_inventory: Database, tmp_path: Path) -> None:
    folder = CATALOGUES / "skypilot"
    result = await run_import(gpu_inventory, ImportRequest(format=SKYPILOT, source=str(folder), as_of=MAY))

    assert sorted(each.catalogue for each in result.catalogues) == sorted(
        f"skypilot:{name}"
        for name in (
            "aws",
            "azure",
            "cudo",
            "digitalocean",
            "gcp",
            "hyperstack",
            "lambda",
            "seeweb",
            "shadeform",
            "vast",
            "verda",
        )
    )
    assert len(await _prices(gpu_inventory)) == sum(len(each.added) for each in result.catalogues)
    async with gpu_inventory.read() as session:
        assert (await read_revision(session)).revision == result.revision == 2

    before = await state_of(gpu_inventory)
    for cloud in ("aws", "lambda"):
        (tmp_path / cloud).mkdir()
    (tmp_path / "aws" / "vms.csv").write_text(HEADER + "g1,L4,1,4,16,,1.0,,us-east-1\n")
    (tmp_path / "lambda" / "vms.csv").write_text("something,else\n1,2\n")
    with pytest.raises(NotACatalogue):
        await run_import(gpu_inventory, ImportRequest(format=SKYPILOT, source=str(tmp_path)))
    assert await state_of(gpu_inventory) == before


async def test_two_catalogues_of_one_provider_keep_their_own_offers(gpu_inventory: Database) -> None:
    await import_one(gpu_inventory, AWS, as_of=MAY)
    gpuhunt = await import_one(gpu_inventory, CATALOGUES / "gpuhunt" / "aws.csv", format_=GPUHUNT, as_of=JUNE)

    assert (len(gpuhunt.added), gpuhunt.vanished) == (3, ())
    assert len(await _prices(gpu_inventory)) == 7


async def test_our_own_list_is_known_by_its_name(gpu_inventory: Database, tmp_path: Path) -> None:
    path = CATALOGUES / "own" / "contracts.csv"
    await import_one(gpu_inventory, path, format_=OWN_CSV)
    shorter = tmp_path / "next-year.csv"
    shorter.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))

    other = await import_one(gpu_inventory, shorter, format_=OWN_CSV)
    same = await import_one(gpu_inventory, shorter, format_=OWN_CSV, name="contracts")

    assert (other.catalogue, other.vanished) == ("csv:next-year", ())
    assert (same.catalogue, len(same.vanished)) == ("csv:contracts", 2)


async def test_purchases_are_kept_as_what_they_cost_once(gpu_inventory: Database, tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    header = "provider,provider_kind,instance_type,gpu_id,gpu_count,pricing,purchase_usd\n"
    path.write_text(f"{header}shop,retail,2x-4090,rtx-4090,2,buy,3600\n")
    await import_one(gpu_inventory, path, format_=OWN_CSV, as_of=MAY)
    before = await state_of(gpu_inventory)
    await import_one(gpu_inventory, path, format_=OWN_CSV)
    assert await state_of(gpu_inventory) == before

    path.write_text(f"{header}shop,retail,2x-4090,rtx-4090,2,buy,3400\n")
    (changed,) = (await import_one(gpu_inventory, path, format_=OWN_CSV, as_of=JUNE)).changed

    assert (changed.old_purchase_usd, changed.new_purchase_usd) == (3600.0, 3400.0)
    async with gpu_inventory.read() as session:
        assert [offer.purchase_usd for offer in await load_offers(session)] == [3400.0]


async def test_a_gpu_in_doubt_waits_in_the_review_list_and_the_answer_is_followed(
    gpu_inventory: Database, catalogue: CatalogueFile
) -> None:
    info = "\"{'Gpus': [{'Name': 'A100', 'MemoryInfo': {'SizeInMiB': 81920}}]}\""
    path = catalogue.write(f"x1,A100,1,4,16,{info},1.0,,us-east-1", f"x1,A100,1,4,16,{info},1.0,,us-west-2")
    await import_one(gpu_inventory, path, as_of=MAY)

    async with gpu_inventory.read() as session:
        (review,) = await load_reviews(session)
    assert (review.catalogue, review.name, review.machine, review.memory_gib, review.rows, review.first_line) == (
        "skypilot:aws",
        "A100",
        "x1",
        80.0,
        2,
        2,
    )
    assert review.candidates == ("a100-80gb-pcie", "a100-80gb-sxm")
    async with gpu_inventory.change() as session:
        await decide(session, review.review_id, gpu_id="a100-80gb-sxm")

    # The file is the same, and yet there is something new to say about it.
    report = await import_one(gpu_inventory, path)

    assert [(each.gpu_id, each.offer_id) for each in report.added] == [
        ("a100-80gb-sxm", "aws:x1:us-east-1:on_demand"),
        ("a100-80gb-sxm", "aws:x1:us-west-2:on_demand"),
    ]
    async with gpu_inventory.read() as session:
        assert [each.gpu_id for each in await load_reviews(session)] == ["a100-80gb-sxm"]


async def test_a_doubt_that_is_gone_waits_no_more(gpu_inventory: Database, catalogue: CatalogueFile) -> None:
    await import_one(gpu_inventory, catalogue.write("x1,H900,1,4,16,,1.0,,us-east-1", "g1,L4,1,4,16,,1.0,,us-east-1"))
    await import_one(gpu_inventory, catalogue.write("g1,L4,1,4,16,,1.0,,us-east-1"))
    async with gpu_inventory.read() as session:
        assert await load_reviews(session) == []


async def test_imports_at_the_same_time_wait_for_each_other(gpu_inventory: Database) -> None:
    requests = [
        ImportRequest(format=SKYPILOT, source=str(CATALOGUES / "skypilot" / "v8" / cloud / "vms.csv"), as_of=MAY)
        for cloud in ("aws", "lambda", "azure", "aws", "lambda", "azure")
    ]

    await asyncio.gather(*(run_import(gpu_inventory, request) for request in requests))

    one_by_one = {"aws": 4, "lambda": 2, "azure": 4}
    prices = await _prices(gpu_inventory)
    assert {name: sum(each.startswith(name) for each in prices) for name in one_by_one} == one_by_one
    assert len((await state_of(gpu_inventory))["imports"]) == 3


async def test_progress_goes_from_nothing_to_all(gpu_inventory: Database) -> None:
    seen: list[tuple[str, int, int]] = []
    request = ImportRequest(format=SKYPILOT, source=str(AWS))
    await run_import(gpu_inventory, request, progress=lambda step, done, total: seen.append((step, done, total)))

    reading = [(done, total) for step, done, total in seen if step == "reading"]
    assert reading == sorted(reading)
    assert reading[-1] == (AWS.stat().st_size, AWS.stat().st_size)
    assert [(done, total) for step, done, total in seen if step == "writing"] == [(4, 4)]


async def test_a_day_in_the_future_and_a_provider_nobody_knows_are_refused(
    gpu_inventory: Database, tmp_path: Path
) -> None:
    with pytest.raises(InvalidEntry, match="future"):
        await import_one(gpu_inventory, AWS, as_of=dt.date(2999, 1, 1))
    path = tmp_path / "awz.csv"
    path.write_bytes(AWS.read_bytes())
    with pytest.raises(SourceRefused, match="'awz' is no provider known here; the nearest are aws"):
        await import_one(gpu_inventory, path)
    assert len((await import_one(gpu_inventory, path, provider_kind="cloud")).added) == 2
