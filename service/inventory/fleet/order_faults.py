"""What cannot be of a reservation: every field at fault, and of its allocations every node, with what would do."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from planner import show_moment
from service.inventory.errors import InvalidEntry, NodeNotFound
from service.inventory.fleet.nodes import load_node, suggest_nodes
from service.inventory.texts import find_line_fault

MAX_OWNER_LENGTH: Final = 200
MAX_PURPOSE_LENGTH: Final = 2_000
MAX_NODES: Final = 64


async def find_order_faults(
    session: AsyncSession, values: Mapping[str, Any], *, moment: dt.datetime
) -> list[InvalidEntry]:
    """Return what cannot be, at `moment`, among fields of a reservation; those that `values` lacks are not looked at.

    Whether others hold the GPUs is not asked here.
    """
    found = [
        find_line_fault(values.get("owner", "?"), field="owner", least=1, most=MAX_OWNER_LENGTH),
        find_line_fault(values.get("purpose", ""), field="purpose", most=MAX_PURPOSE_LENGTH),
        _find_end_fault(values.get("start"), values.get("end"), moment=moment),
    ]
    faults = [fault for fault in found if fault is not None]
    if "allocations" in values:
        faults += await _find_allocation_faults(session, values["allocations"])
    return faults


def _find_end_fault(start: dt.datetime | None, end: dt.datetime | None, *, moment: dt.datetime) -> InvalidEntry | None:
    begin = moment if start is None else max(start, moment)
    if end is None or end > begin:
        return None
    allowed = f"a moment after {show_moment(begin)}"
    return InvalidEntry(
        f"The end, {show_moment(end)}, must come after the start and after now; a start that has passed counts as now."
        f" Allowed: {allowed}.",
        field="end",
        allowed=allowed,
    )


async def _find_allocation_faults(session: AsyncSession, allocations: Mapping[str, int]) -> list[InvalidEntry]:
    if not 1 <= len(allocations) <= MAX_NODES:
        allowed = f"GPUs of 1 to {MAX_NODES} nodes"
        message = f"A reservation cannot hold GPUs of {len(allocations)} nodes; allowed is 1 to {MAX_NODES}."
        return [InvalidEntry(message, field="allocations", allowed=allowed)]
    found = [await _find_allocation_fault(session, name, gpu_count) for name, gpu_count in allocations.items()]
    return [fault for fault in found if fault is not None]


async def _find_allocation_fault(session: AsyncSession, name: str, gpu_count: int) -> InvalidEntry | None:
    field = f"allocations.{name[:80]}"
    try:
        node = await load_node(session, name)
    except NodeNotFound as error:
        nearest = await suggest_nodes(session, name)
        return InvalidEntry(str(error), field=field, allowed="nodes that /v1/inventory/nodes lists", nearest=nearest)
    if 1 <= gpu_count <= node.gpu_count:
        return None
    allowed = f"1 to {node.gpu_count}"
    nearest_count = min(max(gpu_count, 1), node.gpu_count)
    message = f"{gpu_count} GPUs of {node.node} cannot be; allowed is {allowed}."
    return InvalidEntry(message, field=field, allowed=allowed, nearest=(nearest_count,))
