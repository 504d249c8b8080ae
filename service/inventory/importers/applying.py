"""A difference, written into the inventory: few statements, each for many rows, in the caller's transaction."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Final, TypeAlias, TypeVar, cast

from sqlalchemy import Date, Table, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Offer
from service.inventory.entries import check_price_of
from service.inventory.import_tables import CatalogueOfferRow
from service.inventory.importers.difference import Changed, Difference, Past
from service.inventory.importers.given_rows import given_rows
from service.inventory.importers.known_offers import load_ends_of_runs
from service.inventory.tables import OfferRow, PriceRow, ProviderRow
from service.inventory.utc import now

# Rows in one statement: large enough to be fast, small enough to end well within the driver's time limit.
CHUNK: Final = 5000
_T = TypeVar("_T")
Report = Callable[[int], None]

_OFFERS: Final = cast("Table", OfferRow.__table__)
_PRICES: Final = cast("Table", PriceRow.__table__)
_KEPT: Final = cast("Table", CatalogueOfferRow.__table__)
_OFFER_COLUMNS: Final = tuple(column for column in _OFFERS.columns if column.name != "deleted_at")
_SHAPE: Final = ("gpu_id", "gpu_count", "region", "country", "continent", "vcpus", "ram_gb", "host_billed_separately")


_SHAPE_VALUES: Final = attrgetter(*_SHAPE)
_OFFER_VALUES: Final = attrgetter(*(column.name for column in _OFFER_COLUMNS))
_PRICE_COLUMNS: Final = tuple(
    _PRICES.c[name]
    for name in (
        "offer_id",
        "usd_per_hour",
        "purchase_usd",
        "price_kind",
        "as_of",
        "as_of_basis",
        "source",
        "flags",
    )
)
_Price: TypeAlias = tuple[object, ...]
"""A value for each of `_PRICE_COLUMNS`."""


async def apply_difference(
    session: AsyncSession,
    difference: Difference,
    *,
    catalogue: str,
    as_of: dt.date,
    later: dt.date | None = None,
    report: Report,
) -> None:
    """Write what the catalogue changes; `report` is told how many offers are written each time.

    The caller holds the revision, raises it, and commits. Offers that vanish keep their history and lose their current
    price; a confirmed price moves to its new day, with the day since when it holds kept before it. An offer that only a
    list before that of `later` has is known to have vanished by then.
    """
    await _add_providers(session, (*difference.added, *(each.offer for each in difference.past if not each.known)))
    for chunk in _chunks(difference.added):
        await _insert_offers(session, chunk, catalogue=catalogue)
        await _insert_prices(session, _prices(chunk))
        report(len(chunk))
    for chunk in _chunks(difference.returned):
        await _take_over(session, chunk, catalogue=catalogue)
        await _insert_prices(session, _prices(each.offer for each in chunk))
        report(len(chunk))
    for chunk in _chunks(difference.changed):
        await _update_shapes(session, [each for each in chunk if each.known.catalogue == catalogue])
        await _end_prices(session, [each.known.price_id for each in chunk])
        await _insert_prices(session, _prices(each.offer for each in chunk))
        report(len(chunk))
    await _confirm(session, difference.confirmed, catalogue=catalogue, report=report)
    for vanished in _chunks(difference.vanished):
        await _end_prices(session, [each.price_id for each in vanished])
        gone = [each.offer_id for each in vanished]
        await session.execute(update(_KEPT).where(_KEPT.c.offer_id.in_(gone)).values(vanished_on=as_of))
        report(len(vanished))
    for past in _chunks(difference.past):
        await _join_history(session, past, catalogue=catalogue, later=later)
        report(len(past))


async def _add_providers(session: AsyncSession, offers: Iterable[Offer]) -> None:
    there = set(await session.scalars(select(ProviderRow.name).where(ProviderRow.deleted_at.is_(None))))
    new = {offer.provider: offer.provider_kind for offer in offers if offer.provider not in there}
    for name, kind in new.items():
        await session.merge(ProviderRow(name=name, kind=kind, deleted_at=None))
    await session.flush()


async def _insert_offers(
    session: AsyncSession, offers: Sequence[Offer], *, catalogue: str, vanished_on: dt.date | None = None
) -> None:
    given = given_rows(session, map(_OFFER_VALUES, offers), columns=_OFFER_COLUMNS)
    await session.execute(insert(_OFFERS).from_select([column.name for column in _OFFER_COLUMNS], select(given)))
    kept = select(given.c.offer_id, literal(catalogue), literal(vanished_on, Date))
    await session.execute(insert(_KEPT).from_select(["offer_id", "catalogue", "vanished_on"], kept))


async def _take_over(session: AsyncSession, entries: Sequence[Changed], *, catalogue: str) -> None:
    await _update_shapes(session, entries)
    back = [each.offer.offer_id for each in entries]
    await session.execute(update(_KEPT).where(_KEPT.c.offer_id.in_(back)).values(catalogue=catalogue, vanished_on=None))


async def _update_shapes(session: AsyncSession, entries: Iterable[Changed]) -> None:
    """Bring the offers' own columns to what the catalogue says, where they differ."""
    differing = [each.offer for each in entries if _SHAPE_VALUES(each.offer) != _SHAPE_VALUES(each.known)]
    if not differing:
        return
    rows = ((offer.offer_id, *_SHAPE_VALUES(offer)) for offer in differing)
    given = given_rows(session, rows, columns=(_OFFERS.c.offer_id, *(_OFFERS.c[name] for name in _SHAPE)))
    await session.execute(
        update(_OFFERS).where(_OFFERS.c.offer_id == given.c.offer_id).values({name: given.c[name] for name in _SHAPE})
    )


async def _end_prices(session: AsyncSession, price_ids: Iterable[int | None]) -> None:
    ended = [price_id for price_id in price_ids if price_id is not None]
    await session.execute(update(_PRICES).where(_PRICES.c.id.in_(ended)).values(is_current=False))


async def _join_history(
    session: AsyncSession, entries: Sequence[Past], *, catalogue: str, later: dt.date | None
) -> None:
    gone = [each.offer for each in entries if each.known is None]
    if gone:
        await _insert_offers(session, gone, catalogue=catalogue, vanished_on=later)
    if later is not None:
        went_before = [each.offer.offer_id for each in entries if each.known is not None and each.known.as_of is None]
        await session.execute(
            update(_KEPT)
            .where(_KEPT.c.offer_id.in_(went_before), _KEPT.c.vanished_on < later)
            .values(vanished_on=later)
        )
    await _insert_prices(session, _prices(each.offer for each in entries), is_current=False)


async def _insert_prices(session: AsyncSession, prices: Iterable[_Price], *, is_current: bool = True) -> None:
    given = given_rows(session, prices, columns=_PRICE_COLUMNS)
    await session.execute(
        insert(_PRICES).from_select(
            [*(column.name for column in _PRICE_COLUMNS), "is_current", "recorded_at"],
            select(given, literal(is_current), literal(now(), _PRICES.c.recorded_at.type)),
        )
    )


async def _confirm(session: AsyncSession, entries: Sequence[Changed], *, catalogue: str, report: Report) -> None:
    if not entries:
        return
    ends = await load_ends_of_runs(session, providers={each.offer.provider for each in entries})
    for chunk in _chunks(entries):
        ours = [each for each in chunk if each.known.catalogue == catalogue]
        await _update_shapes(session, ours)
        moved = [
            each
            for each in chunk
            # A price of another source is never overwritten; on the same day there is no run to tell.
            if each.known.catalogue == catalogue
            and (each.offer.offer_id in ends or each.known.as_of == each.offer.as_of)
        ]
        if moved:
            await _move_prices(session, moved)
        kept = {each.offer.offer_id for each in moved}
        fresh = [each for each in chunk if each.offer.offer_id not in kept]
        if fresh:
            await _end_prices(session, [each.known.price_id for each in fresh])
            # What casts doubt on another's price is not undone by seeing that price once more.
            prices = [
                _price(each.offer, flags=each.offer.flags if each.known.catalogue == catalogue else each.known.flags)
                for each in fresh
            ]
            await _insert_prices(session, prices)
        report(len(chunk))


async def _move_prices(session: AsyncSession, entries: Iterable[Changed]) -> None:
    names = ("as_of", "as_of_basis", "source", "flags")
    values = attrgetter(*names)
    rows = ((each.known.price_id, *values(each.offer)) for each in entries)
    given = given_rows(session, rows, columns=(_PRICES.c.id, *(_PRICES.c[name] for name in names)))
    await session.execute(
        update(_PRICES)
        .where(_PRICES.c.id == given.c.id)
        .values({name: given.c[name] for name in names} | {"recorded_at": now()})
    )


def _price(offer: Offer, *, flags: tuple[str, ...]) -> _Price:
    return (
        offer.offer_id,
        *check_price_of(offer),
        offer.price_kind,
        offer.as_of,
        offer.as_of_basis,
        offer.source,
        flags,
    )


def _prices(offers: Iterable[Offer]) -> Iterator[_Price]:
    return (_price(offer, flags=offer.flags) for offer in offers)


def _chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
