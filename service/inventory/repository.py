"""The inventory in the database, read: whole, for planning, and one offer's prices through time."""

import datetime as dt

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Gpu, Offer
from service.inventory.errors import OfferNotFound
from service.inventory.rows import select_gpus, select_offers, to_gpu, to_offer
from service.inventory.tables import GpuRow, InventoryRevision, OfferRow, PriceRow, ProviderRow


class Price(Struct, frozen=True, kw_only=True):
    """A price of an offer; `as_of` is the day it was seen, `recorded_at` the moment it was written (UTC).

    `usd_per_hour` is null for a purchase, `purchase_usd` for a rental.
    """

    usd_per_hour: float | None
    purchase_usd: float | None
    price_kind: str
    as_of: dt.date
    as_of_basis: str
    source: str
    flags: tuple[str, ...]
    recorded_at: dt.datetime


class Revision(Struct, frozen=True, kw_only=True):
    """Which inventory this is and how often it has changed: together they name one state of it."""

    inventory_id: str
    revision: int


async def read_revision(session: AsyncSession) -> Revision:
    """Return the revision of the inventory that `session` sees."""
    row = (await session.execute(select(InventoryRevision.inventory_id, InventoryRevision.revision))).one()
    return Revision(inventory_id=row[0], revision=row[1])


async def load_gpus(session: AsyncSession, *, as_of: dt.date | None = None) -> list[Gpu]:
    """Return all GPUs, or those of a past day, by identifier."""
    return [to_gpu(row) for row in await session.execute(select_gpus(as_of=as_of).order_by(GpuRow.gpu_id))]


async def load_offers(session: AsyncSession, *, as_of: dt.date | None = None) -> list[Offer]:
    """Return all offers with their current prices, or with those of a past day, by identifier."""
    return [to_offer(row) for row in await session.execute(select_offers(as_of=as_of).order_by(OfferRow.offer_id))]


async def load_provider_names(session: AsyncSession) -> list[str]:
    """Return the names of all providers, of those without offers too."""
    return list(await session.scalars(select(ProviderRow.name).where(ProviderRow.deleted_at.is_(None))))


async def find_first_rental_price(session: AsyncSession) -> dt.date | None:
    """Return the first day that any rental's price is known of."""
    return await session.scalar(select(func.min(PriceRow.as_of)).where(PriceRow.usd_per_hour.is_not(None)))


async def load_price_history(session: AsyncSession, offer_id: str) -> list[Price]:
    """Return all prices of an offer, the current one first, then newest first.

    Raises:
        OfferNotFound: no offer has that identifier.
    """
    if await session.get(OfferRow, offer_id) is None:
        raise OfferNotFound(f"The inventory has no offer {offer_id[:80]!r}.")
    rows = await session.scalars(
        select(PriceRow)
        .where(PriceRow.offer_id == offer_id)
        .order_by(PriceRow.is_current.desc(), PriceRow.as_of.desc(), PriceRow.id.desc())
    )
    return [to_price(row) for row in rows]


def to_price(row: PriceRow) -> Price:
    """Return the price that `row` holds."""
    return Price(
        usd_per_hour=row.usd_per_hour,
        purchase_usd=row.purchase_usd,
        price_kind=row.price_kind,
        as_of=row.as_of,
        as_of_basis=row.as_of_basis,
        source=row.source,
        flags=tuple(row.flags),
        recorded_at=row.recorded_at,
    )
