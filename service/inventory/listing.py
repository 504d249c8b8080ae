"""GPUs and offers, filtered and in pages; a page begins after the last row of the one before it."""

import base64
import binascii
from typing import Annotated, Final, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Gpu, Offer, is_in_region
from service.inventory.errors import InvalidCursor
from service.inventory.rows import select_gpus, select_offers, to_gpu, to_offer, usd_per_hour
from service.inventory.tables import GpuRow, OfferRow, PriceRow, ProviderRow

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 500
MAX_ID: Final = 2**31 - 1
"""The largest number that a row may have: what an INTEGER holds on PostgreSQL."""
RowId: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_ID)]

_MAX_CURSOR_LENGTH: Final = 1000


class GpuFilter(Struct, frozen=True, kw_only=True):
    """Which GPUs to list; an empty tuple puts no condition, several values of one field widen it."""

    gpu_ids: tuple[str, ...] = ()
    vendor: tuple[str, ...] = ()
    gpu_class: tuple[str, ...] = ()
    min_visible_memory_gib: float | None = None


class OfferFilter(Struct, frozen=True, kw_only=True):
    """Which offers to list; an empty tuple puts no condition, several values of one field widen it.

    `region` is a region or the start of its name, a country or a continent, in any case. Prices are US dollars an hour
    for the whole machine, those of purchases as the planner spreads them over a life, both bounds included.
    `gpu_ids` are identifiers, not aliases.
    """

    gpu_ids: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    provider_kind: tuple[str, ...] = ()
    pricing: tuple[str, ...] = ()
    price_kind: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    min_usd_per_hour: float | None = None
    max_usd_per_hour: float | None = None


class GpuPage(Struct, frozen=True, kw_only=True):
    """GPUs by identifier; `next_cursor` leads to the page after this one, None to none."""

    gpus: tuple[Gpu, ...]
    next_cursor: str | None


class OfferPage(Struct, frozen=True, kw_only=True):
    """Offers, the cheapest first; `next_cursor` leads to the page after this one, None to none."""

    offers: tuple[Offer, ...]
    next_cursor: str | None


async def list_gpus(
    session: AsyncSession, gpu_filter: GpuFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> GpuPage:
    """Return the first `limit` GPUs after `cursor` that pass the filter, by identifier.

    Raises:
        InvalidCursor: `cursor` is none that a page of GPUs has given.
    """
    query = select_gpus().order_by(GpuRow.gpu_id).limit(limit + 1)
    for column, values in (
        (GpuRow.gpu_id, gpu_filter.gpu_ids),
        (GpuRow.vendor, gpu_filter.vendor),
        (GpuRow.gpu_class, gpu_filter.gpu_class),
    ):
        if values:
            query = query.where(column.in_(values))
    if gpu_filter.min_visible_memory_gib is not None:
        query = query.where(GpuRow.visible_memory_gib >= gpu_filter.min_visible_memory_gib)
    if cursor is not None:
        query = query.where(GpuRow.gpu_id > decode_cursor(cursor, type_=_GpuPlace).gpu_id)
    gpus = [to_gpu(row) for row in await session.execute(query)]
    page = tuple(gpus[:limit])
    return GpuPage(
        gpus=page, next_cursor=encode_cursor(_GpuPlace(gpu_id=page[-1].gpu_id)) if len(gpus) > limit else None
    )


async def list_offers(
    session: AsyncSession, offer_filter: OfferFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> OfferPage:
    """Return the first `limit` offers after `cursor` that pass the filter, the cheapest first, then by identifier.

    Raises:
        InvalidCursor: `cursor` is none that a page of offers has given.
    """
    usd = usd_per_hour()
    # A page goes on from the price that the database sorted by, to the last place.
    query = select_offers().add_columns(usd).order_by(usd, OfferRow.offer_id).limit(limit + 1)
    query = query.where(*await _offer_conditions(session, offer_filter))
    if cursor is not None:
        place = decode_cursor(cursor, type_=_OfferPlace)
        query = query.where(_is_after(place))
    rows = (await session.execute(query)).all()
    page = tuple(to_offer(row) for row in rows[:limit])
    next_cursor = None
    if len(rows) > limit:
        next_cursor = encode_cursor(_OfferPlace(usd=rows[limit - 1][-1], offer_id=page[-1].offer_id))
    return OfferPage(offers=page, next_cursor=next_cursor)


async def count_offers(session: AsyncSession, offer_filter: OfferFilter) -> int:
    """Return how many offers pass the filter."""
    query = select_offers().where(*await _offer_conditions(session, offer_filter))
    return (await session.scalars(select(func.count()).select_from(query.subquery()))).one()


class _GpuPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    gpu_id: str


class _OfferPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    usd: float
    offer_id: str


_Place = TypeVar("_Place", bound=Struct)


async def _offer_conditions(session: AsyncSession, offer_filter: OfferFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (OfferRow.gpu_id, offer_filter.gpu_ids),
            (OfferRow.provider, offer_filter.provider),
            (ProviderRow.kind, offer_filter.provider_kind),
            (OfferRow.pricing, offer_filter.pricing),
            (PriceRow.price_kind, offer_filter.price_kind),
        )
        if values
    ]
    if offer_filter.region:
        conditions.append(await _lies_in(session, offer_filter.region))
    if offer_filter.min_usd_per_hour is not None:
        conditions.append(usd_per_hour() >= offer_filter.min_usd_per_hour)
    if offer_filter.max_usd_per_hour is not None:
        conditions.append(usd_per_hour() <= offer_filter.max_usd_per_hour)
    return conditions


async def _lies_in(session: AsyncSession, names: tuple[str, ...]) -> ColumnElement[bool]:
    """Return the condition that an offer lies in one of the places named, which a plan understands the same way."""
    places = await session.execute(select(OfferRow.region, OfferRow.country, OfferRow.continent).distinct())
    wanted = [
        (region, country, continent)
        for region, country, continent in places
        if any(is_in_region(region, country, continent, name) for name in names)
    ]
    return tuple_(OfferRow.region, OfferRow.country, OfferRow.continent).in_(wanted)


def _is_after(place: _OfferPlace) -> ColumnElement[bool]:
    return tuple_(usd_per_hour(), OfferRow.offer_id) > tuple_(place.usd, place.offer_id)


def encode_cursor(place: Struct) -> str:
    """Return the cursor that leads to what comes after `place`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def decode_cursor(cursor: str, *, type_: type[_Place]) -> _Place:
    """Return the place that a cursor leads to.

    Raises:
        InvalidCursor: it is none that holds a place of this type.
    """
    try:
        padded = cursor[:_MAX_CURSOR_LENGTH] + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=type_)
    except (binascii.Error, msgspec.MsgspecError, ValueError) as error:
        raise InvalidCursor(
            f"The cursor {cursor[:40]!r} leads nowhere; allowed is the next_cursor of the page before, or none."
        ) from error
