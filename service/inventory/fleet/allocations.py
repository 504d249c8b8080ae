"""What reservations hold on nodes, read."""

import datetime as dt

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Allocation
from service.inventory.fleet.tables import AllocationRow, ReservationRow


async def load_allocations(
    session: AsyncSession, *, after: dt.datetime, node: str | None = None, leave_out: str | None = None
) -> list[Allocation]:
    """Return what reservations hold that end after `after`, in order of time; on `node` alone where it is given.

    `leave_out` is a reservation whose allocations do not count.
    """
    query = _select_allocations().where(ReservationRow.ends_at > after)
    if node is not None:
        query = query.where(AllocationRow.node == node)
    if leave_out is not None:
        query = query.where(ReservationRow.reservation_id != leave_out)
    return [
        Allocation(reservation_id=row[0], owner=row[1], node=row[2], gpu_count=row[3], start=row[4], end=row[5])
        for row in await session.execute(query)
    ]


def _select_allocations() -> Select[str, str, str, int, dt.datetime, dt.datetime]:
    return (
        select(
            ReservationRow.reservation_id,
            ReservationRow.owner,
            AllocationRow.node,
            AllocationRow.gpu_count,
            ReservationRow.starts_at,
            ReservationRow.ends_at,
        )
        .join(AllocationRow, AllocationRow.reservation_id == ReservationRow.reservation_id)
        .where(ReservationRow.cancelled_at.is_(None))
        .order_by(ReservationRow.starts_at, ReservationRow.reservation_id)
    )
