"""Changes of the machines of one's own, in a transaction that the caller opens."""

from typing import Final

from msgspec.structs import asdict, replace
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Allocation, Node, show_moment, suggest, usage
from service.inventory.audit import describe
from service.inventory.changes import hold_revision, raise_revision
from service.inventory.entries import USD_PLACES
from service.inventory.errors import AlreadyThere, NodeNotFound, StillInUse, refuse_all
from service.inventory.fleet.allocations import load_allocations
from service.inventory.fleet.node_faults import find_node_faults
from service.inventory.fleet.tables import NodeRow
from service.inventory.utc import now

NODE: Final = "node"
_SHOWN: Final = 5


def select_nodes() -> Select[NodeRow]:
    """Return the query for the nodes that are not deleted."""
    return select(NodeRow).where(NodeRow.deleted_at.is_(None))


def to_node(row: NodeRow) -> Node:
    """Return the node that `row` holds."""
    return Node(
        node=row.node,
        site=row.site,
        gpu_id=row.gpu_id,
        gpu_count=row.gpu_count,
        usd_per_hour=row.usd_per_hour,
        as_of=row.as_of,
    )


async def load_node(session: AsyncSession, name: str) -> Node:
    """Return the node of that name; raises NodeNotFound."""
    row = await session.scalar(select_nodes().where(NodeRow.node == name))
    if row is None:
        nearest = await suggest_nodes(session, name)
        hint = f" Nearest: {', '.join(nearest)}." if nearest else ""
        raise NodeNotFound(f"There is no node {name[:80]!r}.{hint}")
    return to_node(row)


async def load_node_page(
    session: AsyncSession, *, after: str = "", limit: int, gpu_id: str | None = None, site: str | None = None
) -> list[Node]:
    """Return the first `limit` nodes after that name, by name."""
    query = select_nodes().where(NodeRow.node > after).order_by(NodeRow.node).limit(limit)
    if gpu_id is not None:
        query = query.where(NodeRow.gpu_id == gpu_id)
    if site is not None:
        query = query.where(NodeRow.site == site)
    return [to_node(row) for row in await session.scalars(query)]


async def suggest_nodes(session: AsyncSession, name: str) -> list[str]:
    """Return the names of the nodes that are nearest to `name`."""
    return suggest(name, {each: each for each in await session.scalars(select_nodes().with_only_columns(NodeRow.node))})


async def add_node(session: AsyncSession, node: Node) -> None:
    """Add a node: one change.

    Raises:
        AlreadyThere: a node of that name is there.
        InvalidEntry: a name, a site, a GPU, a count or a cost that cannot be.
    """
    await hold_revision(session)
    node = await _check(session, node)
    if await session.scalar(select_nodes().where(NodeRow.node == node.node)) is not None:
        raise AlreadyThere(f"The node {node.node!r} is there already.")
    await session.merge(_to_row(node))
    await session.flush()
    await raise_revision(session, describe(NODE, node.node, after=node))


async def change_node(session: AsyncSession, node: Node) -> None:
    """Put `node` in the place of the node of its name: one change, or none where it is the same.

    Raises:
        NodeNotFound: no node has that name.
        StillInUse: reservations hold more than it would have, or hold GPUs of another kind.
        InvalidEntry: as `add_node`.
    """
    await hold_revision(session)
    before = await load_node(session, node.node)
    node = await _check(session, node)
    if node == before:
        return
    moment = now()
    held = await load_allocations(session, node=node.node, after=moment)
    most = max(step.gpu_count for step in usage(held, since=moment))
    if held and node.gpu_id != before.gpu_id:
        raise StillInUse(f"{node.node} cannot become a node of {node.gpu_id}: {_stands_on(held)}.")
    if most > node.gpu_count:
        raise StillInUse(
            f"{node.node} cannot have {node.gpu_count} GPUs: up to {most} of its {before.gpu_count} are promised at one"
            f" moment. {_stands_on(held)}. Allowed: {most} or more."
        )
    await session.merge(_to_row(node))
    await session.flush()
    await raise_revision(session, describe(NODE, node.node, before=before, after=node))


async def remove_node(session: AsyncSession, name: str) -> None:
    """Remove a node that no reservation stands on, now or later: one change.

    Raises:
        NodeNotFound: no node has that name.
        StillInUse: reservations stand on it; the message names them.
    """
    await hold_revision(session)
    before = await load_node(session, name)
    held = await load_allocations(session, node=name, after=now())
    if held:
        raise StillInUse(f"{name} cannot be removed: {_stands_on(held)}.")
    row = (await session.scalars(select_nodes().where(NodeRow.node == name))).one()
    row.deleted_at = now()
    await session.flush()
    await raise_revision(session, describe(NODE, name, before=before))


def _stands_on(held: list[Allocation]) -> str:
    shown = [
        f"{one.reservation_id} ({one.gpu_count} for {one.owner} until {show_moment(one.end)})" for one in held[:_SHOWN]
    ]
    more = f" and {len(held) - _SHOWN} more" if len(held) > _SHOWN else ""
    return f"Reservations stand on it: {', '.join(shown)}{more}"


def _to_row(node: Node) -> NodeRow:
    return NodeRow(**{name: getattr(node, name) for name in node.__struct_fields__}, deleted_at=None)


async def _check(session: AsyncSession, node: Node) -> Node:
    """Return `node` as it is kept; raises InvalidEntry."""
    refuse_all(await find_node_faults(session, asdict(node)))
    usd = node.usd_per_hour
    return replace(node, site=node.site.strip(), usd_per_hour=None if usd is None else round(usd, USD_PLACES))
