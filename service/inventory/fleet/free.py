"""What of the fleet is free at a moment or over a time, and when the rest returns."""

import datetime as dt

from msgspec import Struct

from planner import Allocation, Fleet, most_taken, overlapping, usage


class FreeNode(Struct, frozen=True, kw_only=True):
    """A node in a time: `free_gpus` of its `gpu_count` are free throughout; `taken` are the allocations in it."""

    node: str
    site: str
    gpu_id: str
    gpu_count: int
    free_gpus: int
    taken: tuple[Allocation, ...]


def find_free(fleet: Fleet, *, start: dt.datetime, end: dt.datetime | None = None) -> tuple[FreeNode, ...]:
    """Return every node, by name, as it is from `start` up to `end`; at `start` where `end` is None."""
    return tuple(
        FreeNode(
            node=node.node,
            site=node.site,
            gpu_id=node.gpu_id,
            gpu_count=node.gpu_count,
            free_gpus=node.gpu_count - most_taken(usage(fleet.allocations[node.node], since=start), end=end),
            taken=overlapping(fleet.allocations[node.node], start=start, end=end),
        )
        for node in fleet.nodes.values()
    )
