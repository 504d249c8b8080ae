"""Machines of one's own: what they are, what of them is promised to whom, and what is free when.

A *reservation* is a promise to an owner, from a start to an end; an *allocation* is what it holds on one node. A moment
at which an allocation ends is free of it.
"""

import bisect
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from msgspec import Struct


def show_moment(moment: dt.datetime) -> str:
    """Return a moment as a request takes it, in UTC: 2026-12-01T09:00:00Z."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


class Node(Struct, frozen=True, kw_only=True):
    """One machine of one's own, with `gpu_count` GPUs of one kind.

    `usd_per_hour` is what the whole node costs an hour, null where nobody has said; `as_of` the day that this was said.
    """

    node: str
    site: str
    gpu_id: str
    gpu_count: int
    usd_per_hour: float | None
    as_of: dt.date


class Allocation(Struct, frozen=True, kw_only=True):
    """What one reservation holds on one node, from `start` up to `end`."""

    reservation_id: str
    owner: str
    node: str
    gpu_count: int
    start: dt.datetime
    end: dt.datetime


class Usage(Struct, frozen=True, kw_only=True):
    """How many GPUs of a node are taken from `since` up to `until`; null: for good."""

    since: dt.datetime
    until: dt.datetime | None
    gpu_count: int


class Fleet:
    """The nodes of one's own, by name, and what is allocated on each; never changed."""

    def __init__(self, *, nodes: Iterable[Node] = (), allocations: Iterable[Allocation] = ()) -> None:
        """Sort the rows; an allocation on a node that is not among `nodes` is left out."""
        self.nodes = {node.node: node for node in sorted(nodes, key=lambda node: node.node)}
        held: dict[str, list[Allocation]] = {name: [] for name in self.nodes}
        for one in sorted(allocations, key=lambda one: (one.start, one.end, one.reservation_id)):
            if one.node in held:
                held[one.node].append(one)
        self.allocations = {name: tuple(found) for name, found in held.items()}
        self._changes = sorted({moment for found in held.values() for one in found for moment in (one.start, one.end)})

    def last_change(self, *, until: dt.datetime) -> dt.datetime | None:
        """Return the last moment up to `until` at which an allocation began or ended; null: none did."""
        index = bisect.bisect_right(self._changes, until)
        return self._changes[index - 1] if index else None


def usage(allocations: Iterable[Allocation], *, since: dt.datetime) -> tuple[Usage, ...]:
    """Return how many GPUs these allocations on one node take, step by step; the first step begins at `since`."""
    changes = Counter({since: 0})
    for one in allocations:
        if one.end > since:
            changes[max(one.start, since)] += one.gpu_count
            changes[one.end] -= one.gpu_count
    moments = sorted(changes)
    taken = accumulate(changes[moment] for moment in moments)
    return tuple(
        Usage(since=moment, until=until, gpu_count=gpu_count)
        for moment, until, gpu_count in zip(moments, [*moments[1:], None], taken, strict=True)
    )


def most_taken(steps: Sequence[Usage], *, end: dt.datetime | None) -> int:
    """Return the most GPUs taken at any moment before `end`; at the first moment alone where `end` is null."""
    if end is None:
        return steps[0].gpu_count
    return max(step.gpu_count for step in steps if step.since < end)


def overlapping(
    allocations: Iterable[Allocation], *, start: dt.datetime, end: dt.datetime | None
) -> tuple[Allocation, ...]:
    """Return the allocations that hold something between `start` and `end`, or at `start` where `end` is null."""
    return tuple(
        one for one in allocations if one.end > start and (one.start <= start if end is None else one.start < end)
    )


def taken_again_at(steps: Sequence[Usage], *, limit: int) -> dt.datetime | None:
    """Return when more than `limit` GPUs are taken for the first time; null: never."""
    return next((step.since for step in steps if step.gpu_count > limit), None)


def first_free_at(steps: Sequence[Usage], *, limit: int, length: dt.timedelta) -> dt.datetime:
    """Return from when on no more than `limit` GPUs, at least 0, are taken for all of `length`.

    After the last step nothing is taken, so there is always such a moment.
    """
    begin: dt.datetime | None = None
    for step in steps:
        if step.gpu_count > limit:
            begin = None
            continue
        begin = step.since if begin is None else begin
        if step.until is None or step.until - begin >= length:
            return begin
    raise ValueError(f"{limit} GPUs are fewer than none")
