"""A fleet of one node, on every kind of database."""

import datetime as dt

import pytest

from planner import Node
from service.inventory.database import Database
from service.inventory.fleet.nodes import add_node
from service.inventory.fleet.reservation import Reservation
from service.inventory.fleet.reservations import ReservationOrder, reserve
from service.inventory.utc import now

NODE = Node(node="gpu-01", site="cellar", gpu_id="l4", gpu_count=8, usd_per_hour=4.0, as_of=dt.date(2026, 11, 1))

OWNERS = {
    "anna": True,
    "Åsa": True,
    "日本": True,
    "ML/Team": True,
    "Ürdingen, room 3": True,
    "x" * 200: True,
    "x" * 201: False,
    "": False,
    "  ": False,
    "two\nlines": False,
    "two\u2028lines": False,
    "bell\x07": False,
    "\x1b[31mred": False,
    "\u202eback": False,
}
"""Who may be an owner, by whatever way a reservation comes, and who may not."""


def later(hours: float) -> dt.datetime:
    """Return the moment so many hours from now."""
    return (now() + dt.timedelta(hours=hours)).replace(microsecond=0)


def order(
    gpu_count: int = 1,
    *,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
    owner: str = "anna",
    node: str = "gpu-01",
) -> ReservationOrder:
    """Return an order of GPUs of one node, for an hour from now on where nothing else is said."""
    return ReservationOrder(
        owner=owner,
        start=start,
        end=end or (start or later(0)) + dt.timedelta(hours=1),
        allocations={node: gpu_count},
    )


async def make(fleet: Database, wanted: ReservationOrder) -> Reservation:
    """Reserve in a transaction of its own, and return what was made."""
    async with fleet.change() as session:
        return await reserve(session, wanted)


@pytest.fixture
async def fleet(small_inventory: Database) -> Database:
    """Return an inventory with one node of eight GPUs."""
    async with small_inventory.change() as session:
        await add_node(session, NODE)
    return small_inventory
