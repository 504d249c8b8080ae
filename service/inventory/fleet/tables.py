"""The tables of the own fleet: nodes, reservations, what those hold on nodes, and the keys of requests sent twice."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.inventory.tables import USD, Table


class NodeRow(Table):
    """A machine of one's own; the columns are the fields of `planner.Node`, and when it was deleted."""

    __tablename__ = "nodes"
    __table_args__ = (
        CheckConstraint("gpu_count >= 1", name="gpu_count_is_positive"),
        CheckConstraint("usd_per_hour >= 0", name="usd_per_hour_is_not_negative"),
    )

    node: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str]
    gpu_id: Mapped[str] = mapped_column(ForeignKey("gpus.gpu_id"), index=True)
    gpu_count: Mapped[int]
    usd_per_hour: Mapped[float | None] = mapped_column(USD)
    as_of: Mapped[dt.date]
    deleted_at: Mapped[dt.datetime | None]


class ReservationRow(Table):
    """A promise to an owner: GPUs from `starts_at` up to `ends_at`; a cancelled one holds nothing any more."""

    __tablename__ = "reservations"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),)

    reservation_id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    purpose: Mapped[str]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime] = mapped_column(index=True)
    created_at: Mapped[dt.datetime]
    cancelled_at: Mapped[dt.datetime | None]


class AllocationRow(Table):
    """What a reservation holds on one node, all of its time."""

    __tablename__ = "allocations"
    __table_args__ = (CheckConstraint("gpu_count >= 1", name="gpu_count_is_positive"),)

    reservation_id: Mapped[str] = mapped_column(
        ForeignKey("reservations.reservation_id", ondelete="CASCADE"), primary_key=True
    )
    node: Mapped[str] = mapped_column(ForeignKey("nodes.node"), primary_key=True, index=True)
    gpu_count: Mapped[int]


class IdempotencyKeyRow(Table):
    """A key under which an actor made a reservation: what was asked, as a hash, and the answer that was given."""

    __tablename__ = "idempotency_keys"

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    asked_sha256: Mapped[str]
    answer: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
