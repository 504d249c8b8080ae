"""`/v1/inventory/nodes`: machines of one's own."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Field, Node
from service.api.inventory.resource import Resource, make_router
from service.api.inventory.words import KnownGpuId, NodeName, Site
from service.inventory.entries import MAX_USD_PER_HOUR
from service.inventory.errors import InvalidEntry
from service.inventory.fleet.node_faults import MAX_GPUS, find_node_faults
from service.inventory.fleet.nodes import add_node, change_node, load_node, load_node_page, remove_node
from service.inventory.utc import today


class NodeList(Struct, frozen=True, kw_only=True):
    """Nodes by name; `next_cursor` leads to the page after this one, null to none."""

    items: tuple[Node, ...]
    next_cursor: str | None


class NodeChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a node; `usd_per_hour` is what the whole node costs an hour, null where nobody knows."""

    site: Site
    gpu_id: KnownGpuId
    gpu_count: Annotated[int, Meta(ge=1, le=MAX_GPUS)]
    usd_per_hour: Annotated[float, Meta(ge=0, le=MAX_USD_PER_HOUR)] | None = None


class NewNode(NodeChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node to create."""

    node: NodeName


class Nodes(Resource[Node]):
    """The machines of one's own."""

    path = "nodes"
    noun = "node"
    id_name = "node"
    thing = Node
    page = NodeList
    creation = NewNode
    change = NodeChange
    filters: Mapping[str, Field] = {  # pyright: ignore[reportIncompatibleVariableOverride]  (a class constant)
        "gpu_id": Field(kind="text", example="l4", description="Nodes with this GPU only, by its identifier."),
        "site": Field(kind="text", example="cellar", description="Nodes at this site only."),
    }

    async def load(self, session: AsyncSession, thing_id: str) -> Node:
        """Return the node of that name."""
        return await load_node(session, thing_id)

    async def load_page(self, session: AsyncSession, *, after: str, limit: int, **filters: Any) -> Sequence[Node]:  # noqa: ANN401 - by `filters`
        """Return the first `limit` nodes after that name."""
        return await load_node_page(session, after=after, limit=limit, **filters)

    def identify(self, values: NewNode) -> str:
        """Return the node's name."""
        return values.node

    async def find_faults(self, session: AsyncSession, values: Mapping[str, Any]) -> Sequence[InvalidEntry]:
        """Return what cannot be of a node."""
        return await find_node_faults(session, values)

    async def create(self, session: AsyncSession, values: NewNode) -> None:
        """Add the node; its cost is dated today."""
        await add_node(session, Node(**asdict(values), as_of=today()))

    async def update(self, session: AsyncSession, thing: Node, changes: dict[str, Any]) -> None:
        """Change the node's fields given; a new cost is dated today."""
        after = replace(thing, **changes)
        if after.usd_per_hour != thing.usd_per_hour:
            after = replace(after, as_of=today())
        await change_node(session, after)

    async def remove(self, session: AsyncSession, thing_id: str) -> None:
        """Delete a node that no reservation stands on."""
        await remove_node(session, thing_id)


ROUTER: Final = make_router(Nodes())
