"""Prices of earlier days: which of them the history tells already."""

import datetime as dt
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Offer
from service.inventory.entries import CENT_PLACES, USD_PLACES, check_price_of
from service.inventory.importers.difference import Difference
from service.inventory.tables import OfferRow, PriceRow

_ROWS_AT_ONCE: Final = 5000
_Price: TypeAlias = tuple[float | None, float | None, str]
"""Of a rental, of a purchase, and its kind."""


async def leave_out_told_prices(session: AsyncSession, difference: Difference) -> None:
    """Take out of `difference.past` what the history tells already, and count it as `newer_known`."""
    if not difference.past:
        return
    told = await _find_told(session, {each.offer.offer_id: each.offer for each in difference.past})
    difference.newer_known += len(told)
    difference.past = [each for each in difference.past if each.offer.offer_id not in told]


async def _find_told(session: AsyncSession, offers: dict[str, Offer]) -> set[str]:
    """Return the offers whose price is known to have held on their day: it did on that day, or before and after it."""
    query = (
        select(PriceRow.offer_id, PriceRow.as_of, PriceRow.usd_per_hour, PriceRow.purchase_usd, PriceRow.price_kind)
        .join(OfferRow, OfferRow.offer_id == PriceRow.offer_id)
        .where(OfferRow.provider.in_({offer.provider for offer in offers.values()}))
        .order_by(PriceRow.as_of, PriceRow.id)
    )
    before: dict[str, tuple[dt.date, _Price]] = {}
    after: dict[str, _Price] = {}
    async for row in await session.stream(query.execution_options(yield_per=_ROWS_AT_ONCE)):
        offer_id, as_of = row[0], row[1]
        if offer_id not in offers:
            continue
        if as_of <= offers[offer_id].as_of:
            before[offer_id] = as_of, _to_price(row)
        else:
            after.setdefault(offer_id, _to_price(row))
    told: set[str] = set()
    for offer_id, (as_of, price) in before.items():
        offer = offers[offer_id]
        if price == (*check_price_of(offer), offer.price_kind) and (
            as_of == offer.as_of or after.get(offer_id) == price
        ):
            told.add(offer_id)
    return told


def _to_price(row: Row[*tuple[Any, ...]]) -> _Price:
    return (
        None if row[2] is None else round(row[2], USD_PLACES),
        None if row[3] is None else round(row[3], CENT_PLACES),
        row[4],
    )
