"""Changes of reservations: they grow and move into what is free, and into nothing else."""

import asyncio
import datetime as dt

import pytest
from msgspec.structs import replace

from planner import show_moment
from service.inventory.database import Database
from service.inventory.errors import GpusTaken
from service.inventory.fleet.nodes import add_node
from service.inventory.fleet.reservation import load_reservation
from service.inventory.fleet.reservations import change_reservation, reserve
from service.inventory.utc import now
from tests.service.inventory.fleet.conftest import NODE, later, make, order


async def test_a_reservation_does_not_stand_in_its_own_way(fleet: Database) -> None:
    made = await make(fleet, order(8))
    async with fleet.change() as session:
        longer = await change_reservation(session, made.reservation_id, order(8, start=made.start, end=later(9)))

    assert (longer.start, longer.end > made.end) == (made.start, True)
    async with fleet.read() as session:
        assert await load_reservation(session, made.reservation_id) == longer


async def test_a_change_that_takes_what_others_hold_is_refused_and_changes_nothing(fleet: Database) -> None:
    made = await make(fleet, order(4))
    await make(fleet, order(4))
    with pytest.raises(GpusTaken):
        async with fleet.change() as session:
            await change_reservation(session, made.reservation_id, order(5, start=made.start, end=made.end))

    async with fleet.read() as session:
        assert await load_reservation(session, made.reservation_id) == made


async def test_a_running_reservation_grows_into_what_others_have_given_back(fleet: Database) -> None:
    async with fleet.change() as session:
        await add_node(session, replace(NODE, node="gpu-02"))
    first = await make(fleet, order(5, end=now() + dt.timedelta(seconds=3)))
    elsewhere = await make(fleet, order(8, node="gpu-02", end=first.end))
    running = await make(fleet, order(3))
    more = order(8, start=running.start, end=running.end)
    with pytest.raises(GpusTaken, match="5 by anna"):
        async with fleet.change() as session:
            await change_reservation(session, running.reservation_id, more)
    await asyncio.sleep((elsewhere.end - now()).total_seconds())

    async with fleet.change() as session:
        grown = await change_reservation(session, running.reservation_id, more)
        assert (grown.start, grown.allocations) == (running.start, {"gpu-01": 8})
        moved = await change_reservation(
            session, running.reservation_id, order(8, node="gpu-02", start=running.start, end=running.end)
        )
        assert moved.allocations == {"gpu-02": 8}
        await reserve(session, order(8))
        with pytest.raises(GpusTaken, match="8 are free for as long from") as refused:
            await change_reservation(session, running.reservation_id, more)
    assert f"free from {show_moment(running.start)}" not in str(refused.value)
