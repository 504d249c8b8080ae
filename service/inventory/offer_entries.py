"""An offer as the inventory keeps it: its shape, and the price that is current."""

import datetime as dt
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Offer
from service.inventory.entries import check_price_of
from service.inventory.errors import OfferNotFound
from service.inventory.tables import OfferRow, PriceRow

SHAPE_FIELDS: Final = (
    "gpu_id",
    "gpu_count",
    "country",
    "continent",
    "vcpus",
    "ram_gb",
    "host_billed_separately",
)
"""What may change of an offer beside its price; the rest is its identity."""
PRICE_FIELDS: Final = ("usd_per_hour", "purchase_usd", "price_kind", "as_of", "as_of_basis", "source", "flags")


class OfferEntry(Struct, frozen=True, kw_only=True):
    """An offer and its current price, as they were entered.

    A rental has `usd_per_hour` for the whole machine, a purchase `purchase_usd` for all its GPUs. An offer that its
    catalogue lists no more has no current price: then all from `usd_per_hour` on is null or empty.
    """

    offer_id: str
    provider: str
    instance_type: str
    gpu_id: str
    gpu_count: int
    pricing: str
    region: str
    country: str
    continent: str
    vcpus: float | None
    ram_gb: float | None
    host_billed_separately: bool
    usd_per_hour: float | None
    purchase_usd: float | None
    price_kind: str | None
    as_of: dt.date | None
    as_of_basis: str | None
    source: str | None
    flags: tuple[str, ...]


async def get_offer_row(session: AsyncSession, offer_id: str) -> OfferRow:
    """Return the row of an offer that is not deleted.

    Raises:
        OfferNotFound: no such offer has that identifier.
    """
    offer = await session.get(OfferRow, offer_id)
    if offer is None or offer.deleted_at is not None:
        raise OfferNotFound(f"The inventory has no offer {offer_id[:80]!r}.")
    return offer


async def get_current_price(session: AsyncSession, offer_id: str) -> PriceRow | None:
    """Return the row of the price that an offer has now, if it has one."""
    return await session.scalar(select(PriceRow).where(PriceRow.offer_id == offer_id, PriceRow.is_current))


async def load_offer_entry(session: AsyncSession, offer_id: str) -> OfferEntry:
    """Return the offer of that identifier; raises OfferNotFound."""
    return to_offer_entry(await get_offer_row(session, offer_id), await get_current_price(session, offer_id))


def to_offer_entry(offer: OfferRow, price: PriceRow | None) -> OfferEntry:
    """Return the entry that these rows hold."""
    return OfferEntry(
        offer_id=offer.offer_id,
        provider=offer.provider,
        instance_type=offer.instance_type,
        gpu_id=offer.gpu_id,
        gpu_count=offer.gpu_count,
        pricing=offer.pricing,
        region=offer.region,
        country=offer.country,
        continent=offer.continent,
        vcpus=offer.vcpus,
        ram_gb=offer.ram_gb,
        host_billed_separately=offer.host_billed_separately,
        usd_per_hour=None if price is None else price.usd_per_hour,
        purchase_usd=None if price is None else price.purchase_usd,
        price_kind=None if price is None else price.price_kind,
        as_of=None if price is None else price.as_of,
        as_of_basis=None if price is None else price.as_of_basis,
        source=None if price is None else price.source,
        flags=() if price is None else tuple(price.flags),
    )


def price_of(entry: OfferEntry) -> dict[str, Any]:
    """Return the fields of an entry that make its price."""
    return {name: getattr(entry, name) for name in PRICE_FIELDS}


async def load_offer_entries(
    session: AsyncSession, *, after: str = "", limit: int, gpu_id: str | None = None, provider: str | None = None
) -> list[OfferEntry]:
    """Return the first `limit` offers whose identifier comes after `after`, by identifier."""
    query = (
        select(OfferRow, PriceRow)
        .outerjoin(PriceRow, (PriceRow.offer_id == OfferRow.offer_id) & PriceRow.is_current)
        .where(OfferRow.deleted_at.is_(None), OfferRow.offer_id > after)
        .order_by(OfferRow.offer_id)
        .limit(limit)
    )
    if gpu_id is not None:
        query = query.where(OfferRow.gpu_id == gpu_id)
    if provider is not None:
        query = query.where(OfferRow.provider == provider)
    return [to_offer_entry(offer, price) for offer, price in await session.execute(query)]


def entry_of(offer: Offer) -> OfferEntry:
    """Return how the inventory keeps `offer`; raises InvalidEntry for a price that cannot be."""
    fields: dict[str, Any] = {name: getattr(offer, name) for name in OfferEntry.__struct_fields__}
    fields["usd_per_hour"], fields["purchase_usd"] = check_price_of(offer)
    return OfferEntry(**fields)
