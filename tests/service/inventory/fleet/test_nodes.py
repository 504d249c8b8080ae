"""Nodes: added, changed and removed, but not from under a reservation."""

import pytest
from msgspec.structs import replace

from planner import Node
from service.inventory.database import Database
from service.inventory.errors import AlreadyThere, InvalidEntry, NodeNotFound, StillInUse
from service.inventory.fleet.nodes import add_node, change_node, load_node, remove_node
from service.inventory.fleet.reservations import cancel_reservation, reserve
from service.inventory.gpu_changes import add_gpus, remove_gpu
from tests.service.inventory.conftest import GPU
from tests.service.inventory.fleet.conftest import NODE, later, order


async def test_a_node_is_kept_as_it_was_added(fleet: Database) -> None:
    async with fleet.read() as session:
        assert await load_node(session, "gpu-01") == NODE


@pytest.mark.parametrize(
    ("node", "error"),
    [
        (NODE, AlreadyThere),
        (replace(NODE, node="gpu-02", gpu_id="l5"), InvalidEntry),
        (replace(NODE, node="GPU 02"), InvalidEntry),
        (replace(NODE, node=""), InvalidEntry),
        (replace(NODE, node="gpu-02", gpu_count=0), InvalidEntry),
        (replace(NODE, node="gpu-02", gpu_count=65), InvalidEntry),
        (replace(NODE, node="gpu-02", site=" "), InvalidEntry),
        (replace(NODE, node="gpu-02", usd_per_hour=-1.0), InvalidEntry),
        (replace(NODE, node="gpu-02", usd_per_hour=float("nan")), InvalidEntry),
    ],
)
async def test_a_node_that_cannot_be_is_refused(fleet: Database, node: Node, error: type[Exception]) -> None:
    with pytest.raises(error):
        async with fleet.change() as session:
            await add_node(session, node)


async def test_a_node_with_reservations_is_neither_removed_nor_shrunk_below_them(fleet: Database) -> None:
    async with fleet.change() as session:
        made = await reserve(session, order(5, start=later(1), end=later(2), owner="anna"))
        await reserve(session, order(4, start=later(3), end=later(4), owner="ben"))
        await add_gpus(session, [replace(GPU, gpu_id="l40s", name="L40S", aliases=())])

    for refused in (replace(NODE, gpu_count=4), replace(NODE, gpu_id="l40s")):
        with pytest.raises(StillInUse, match="5 for anna"):
            async with fleet.change() as session:
                await change_node(session, refused)
    with pytest.raises(StillInUse, match=made.reservation_id):
        async with fleet.change() as session:
            await remove_node(session, "gpu-01")
    async with fleet.change() as session:
        # The two do not overlap, so five GPUs hold them both.
        await change_node(session, replace(NODE, gpu_count=5, site="attic"))
        assert (await load_node(session, "gpu-01")).gpu_count == 5


async def test_a_node_without_reservations_goes_and_may_come_back(fleet: Database) -> None:
    async with fleet.change() as session:
        made = await reserve(session, order(5))
        await cancel_reservation(session, made.reservation_id)
        await remove_node(session, "gpu-01")
    async with fleet.change() as session:
        with pytest.raises(NodeNotFound):
            await load_node(session, "gpu-01")
        with pytest.raises(InvalidEntry, match="no node"):
            await reserve(session, order(1))
        await add_node(session, replace(NODE, gpu_count=2))
        assert (await load_node(session, "gpu-01")).gpu_count == 2


async def test_a_gpu_that_nodes_have_stays(fleet: Database) -> None:
    async with fleet.change() as session:
        await add_gpus(session, [replace(GPU, gpu_id="l40s", name="L40S", aliases=())])
        await change_node(session, replace(NODE, gpu_id="l40s"))
        with pytest.raises(StillInUse, match="gpu-01"):
            await remove_gpu(session, "l40s")
