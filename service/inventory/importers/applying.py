"""A difference, written into the inventory: few statements, each for many rows, in the caller's transaction."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Offer
from service.inventory.entries import check_price_of
from service.inventory.import_tables import CatalogueOfferRow
from service.inventory.importers.difference import Changed, Difference
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
_OFFER_COLUMNS: Final = tuple(column.name for column in _OFFERS.columns if column.name != "deleted_at")


async def apply_difference(
    session: AsyncSession, difference: Difference, *, catalogue: str, as_of: dt.date, report: Report
) -> None:
    """Write what the catalogue changes; `report` is told how many offers are written each time.

    The caller holds the revision, raises it, and commits. Offers that vanish keep their history and lose their current
    price; a confirmed price moves to its new day, with the day since when it holds kept before it.
    """
    await _add_providers(session, difference.added)
    for chunk in _chunks(difference.added):
        await session.execute(insert(_OFFERS), [_offer_values(offer) for offer in chunk])
        await _keep(session, chunk, catalogue=catalogue)
        await _insert_prices(session, chunk)
        report(len(chunk))
    for chunk in _chunks(difference.returned):
        await _take_over(session, chunk, catalogue=catalogue)
        await _insert_prices(session, [each.offer for each in chunk])
        report(len(chunk))
    for chunk in _chunks(difference.changed):
        await _update_shapes(session, [each for each in chunk if each.known.catalogue == catalogue])
        await _end_prices(session, [each.known.price_id for each in chunk])
        await _insert_prices(session, [each.offer for each in chunk])
        report(len(chunk))
    await _confirm(session, difference.confirmed, catalogue=catalogue, report=report)
    for vanished in _chunks(difference.vanished):
        await _end_prices(session, [each.price_id for each in vanished])
        gone = [each.offer_id for each in vanished]
        await session.execute(update(_KEPT).where(_KEPT.c.offer_id.in_(gone)).values(vanished_on=as_of))
        report(len(vanished))


async def _add_providers(session: AsyncSession, offers: Iterable[Offer]) -> None:
    there = set(await session.scalars(select(ProviderRow.name).where(ProviderRow.deleted_at.is_(None))))
    new = {offer.provider: offer.provider_kind for offer in offers if offer.provider not in there}
    for name, kind in new.items():
        await session.merge(ProviderRow(name=name, kind=kind, deleted_at=None))
    await session.flush()


async def _keep(session: AsyncSession, offers: Iterable[Offer], *, catalogue: str) -> None:
    await session.execute(
        insert(_KEPT), [{"offer_id": offer.offer_id, "catalogue": catalogue, "vanished_on": None} for offer in offers]
    )


async def _take_over(session: AsyncSession, entries: Sequence[Changed], *, catalogue: str) -> None:
    await _update_shapes(session, entries)
    back = [each.offer.offer_id for each in entries]
    await session.execute(update(_KEPT).where(_KEPT.c.offer_id.in_(back)).values(catalogue=catalogue, vanished_on=None))


async def _update_shapes(session: AsyncSession, entries: Iterable[Changed]) -> None:
    """Bring the offers' own columns to what the catalogue says, where they differ."""
    names = ("gpu_id", "gpu_count", "region", "country", "continent", "vcpus", "ram_gb", "host_billed_separately")
    values = [
        {"key": each.offer.offer_id} | {name: getattr(each.offer, name) for name in names}
        for each in entries
        if any(getattr(each.offer, name) != getattr(each.known, name) for name in names)
    ]
    if values:
        await session.execute(
            update(_OFFERS)
            .where(_OFFERS.c.offer_id == bindparam("key"))
            .values({name: bindparam(name) for name in names}),
            values,
        )


async def _end_prices(session: AsyncSession, price_ids: Iterable[int | None]) -> None:
    ended = [price_id for price_id in price_ids if price_id is not None]
    await session.execute(update(_PRICES).where(_PRICES.c.id.in_(ended)).values(is_current=False))


async def _insert_prices(session: AsyncSession, offers: Iterable[Offer]) -> None:
    recorded_at = now()
    await session.execute(insert(_PRICES), [_price_values(offer, recorded_at=recorded_at) for offer in offers])


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
            recorded_at = now()
            await session.execute(
                insert(_PRICES),
                [
                    _price_values(each.offer, recorded_at=recorded_at)
                    # What casts doubt on another's price is not undone by seeing that price once more.
                    | ({} if each.known.catalogue == catalogue else {"flags": list(each.known.flags)})
                    for each in fresh
                ],
            )
        report(len(chunk))


async def _move_prices(session: AsyncSession, entries: Iterable[Changed]) -> None:
    names = ("as_of", "as_of_basis", "source", "flags", "recorded_at")
    recorded_at = now()
    await session.execute(
        update(_PRICES).where(_PRICES.c.id == bindparam("key")).values({name: bindparam(name) for name in names}),
        [
            {"key": each.known.price_id}
            | {
                name: value
                for name, value in _price_values(each.offer, recorded_at=recorded_at).items()
                if name in names
            }
            for each in entries
        ],
    )


def _offer_values(offer: Offer) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in _OFFER_COLUMNS}


def _price_values(offer: Offer, *, recorded_at: dt.datetime) -> dict[str, Any]:
    usd_per_hour, purchase_usd = check_price_of(offer)
    return {
        "offer_id": offer.offer_id,
        "is_current": True,
        "usd_per_hour": usd_per_hour,
        "purchase_usd": purchase_usd,
        "price_kind": offer.price_kind,
        "as_of": offer.as_of,
        "as_of_basis": offer.as_of_basis,
        "source": offer.source,
        "flags": list(offer.flags),
        "recorded_at": recorded_at,
    }


def _chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
