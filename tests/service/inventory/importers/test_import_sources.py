"""Several catalogues, lists of one's own, GPUs in doubt, and imports at the same time."""

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from service.inventory.database import Database
from service.inventory.errors import InvalidEntry
from service.inventory.importers.errors import NotACatalogue, SourceRefused
from service.inventory.importers.formats import GPUHUNT, OWN_CSV, SKYPILOT
from service.inventory.importers.importing import ImportRequest, run_import
from service.inventory.importers.review import decide, load_reviews
from service.inventory.repository import load_offers, read_revision
from tests.service.inventory.importers.conftest import AWS, CATALOGUES, HEADER, CatalogueFile
from tests.service.inventory.importers.inventory_state import import_one, prices_of, state_of

MAY, JUNE, JULY = dt.date(2026, 5, 1), dt.date(2026, 6, 1), dt.date(2026, 7, 1)


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
    assert len(await prices_of(gpu_inventory)) == sum(len(each.added) for each in result.catalogues)
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
    assert len(await prices_of(gpu_inventory)) == 7


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
    prices = await prices_of(gpu_inventory)
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
