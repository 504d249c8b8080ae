import asyncio
import csv
import json
from collections import defaultdict
from pathlib import Path

from sqlalchemy import delete, func, select

from planner import Inventory
from service.inventory.database import Database
from service.inventory.gpu_changes import remove_gpu
from service.inventory.migrate import upgrade
from service.inventory.offer_changes import remove_offer, set_price
from service.inventory.provider_changes import remove_provider
from service.inventory.repository import load_gpus, load_offers, read_revision
from service.inventory.tables import OfferRow, PriceRow
from service.seed import Seeded, prepare, read_gpus, read_offers, read_purchases, seed
from tests.service.inventory.conftest import open_database

SEED_OFFER = "aws:p5.4xlarge:us-east-1:on_demand"
DELETED_GPU = "l4"


async def test_a_first_start_makes_tables_and_seeds_all_gpus_and_offers(bare_database: Database) -> None:
    assert await prepare(bare_database) == Seeded(gpus=76, offers=419)
    async with bare_database.read() as session:
        assert (await read_revision(session)).revision == 1
        assert sorted(await load_gpus(session), key=str) == sorted(read_gpus(), key=str)
        assert sorted(await load_offers(session), key=str) == sorted([*read_offers(), *read_purchases()], key=str)


async def test_a_second_start_seeds_nothing(seeded_inventory: Database) -> None:
    assert await prepare(seeded_inventory) is None


async def test_a_second_seeding_changes_nothing_and_raises_no_revision(seeded_inventory: Database) -> None:
    async with seeded_inventory.change() as session:
        assert await seed(session) == Seeded(gpus=0, offers=0)
    async with seeded_inventory.read() as session:
        assert (await read_revision(session)).revision == 1


async def test_a_seeding_overwrites_no_price_that_an_operator_has_set(seeded_inventory: Database) -> None:
    async with seeded_inventory.change() as session:
        await set_price(session, SEED_OFFER, usd_per_hour=0.01)
    async with seeded_inventory.change() as session:
        assert await seed(session) == Seeded(gpus=0, offers=0)
    async with seeded_inventory.read() as session:
        prices = {offer.offer_id: offer.usd_per_hour for offer in await load_offers(session)}
    assert prices[SEED_OFFER] == 0.01
    assert len(prices) == 419


async def test_a_seeding_brings_nothing_back_that_an_operator_has_deleted(seeded_inventory: Database) -> None:
    of_gpu = [offer.offer_id for offer in (*read_offers(), *read_purchases()) if offer.gpu_id == DELETED_GPU]
    async with seeded_inventory.change() as session:
        for offer_id in (SEED_OFFER, *of_gpu):
            await remove_offer(session, offer_id)
        await remove_gpu(session, DELETED_GPU)
    async with seeded_inventory.read() as session:
        before = await read_revision(session)
        prices = await session.scalar(select(func.count()).select_from(PriceRow))
    async with seeded_inventory.change() as session:
        assert await seed(session) == Seeded(gpus=0, offers=0)
    async with seeded_inventory.read() as session:
        assert await read_revision(session) == before
        assert await session.scalar(select(func.count()).select_from(PriceRow)) == prices
        assert len(await load_offers(session)) == 419 - 1 - len(of_gpu)


async def test_a_seeding_adds_no_offers_of_a_gpu_or_a_provider_that_an_operator_has_deleted(
    seeded_inventory: Database,
) -> None:
    """Offers that a later version brings along are in no table yet."""
    offers = [*read_offers(), *read_purchases()]
    new = [offer for offer in offers if offer.gpu_id == DELETED_GPU or offer.provider == "oci"]
    async with seeded_inventory.change() as session:
        for offer in new:
            await session.execute(delete(PriceRow).where(PriceRow.offer_id == offer.offer_id))
            await session.execute(delete(OfferRow).where(OfferRow.offer_id == offer.offer_id))
        await remove_gpu(session, DELETED_GPU)
        await remove_provider(session, "oci")
    async with seeded_inventory.change() as session:
        assert await seed(session) == Seeded(gpus=0, offers=0)


async def test_an_inventory_that_its_operator_has_emptied_stays_empty(seeded_inventory: Database) -> None:
    async with seeded_inventory.change() as session:
        for offer in (*read_offers(), *read_purchases()):
            await remove_offer(session, offer.offer_id)
    assert await prepare(seeded_inventory) is None
    async with seeded_inventory.read() as session:
        assert await load_offers(session) == []


async def test_programs_that_start_at_the_same_time_seed_once(database_url: str) -> None:
    databases = [open_database(database_url) for _ in range(4)]
    seeded = await asyncio.gather(*(prepare(database) for database in databases))
    assert sorted(seeded, key=str) == [None, None, None, Seeded(gpus=76, offers=419)]
    async with databases[0].read() as session:
        assert (await read_revision(session)).revision == 1
    for database in databases:
        await database.close()


async def test_a_seeding_of_upgraded_tables_counts_as_the_first_one(empty_inventory: Database) -> None:
    async with empty_inventory.change() as session:
        await seed(session)
    await upgrade(empty_inventory)
    assert await prepare(empty_inventory) is None


def test_a_name_stands_for_one_gpu_only_unless_it_is_a_family() -> None:
    inventory = Inventory(revision=1, gpus=read_gpus(), offers=[*read_offers(), *read_purchases()])
    families: dict[str, set[str]] = defaultdict(set)
    for gpu in read_gpus():
        for family in gpu.families:
            families[family].add(gpu.gpu_id)
    for gpu in read_gpus():
        assert inventory.gpu_ids(gpu.gpu_id, field="gpu") == (gpu.gpu_id,)
        for name in (gpu.name, *gpu.aliases):
            found = set(inventory.gpu_ids(name, field="gpu"))
            assert found == {gpu.gpu_id} or found in families.values(), name
    for family, gpu_ids in families.items():
        assert set(inventory.gpu_ids(family, field="gpu")) == gpu_ids


def test_every_seed_offer_can_be_traced_to_its_source_and_day() -> None:
    for offer in read_offers():
        assert offer.source
        assert offer.as_of_basis.startswith(("exact", "stated in source", "cross-checked", "estimated"))
        assert offer.price_kind in {"listed", "indicative"}
        assert offer.pricing in {"on_demand", "spot"}


def test_the_seed_holds_every_row_of_the_material_unchanged(shared_folder: Path) -> None:
    with (shared_folder / "data" / "offers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 354
    for row, offer in zip(rows, read_offers(), strict=True):
        given = (row["provider"], row["instance_type"], row["region"], row["pricing"], row["gpu_id"], row["source"])
        assert (
            offer.provider,
            offer.instance_type,
            offer.region,
            offer.pricing,
            offer.gpu_id,
            offer.source,
        ) == given
        assert offer.usd_per_hour == float(row["usd_per_hour"])
        assert (offer.as_of.isoformat(), offer.price_kind) == (row["as_of"], row["price_kind"])


def test_the_seed_holds_every_gpu_of_the_material(shared_folder: Path) -> None:
    rows = json.loads((shared_folder / "data" / "gpus.json").read_text(encoding="utf-8"))
    assert len(rows) == 76
    for row, gpu in zip(rows, read_gpus(), strict=True):
        assert (gpu.gpu_id, gpu.visible_memory_gib, gpu.visible_memory_basis, gpu.fp16_dense_tflops) == (
            row["gpu_id"],
            row["visible_memory_gib"],
            row["visible_memory_basis"],
            row["dense_tflops"]["fp16_bf16"],
        )
        assert set(row["aliases"]) <= set(gpu.aliases)
