"""Reservations: GPUs of nodes promised to an owner, changed in a transaction that the caller opens.

All who reserve stand in one queue (`hold_revision`), and each sees what those before it hold: so no GPU is promised
twice, on any database and by however many processes.
"""

import datetime as dt
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Allocation, Node, first_free_at, most_taken, overlapping, show_moment, usage
from service.inventory.audit import describe
from service.inventory.changes import hold_revision, raise_revision
from service.inventory.errors import GpusTaken, ReservationOver, refuse_all
from service.inventory.fleet.allocations import load_allocations
from service.inventory.fleet.nodes import load_node
from service.inventory.fleet.order_faults import find_order_faults
from service.inventory.fleet.reservation import Reservation, find_row, make_reservation_id, read_row, to_row
from service.inventory.fleet.tables import AllocationRow
from service.inventory.utc import now

RESERVATION: Final = "reservation"
_SHOWN: Final = 5


class ReservationOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be promised: all `allocations`, GPUs by node, from `start` (null: now) up to `end`, or nothing."""

    owner: str
    end: dt.datetime
    allocations: dict[str, int]
    start: dt.datetime | None = None
    purpose: str = ""


async def reserve(session: AsyncSession, order: ReservationOrder) -> Reservation:
    """Promise what `order` asks for and return it: one change. A start that has passed counts as now.

    Raises:
        GpusTaken: some of it is promised to others; the message says what is free and when enough is.
        InvalidEntry: an owner, a purpose, a time, a node or a number of GPUs that cannot be.
    """
    await hold_revision(session)
    moment = _to_second(now())
    reservation = Reservation(
        reservation_id=make_reservation_id(moment),
        owner=order.owner.strip(" "),
        purpose=order.purpose.strip(" "),
        start=moment if order.start is None else max(_to_second(order.start), moment),
        end=_to_second(order.end),
        allocations=order.allocations,
        created_at=moment,
    )
    await _check(session, reservation, moment=moment)
    session.add(to_row(reservation))
    await _write_allocations(session, reservation)
    await raise_revision(session, describe(RESERVATION, reservation.reservation_id, after=reservation))
    return reservation


async def change_reservation(session: AsyncSession, reservation_id: str, order: ReservationOrder) -> Reservation:
    """Put what `order` says in the place of a reservation and return it: one change, or none where it is the same.

    A start that has passed counts as now, unless it is the start that the reservation has. What it is to hold must be
    free from now on: what others held before that has been given back.

    Raises:
        ReservationNotFound: no reservation has that identifier.
        ReservationOver: it has ended; what was stays.
        GpusTaken, InvalidEntry: as `reserve`.
    """
    await hold_revision(session)
    moment = _to_second(now())
    row = await find_row(session, reservation_id)
    before = await read_row(session, row)
    if before.end <= moment:
        raise ReservationOver(f"The reservation {reservation_id} ended at {show_moment(before.end)}.")
    start = before.start if order.start is None else _to_second(order.start)
    if start != before.start:
        start = max(start, moment)
    after = Reservation(
        reservation_id=reservation_id,
        owner=order.owner.strip(" "),
        purpose=order.purpose.strip(" "),
        start=start,
        end=_to_second(order.end),
        allocations=order.allocations,
        created_at=before.created_at,
    )
    if after == before:
        return before
    await _check(session, after, moment=moment)
    row.owner, row.purpose, row.starts_at, row.ends_at = after.owner, after.purpose, after.start, after.end
    await session.execute(delete(AllocationRow).where(AllocationRow.reservation_id == reservation_id))
    await _write_allocations(session, after)
    await raise_revision(session, describe(RESERVATION, reservation_id, before=before, after=after))
    return after


async def cancel_reservation(session: AsyncSession, reservation_id: str) -> None:
    """Give back what a reservation holds, from now on: one change.

    Raises:
        ReservationNotFound: no reservation has that identifier.
        ReservationOver: it has ended, so there is nothing to give back.
    """
    await hold_revision(session)
    moment = _to_second(now())
    row = await find_row(session, reservation_id)
    before = await read_row(session, row)
    if before.end <= moment:
        raise ReservationOver(f"The reservation {reservation_id} ended at {show_moment(before.end)}.")
    row.cancelled_at = moment
    await session.flush()
    await raise_revision(session, describe(RESERVATION, reservation_id, before=before))


def _to_second(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(microsecond=0)


async def _write_allocations(session: AsyncSession, reservation: Reservation) -> None:
    # The tables are tied by keys, not as objects: what others point at goes first.
    await session.flush()
    session.add_all(
        AllocationRow(reservation_id=reservation.reservation_id, node=node, gpu_count=gpu_count)
        for node, gpu_count in reservation.allocations.items()
    )
    await session.flush()


async def _check(session: AsyncSession, reservation: Reservation, *, moment: dt.datetime) -> None:
    """Let a reservation pass that can be, and whose GPUs are free from `moment` on: before it nobody is in the way."""
    refuse_all(await find_order_faults(session, asdict(reservation), moment=moment))
    begin = max(reservation.start, moment)
    for name, gpu_count in reservation.allocations.items():
        held = await load_allocations(session, node=name, after=begin, leave_out=reservation.reservation_id)
        _check_free(await load_node(session, name), held, gpu_count, start=begin, end=reservation.end)


def _check_free(node: Node, held: list[Allocation], wanted: int, *, start: dt.datetime, end: dt.datetime) -> None:
    steps = usage(held, since=start)
    free = node.gpu_count - most_taken(steps, end=end)
    if wanted <= free:
        return
    again = first_free_at(steps, limit=node.gpu_count - wanted, length=end - start)
    taken = [
        f"{one.gpu_count} by {one.owner} until {show_moment(one.end)}"
        for one in overlapping(held, start=start, end=end)
    ]
    more = f" and {len(taken) - _SHOWN} more" if len(taken) > _SHOWN else ""
    raise GpusTaken(
        f"{node.node} has {free} of {node.gpu_count} GPUs free from {show_moment(start)} to {show_moment(end)}, not"
        f" {wanted}. Taken: {', '.join(taken[:_SHOWN])}{more}."
        f" {wanted} are free for as long from {show_moment(again)} on."
    )
