"""The whole fleet in memory, as the planner wants it."""

import datetime as dt
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from planner import Fleet
from service.inventory.fleet.allocations import load_allocations
from service.inventory.fleet.nodes import select_nodes, to_node
from service.inventory.utc import now

# Processes that load at different moments share answers, which begin at the current minute at the earliest: what
# ended shortly before must be known to all of them, or to none.
_KEPT: Final = dt.timedelta(hours=1)


async def load_fleet(session: AsyncSession) -> Fleet:
    """Return all nodes, and what reservations hold that have not ended for long."""
    nodes = [to_node(row) for row in await session.scalars(select_nodes())]
    return Fleet(nodes=nodes, allocations=await load_allocations(session, after=now() - _KEPT))
