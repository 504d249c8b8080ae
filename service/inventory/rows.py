"""Rows of the database to the planner's types, and back."""

from typing import Any, Final

from sqlalchemy import Row, Select, select

from planner import Gpu, Offer
from service.inventory.tables import GpuRow, OfferRow, PriceRow, ProviderRow

_GPU_COLUMNS: Final = tuple(GpuRow.__table__.columns)
_GPU_COLUMN_NAMES: Final = tuple(column.name for column in _GPU_COLUMNS)


def select_gpus() -> Select[*tuple[Any, ...]]:
    """Return the query for all columns that `to_gpu` reads."""
    return select(*_GPU_COLUMNS)


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
    return GpuRow(compute_capability_major=major, compute_capability_minor=minor, **fields)


def select_offers() -> Select[*tuple[Any, ...]]:
    """Return the query for offers with their provider and current price, the columns in the order of `to_offer`."""
    return (
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
        )
        .join(ProviderRow, ProviderRow.name == OfferRow.provider)
        .join(PriceRow, (PriceRow.offer_id == OfferRow.offer_id) & PriceRow.is_current)
    )


def to_offer(row: Row[*tuple[Any, ...]]) -> Offer:
    """Return the offer that `row` of `select_offers` holds."""
    # By place, not by name: an inventory may hold tens of thousands of offers, and a plan waits for them.
    return Offer(
        offer_id=row[0],
        provider=row[1],
        provider_kind=row[2],
        instance_type=row[3],
        gpu_id=row[4],
        gpu_count=row[5],
        pricing=row[6],
        usd_per_hour=round(row[7], 6),
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
    )
