"""What a reservation is, and reservations read from the database."""

import datetime as dt
import secrets
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.errors import ReservationNotFound
from service.inventory.fleet.tables import AllocationRow, ReservationRow


class Reservation(Struct, frozen=True, kw_only=True):
    """GPUs promised to `owner`: those of `allocations`, by node, from `start` up to `end`, to the second."""

    reservation_id: str
    owner: str
    purpose: str
    start: dt.datetime
    end: dt.datetime
    allocations: dict[str, int]
    created_at: dt.datetime


def make_reservation_id(moment: dt.datetime) -> str:
    """Return a new identifier: in the order of the moments at which they were made, and readable."""
    return f"{moment:%Y%m%dt%H%M%Sz}-{secrets.token_hex(6)}"


async def load_reservation(session: AsyncSession, reservation_id: str) -> Reservation:
    """Return the reservation of that identifier; raises ReservationNotFound for one cancelled too."""
    return await read_row(session, await find_row(session, reservation_id))


async def load_reservation_page(
    session: AsyncSession,
    *,
    after: str = "",
    limit: int | None,
    node: str | None = None,
    owner: str | None = None,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
) -> list[Reservation]:
    """Return the first `limit` reservations (None: all) after that identifier, as they were made; no cancelled ones.

    `start` and `end` bound a time in which they hold something.
    """
    query = select(ReservationRow).where(ReservationRow.cancelled_at.is_(None), ReservationRow.reservation_id > after)
    if node is not None:
        holds = AllocationRow.reservation_id == ReservationRow.reservation_id
        query = query.where(exists().where(holds, AllocationRow.node == node))
    if owner is not None:
        query = query.where(ReservationRow.owner == owner)
    if start is not None:
        query = query.where(ReservationRow.ends_at > start)
    if end is not None:
        query = query.where(ReservationRow.starts_at < end)
    rows = (await session.scalars(query.order_by(ReservationRow.reservation_id).limit(limit))).all()
    held = await _load_gpu_counts(session, [row.reservation_id for row in rows])
    return [_to_reservation(row, held[row.reservation_id]) for row in rows]


async def find_row(session: AsyncSession, reservation_id: str) -> ReservationRow:
    """Return the row of the reservation of that identifier; raises ReservationNotFound for one cancelled too."""
    row = await session.scalar(
        select(ReservationRow).where(
            ReservationRow.reservation_id == reservation_id, ReservationRow.cancelled_at.is_(None)
        )
    )
    if row is None:
        raise ReservationNotFound(f"There is no reservation {reservation_id[:80]!r}, or it was cancelled.")
    return row


async def read_row(session: AsyncSession, row: ReservationRow) -> Reservation:
    """Return the reservation that `row` holds."""
    return _to_reservation(row, (await _load_gpu_counts(session, [row.reservation_id]))[row.reservation_id])


def to_row(reservation: Reservation) -> ReservationRow:
    """Return the row that holds `reservation`, its allocations apart."""
    return ReservationRow(
        reservation_id=reservation.reservation_id,
        owner=reservation.owner,
        purpose=reservation.purpose,
        starts_at=reservation.start,
        ends_at=reservation.end,
        created_at=reservation.created_at,
        cancelled_at=None,
    )


def _to_reservation(row: ReservationRow, allocations: dict[str, int]) -> Reservation:
    """Return the reservation that `row` holds, with its `allocations`."""
    return Reservation(
        reservation_id=row.reservation_id,
        owner=row.owner,
        purpose=row.purpose,
        start=row.starts_at,
        end=row.ends_at,
        allocations=allocations,
        created_at=row.created_at,
    )


async def _load_gpu_counts(session: AsyncSession, reservation_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return what each of these reservations holds, by node."""
    found: dict[str, dict[str, int]] = {reservation_id: {} for reservation_id in reservation_ids}
    query = select(AllocationRow).where(AllocationRow.reservation_id.in_(reservation_ids)).order_by(AllocationRow.node)
    for row in await session.scalars(query):
        found[row.reservation_id][row.node] = row.gpu_count
    return found
