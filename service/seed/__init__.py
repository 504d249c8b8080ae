"""The inventory that a new database begins with: GPUs and offers from files beside this module."""

import csv
import datetime as dt
from importlib import resources
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Gpu, Offer
from service.inventory.audit import describe
from service.inventory.changes import hold_revision, raise_revision
from service.inventory.database import Database
from service.inventory.gpu_changes import insert_gpus
from service.inventory.identifiers import make_offer_id
from service.inventory.importers.history import IMPORT
from service.inventory.migrate import is_up_to_date, upgrade
from service.inventory.offer_changes import insert_offers
from service.inventory.tables import GpuRow, InventoryRevision, OfferRow, ProviderRow
from service.inventory.utc import now
from service.seed.purchases import purchases_of

SEED: Final = "seed"
_FLAG_SEPARATOR: Final = "; "
_TRUTH: Final = {"true": True, "false": False}


class Seeded(msgspec.Struct, frozen=True, kw_only=True):
    """What a seeding added: GPUs and offers that were not there."""

    gpus: int
    offers: int


async def seed(session: AsyncSession) -> Seeded:
    """Add the GPUs and offers of the seed files that the inventory lacks, as one change of it.

    What is there stays as it is, whoever put it there, and what was deleted stays deleted, with all offers of a
    deleted GPU or provider: a second run adds nothing and raises no revision.
    """
    await hold_revision(session)
    known_gpus = set(await session.scalars(select(GpuRow.gpu_id)))
    known_offers = set(await session.scalars(select(OfferRow.offer_id)))
    gone_gpus = set(await session.scalars(select(GpuRow.gpu_id).where(GpuRow.deleted_at.is_not(None))))
    gone_providers = set(await session.scalars(select(ProviderRow.name).where(ProviderRow.deleted_at.is_not(None))))
    gpus = [gpu for gpu in read_gpus() if gpu.gpu_id not in known_gpus]
    offers = [
        offer
        for offer in (*read_offers(), *read_purchases())
        if offer.offer_id not in known_offers and offer.gpu_id not in gone_gpus and offer.provider not in gone_providers
    ]
    await insert_gpus(session, gpus)
    await insert_offers(session, offers)
    seeded = Seeded(gpus=len(gpus), offers=len(offers))
    if gpus or offers:
        await raise_revision(session, describe(IMPORT, SEED, after=seeded))
    revision = (await session.scalars(select(InventoryRevision))).one()
    if revision.seeded_at is None:
        revision.seeded_at = now()
    return seeded


async def prepare(database: Database) -> Seeded | None:
    """Make the tables of `database` if they are missing or old, and seed an inventory that never was.

    Returns what was added, or None where the inventory had been seeded before: one that an operator has emptied since
    stays empty. Several programs may do so at the same time.

    Raises:
        InventoryUnavailable: the database cannot be reached.
        MigrationMismatch: the tables were made by a newer version of this program.
    """
    if not await is_up_to_date(database):
        await upgrade(database)
    # The usual case takes no lock, so that a start never waits for a writer.
    async with database.read() as session:
        if await _was_seeded(session):
            return None
    async with database.change(actor=SEED) as session:
        await hold_revision(session)
        return None if await _was_seeded(session) else await seed(session)


async def _was_seeded(session: AsyncSession) -> bool:
    return await session.scalar(select(InventoryRevision.seeded_at)) is not None


def read_gpus() -> list[Gpu]:
    """Return the GPUs of `gpus.json`, in the file's order."""
    return msgspec.json.decode((resources.files(__name__) / "gpus.json").read_bytes(), type=list[Gpu])


def read_offers() -> list[Offer]:
    """Return the offers of `offers.csv`, in the file's order."""
    text = (resources.files(__name__) / "offers.csv").read_text(encoding="utf-8")
    return [_to_offer(row) for row in csv.DictReader(text.splitlines())]


def read_purchases() -> list[Offer]:
    """Return the purchases that follow from the launch prices of `gpus.json`, in the file's order."""
    return purchases_of(read_gpus())


def _to_offer(row: dict[str, str]) -> Offer:
    return Offer(
        offer_id=make_offer_id(
            row["provider"], instance_type=row["instance_type"], region=row["region"], pricing=row["pricing"]
        ),
        provider=row["provider"],
        provider_kind=row["provider_kind"],
        instance_type=row["instance_type"],
        gpu_id=row["gpu_id"],
        gpu_count=int(row["gpu_count"]),
        pricing=row["pricing"],
        usd_per_hour=float(row["usd_per_hour"]),
        price_kind=row["price_kind"],
        as_of=dt.date.fromisoformat(row["as_of"]),
        as_of_basis=row["as_of_basis"],
        source=row["source"],
        region=row["region"],
        country=row["country"],
        continent=row["continent"],
        vcpus=_to_number(row["vcpus"]),
        ram_gb=_to_number(row["ram_gb"]),
        host_billed_separately=_TRUTH[row["host_billed_separately"]],
        flags=tuple(row["flags"].split(_FLAG_SEPARATOR)) if row["flags"] else (),
    )


def _to_number(text: str) -> float | None:
    return float(text) if text else None
