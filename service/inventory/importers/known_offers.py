"""The offers of the inventory that a catalogue may concern, each question in one query."""

from collections.abc import Iterable
from sys import intern
from typing import Any, Final

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.entries import CENT_PLACES, USD_PLACES
from service.inventory.import_tables import CatalogueOfferRow
from service.inventory.importers.difference import KnownOffer
from service.inventory.tables import OfferRow, PriceRow

_ROWS_AT_ONCE: Final = 5000


async def load_known_offers(
    session: AsyncSession, *, catalogue: str, providers: Iterable[str]
) -> dict[str, KnownOffer]:
    """Return all offers that the catalogue keeps and all of these providers, by identifier."""
    query: Select[*tuple[Any, ...]] = (
        select(
            OfferRow.offer_id,
            OfferRow.gpu_id,
            OfferRow.gpu_count,
            OfferRow.region,
            OfferRow.country,
            OfferRow.continent,
            OfferRow.vcpus,
            OfferRow.ram_gb,
            OfferRow.host_billed_separately,
            CatalogueOfferRow.catalogue,
            CatalogueOfferRow.vanished_on,
            PriceRow.id,
            PriceRow.usd_per_hour,
            PriceRow.price_kind,
            PriceRow.as_of,
            PriceRow.as_of_basis,
            PriceRow.flags,
            PriceRow.purchase_usd,
            OfferRow.deleted_at.is_not(None),
        )
        .outerjoin(CatalogueOfferRow, CatalogueOfferRow.offer_id == OfferRow.offer_id)
        .outerjoin(PriceRow, (PriceRow.offer_id == OfferRow.offer_id) & PriceRow.is_current)
        .where(or_(CatalogueOfferRow.catalogue == catalogue, OfferRow.provider.in_(set(providers))))
    )
    # Row by row, and each word once: an inventory may hold a hundred thousand offers of a few hundred words.
    rows = await session.stream(query.execution_options(yield_per=_ROWS_AT_ONCE))
    return {row[0]: _to_known(row) async for row in rows}


def _to_known(row: Row[*tuple[Any, ...]]) -> KnownOffer:
    return KnownOffer(
        offer_id=row[0],
        gpu_id=intern(row[1]),
        gpu_count=row[2],
        region=intern(row[3]),
        country=intern(row[4]),
        continent=intern(row[5]),
        vcpus=row[6],
        ram_gb=row[7],
        host_billed_separately=row[8],
        is_deleted=row[18],
        catalogue=None if row[9] is None else intern(row[9]),
        vanished_on=row[10],
        price_id=row[11],
        usd_per_hour=None if row[12] is None else round(row[12], USD_PLACES),
        purchase_usd=None if row[17] is None else round(row[17], CENT_PLACES),
        price_kind=None if row[13] is None else intern(row[13]),
        as_of=row[14],
        as_of_basis=None if row[15] is None else intern(row[15]),
        flags=tuple(row[16] or ()),
    )


async def load_ends_of_runs(session: AsyncSession, *, providers: Iterable[str]) -> set[str]:
    """Return the offers of these providers whose two newest prices are the same.

    The older one says since when that price holds, the newer one until when it is known to have held.
    """
    usd = func.coalesce(PriceRow.usd_per_hour, PriceRow.purchase_usd)
    # Beside each price the one before it, in one pass: a join of the two would compare every price with every other.
    newest_first: dict[str, Any] = {
        "partition_by": PriceRow.offer_id,
        "order_by": (PriceRow.is_current.desc(), PriceRow.as_of.desc(), PriceRow.id.desc()),
    }
    prices = (
        select(
            PriceRow.offer_id,
            usd.label("usd"),
            PriceRow.price_kind,
            func.row_number().over(**newest_first).label("place"),
            func.lead(usd).over(**newest_first).label("usd_before"),
            func.lead(PriceRow.price_kind).over(**newest_first).label("price_kind_before"),
        )
        .join(OfferRow, OfferRow.offer_id == PriceRow.offer_id)
        .where(OfferRow.provider.in_(set(providers)))
        .subquery()
    )
    query = select(prices.c.offer_id).where(
        prices.c.place == 1,
        prices.c.usd == prices.c.usd_before,
        prices.c.price_kind == prices.c.price_kind_before,
    )
    return set(await session.scalars(query))
