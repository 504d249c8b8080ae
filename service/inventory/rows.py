"""Rows of the database to the planner's types, and back."""

import datetime as dt
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, case, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from planner import Gpu, Offer, bought_usd_per_hour
from service.inventory.entries import USD_PLACES
from service.inventory.import_tables import CatalogueOfferRow
from service.inventory.tables import USD, GpuRow, OfferRow, PriceRow, ProviderRow

_GPU_COLUMNS: Final = tuple(column for column in GpuRow.__table__.columns if column.name != "deleted_at")
_GPU_COLUMN_NAMES: Final = tuple(column.name for column in _GPU_COLUMNS)


def select_gpus(*, as_of: dt.date | None = None) -> Select[*tuple[Any, ...]]:
    """Return the query for the GPUs that are not deleted, or were not on a past day, in all columns of `to_gpu`."""
    return select(*_GPU_COLUMNS).where(_is_kept(GpuRow.deleted_at, as_of=as_of))


def to_gpu(row: Row[*tuple[Any, ...]]) -> Gpu:
    """Return the GPU that `row` of `select_gpus` holds."""
    fields: dict[str, Any] = dict(zip(_GPU_COLUMN_NAMES, row, strict=True))
    major, minor = fields.pop("compute_capability_major"), fields.pop("compute_capability_minor")
    for name in ("aliases", "families", "conflicts"):
        fields[name] = tuple(fields[name])
    return Gpu(compute_capability=None if major is None else (major, minor), **fields)


def from_gpu(gpu: Gpu) -> GpuRow:
    """Return the row that holds `gpu`."""
    fields: dict[str, Any] = {name: getattr(gpu, name) for name in gpu.__struct_fields__}
    major, minor = fields.pop("compute_capability") or (None, None)
    for name in ("aliases", "families", "conflicts"):
        fields[name] = list(fields[name])
    return GpuRow(compute_capability_major=major, compute_capability_minor=minor, deleted_at=None, **fields)


def select_offers(*, as_of: dt.date | None = None) -> Select[*tuple[Any, ...]]:
    """Return the query for offers with their provider, GPU and current price, the columns in the order of `to_offer`.

    With `as_of` the price is the newest that was seen on that day or before, whenever it was written down here, and an
    offer that its catalogue no longer listed on that day, or that was deleted by then, is not among them. Neither is a
    purchase whose GPU has no known watts: what it costs an hour cannot be said.
    """
    query = (
        select(
            OfferRow.offer_id,
            OfferRow.provider,
            ProviderRow.kind,
            OfferRow.instance_type,
            OfferRow.gpu_id,
            OfferRow.gpu_count,
            OfferRow.pricing,
            PriceRow.usd_per_hour,
            PriceRow.price_kind,
            PriceRow.as_of,
            PriceRow.as_of_basis,
            PriceRow.source,
            OfferRow.region,
            OfferRow.country,
            OfferRow.continent,
            OfferRow.vcpus,
            OfferRow.ram_gb,
            OfferRow.host_billed_separately,
            PriceRow.flags,
            PriceRow.purchase_usd,
            GpuRow.tdp_watts,
        )
        .join(ProviderRow, ProviderRow.name == OfferRow.provider)
        .join(GpuRow, GpuRow.gpu_id == OfferRow.gpu_id)
        .where(or_(PriceRow.purchase_usd.is_(None), GpuRow.tdp_watts.is_not(None)))
    )
    if as_of is None:
        return query.join(PriceRow, (PriceRow.offer_id == OfferRow.offer_id) & PriceRow.is_current)
    seen = aliased(PriceRow)
    newest_then = (
        select(seen.id)
        .where(seen.offer_id == OfferRow.offer_id, seen.as_of <= as_of)
        .order_by(seen.as_of.desc(), seen.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        query.join(PriceRow, PriceRow.id == newest_then)
        .outerjoin(CatalogueOfferRow, CatalogueOfferRow.offer_id == OfferRow.offer_id)
        .where(or_(CatalogueOfferRow.vanished_on.is_(None), CatalogueOfferRow.vanished_on > as_of))
        .where(_is_kept(OfferRow.deleted_at, as_of=as_of))
    )


def _is_kept(
    deleted_at: InstrumentedAttribute[dt.datetime | None], *, as_of: dt.date | None = None
) -> ColumnElement[bool]:
    """Return the condition that a thing is not deleted, or was not at the end of a past day."""
    if as_of is None:
        return deleted_at.is_(None)
    end = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)
    return or_(deleted_at.is_(None), deleted_at >= end)


def usd_per_hour() -> ColumnElement[float]:
    """Return the hourly price of a row of `select_offers`, to six places, as the database computes it."""
    # The planner's rule is linear in the price and in the watts, so its values at one of each are the whole of it.
    for_price = PriceRow.purchase_usd * bought_usd_per_hour(1, watts=0)
    for_power = OfferRow.gpu_count * GpuRow.tdp_watts * bought_usd_per_hour(0, watts=1)
    bought = case((PriceRow.purchase_usd.is_not(None), for_price + for_power))
    return func.round(cast(func.coalesce(PriceRow.usd_per_hour, bought), USD), USD_PLACES, type_=USD)


def to_offer(row: Row[*tuple[Any, ...]]) -> Offer:
    """Return the offer that `row` of `select_offers` holds."""
    # By place, not by name: an inventory may hold tens of thousands of offers, and a plan waits for them.
    purchase_usd = row[19]
    usd_per_hour = row[7] if purchase_usd is None else bought_usd_per_hour(purchase_usd, watts=row[5] * row[20])
    return Offer(
        offer_id=row[0],
        provider=row[1],
        provider_kind=row[2],
        instance_type=row[3],
        gpu_id=row[4],
        gpu_count=row[5],
        pricing=row[6],
        usd_per_hour=round(usd_per_hour, USD_PLACES),
        price_kind=row[8],
        as_of=row[9],
        as_of_basis=row[10],
        source=row[11],
        region=row[12],
        country=row[13],
        continent=row[14],
        vcpus=row[15],
        ram_gb=row[16],
        host_billed_separately=row[17],
        flags=tuple(row[18]),
        purchase_usd=purchase_usd,
    )


def from_offer(offer: Offer) -> OfferRow:
    """Return the row that holds `offer`, its price apart."""
    return OfferRow(
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
        deleted_at=None,
    )
