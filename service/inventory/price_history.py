"""Prices through time: of one offer in pages, and of all offers of some GPUs."""

import datetime as dt
from collections.abc import Collection
from itertools import groupby

from msgspec import Struct
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.errors import OfferNotFound
from service.inventory.import_tables import CatalogueOfferRow
from service.inventory.listing import RowId, decode_cursor, encode_cursor
from service.inventory.repository import Price, to_price
from service.inventory.tables import OfferRow, PriceRow


class PricePage(Struct, frozen=True, kw_only=True):
    """Prices of one offer, the newest first; `next_cursor` leads to the page after this one, None to none.

    `vanished_on` is the day from which the offer's catalogue lists it no more, or on which it was deleted.
    """

    offer_id: str
    vanished_on: dt.date | None
    prices: tuple[Price, ...]
    next_cursor: str | None


class OfferPrices(Struct, frozen=True, kw_only=True):
    """An offer and all its prices, the oldest first; `vanished_on` is the day from which it is listed no more."""

    offer_id: str
    provider: str
    instance_type: str
    gpu_id: str
    gpu_count: int
    region: str
    pricing: str
    vanished_on: dt.date | None
    prices: tuple[Price, ...]


class _Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    as_of: dt.date
    price_id: RowId


async def list_prices(session: AsyncSession, offer_id: str, *, cursor: str | None, limit: int) -> PricePage:
    """Return the first `limit` prices of an offer after `cursor`, by the day they were seen, the newest first.

    Raises:
        OfferNotFound: no offer has that identifier.
        InvalidCursor: `cursor` is none that a page of prices has given.
    """
    found = (
        select(OfferRow.deleted_at, CatalogueOfferRow.vanished_on)
        .outerjoin(CatalogueOfferRow, CatalogueOfferRow.offer_id == OfferRow.offer_id)
        .where(OfferRow.offer_id == offer_id)
    )
    # No name holds a NUL character, and PostgreSQL cannot be asked for one that does.
    offer = None if "\0" in offer_id else (await session.execute(found)).one_or_none()
    if offer is None:
        raise OfferNotFound(f"The inventory has no offer {offer_id[:80]!r}.")
    query = select(PriceRow).where(PriceRow.offer_id == offer_id)
    if cursor is not None:
        place = decode_cursor(cursor, type_=_Place)
        query = query.where(tuple_(PriceRow.as_of, PriceRow.id) < tuple_(place.as_of, place.price_id))
    rows = (await session.scalars(query.order_by(PriceRow.as_of.desc(), PriceRow.id.desc()).limit(limit + 1))).all()
    page = rows[:limit]
    return PricePage(
        offer_id=offer_id,
        vanished_on=_gone_on(offer.deleted_at, offer.vanished_on),
        prices=tuple(map(to_price, page)),
        next_cursor=encode_cursor(_Place(as_of=page[-1].as_of, price_id=page[-1].id)) if len(rows) > limit else None,
    )


async def load_prices_of_gpus(session: AsyncSession, gpu_ids: Collection[str]) -> list[OfferPrices]:
    """Return every offer of these GPUs that has or had a price, with all its prices, by identifier."""
    rows = await session.execute(
        select(OfferRow, CatalogueOfferRow.vanished_on, PriceRow)
        .join(PriceRow, PriceRow.offer_id == OfferRow.offer_id)
        .outerjoin(CatalogueOfferRow, CatalogueOfferRow.offer_id == OfferRow.offer_id)
        .where(OfferRow.gpu_id.in_(gpu_ids))
        .order_by(OfferRow.offer_id, PriceRow.as_of, PriceRow.id)
    )
    found: list[OfferPrices] = []
    for _, group in groupby(rows.all(), key=lambda row: row[0].offer_id):
        prices = list(group)
        offer, vanished_on, _ = prices[0]
        found.append(
            OfferPrices(
                offer_id=offer.offer_id,
                provider=offer.provider,
                instance_type=offer.instance_type,
                gpu_id=offer.gpu_id,
                gpu_count=offer.gpu_count,
                region=offer.region,
                pricing=offer.pricing,
                vanished_on=_gone_on(offer.deleted_at, vanished_on),
                prices=tuple(to_price(row[2]) for row in prices),
            )
        )
    return found


def _gone_on(deleted_at: dt.datetime | None, vanished_on: dt.date | None) -> dt.date | None:
    return vanished_on if deleted_at is None else deleted_at.date()
