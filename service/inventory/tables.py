"""The tables of the inventory: GPUs, providers, offers, their prices, and the revision that every change raises."""

import datetime as dt
from typing import Any, ClassVar, Final

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, MetaData, Numeric, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service.inventory.utc import UtcDateTime

# Money comes out as a float of at most six places, which NUMERIC(12, 6) holds exactly.
USD: Final = Numeric(12, 6, asdecimal=False)
# What is paid once is kept to the cent.
USD_ONCE: Final = Numeric(12, 2, asdecimal=False)
NAMING_CONVENTION: Final = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    """What all tables share: names that are the same on every database, lists kept as JSON."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {list[str]: JSON, dt.datetime: UtcDateTime}


class InventoryRevision(Table):
    """The one row that says which inventory this is and how often it has changed.

    `inventory_id` tells two inventories with equal revisions apart, `seeded_at` is null until the first seeding.
    Whoever changes the inventory updates this row first, so that changes stand in a queue.
    """

    __tablename__ = "inventory_revision"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]
    inventory_id: Mapped[str]
    seeded_at: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime | None]


class GpuRow(Table):
    """A GPU product; the columns are the fields of `planner.Gpu`, and when it was deleted."""

    __tablename__ = "gpus"

    gpu_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    vendor: Mapped[str]
    architecture: Mapped[str]
    gpu_class: Mapped[str]
    visible_memory_gib: Mapped[float]
    visible_memory_basis: Mapped[str]
    aliases: Mapped[list[str]]
    families: Mapped[list[str]]
    compute_capability_major: Mapped[int | None]
    compute_capability_minor: Mapped[int | None]
    gfx_target: Mapped[str | None]
    memory_gb: Mapped[float | None]
    memory_bandwidth_gb_per_s: Mapped[float | None]
    fp16_dense_tflops: Mapped[float | None]
    fp8_dense_tflops: Mapped[float | None]
    int8_dense_tflops: Mapped[float | None]
    fp4_dense_tflops: Mapped[float | None]
    compute_confidence: Mapped[str | None]
    compute_basis: Mapped[str | None]
    tdp_watts: Mapped[float | None]
    nvlink_gb_per_s: Mapped[float | None]
    pcie: Mapped[str | None]
    form_factor: Mapped[str | None]
    launch_msrp_usd: Mapped[float | None]
    release_year: Mapped[int | None]
    conflicts: Mapped[list[str]]
    deleted_at: Mapped[dt.datetime | None]


class ProviderRow(Table):
    """Who rents machines out, or sells GPUs."""

    __tablename__ = "providers"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    deleted_at: Mapped[dt.datetime | None]


class OfferRow(Table):
    """An instance type in a region at a pricing; what it costs stands in `prices`.

    A deleted one has no current price, only its history. The GPU and the provider of one that is not deleted are there.
    """

    __tablename__ = "offers"
    __table_args__ = (CheckConstraint("gpu_count >= 1", name="gpu_count_is_positive"),)

    offer_id: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(ForeignKey("providers.name"), index=True)
    instance_type: Mapped[str]
    gpu_id: Mapped[str] = mapped_column(ForeignKey("gpus.gpu_id"), index=True)
    gpu_count: Mapped[int]
    pricing: Mapped[str]
    region: Mapped[str]
    country: Mapped[str]
    continent: Mapped[str]
    vcpus: Mapped[float | None]
    ram_gb: Mapped[float | None]
    host_billed_separately: Mapped[bool]
    deleted_at: Mapped[dt.datetime | None]


class PriceRow(Table):
    """A price of an offer on a date; an offer's newest is current, the older ones are its history.

    A rental has `usd_per_hour`, a purchase `purchase_usd`: what all its GPUs cost once.
    `as_of` is the day the price was seen, `recorded_at` the moment it was written here.
    """

    __tablename__ = "prices"
    __table_args__ = (
        CheckConstraint("usd_per_hour > 0", name="usd_per_hour_is_positive"),
        CheckConstraint("purchase_usd > 0", name="purchase_usd_is_positive"),
        CheckConstraint("(usd_per_hour IS NULL) <> (purchase_usd IS NULL)", name="rental_or_purchase"),
        # One current price for each offer, and the way to it.
        Index(
            "uq_prices_offer_id_current",
            "offer_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[str] = mapped_column(ForeignKey("offers.offer_id", ondelete="CASCADE"), index=True)
    is_current: Mapped[bool]
    usd_per_hour: Mapped[float | None] = mapped_column(USD)
    purchase_usd: Mapped[float | None] = mapped_column(USD_ONCE)
    price_kind: Mapped[str]
    as_of: Mapped[dt.date]
    as_of_basis: Mapped[str]
    source: Mapped[str]
    flags: Mapped[list[str]]
    recorded_at: Mapped[dt.datetime]
