"""Machines of one's own as offers: some of a node's GPUs from a start to an end, free or taken."""

import datetime as dt
from collections.abc import Iterator

from msgspec.structs import replace

from planner.cost import electricity_usd_per_hour
from planner.errors import InvalidRequest
from planner.fleet import Fleet, Node, first_free_at, most_taken, overlapping, show_moment, taken_again_at, usage
from planner.gpu import Gpu
from planner.inventory import Inventory
from planner.offer import Offer
from planner.plan import OwnedNode, ReservationDraft
from planner.request import OWNED, PlanRequest

PROVIDER = "own"
_MOMENT = dt.timedelta(0)


def settle_start(request: PlanRequest, fleet: Fleet, *, now: dt.datetime) -> PlanRequest:
    """Return `request` with a start that has not passed; the very same request where it asks for no machines owned.

    A start that is not given or has passed becomes this minute, or the last moment in it at which an allocation began
    or ended: nothing has changed since, so one answer holds for all who ask until the next change or minute.

    Raises InvalidRequest for an end that is not after the start (`invalid_end`), and for a past day (`invalid_as_of`).
    """
    if OWNED not in request.pricing:
        return request
    if request.as_of is not None:
        raise InvalidRequest(
            "as_of plans on a past day's prices; machines of one's own are planned on as they are now.",
            code="invalid_as_of",
            field="as_of",
            allowed="nothing, with pricing=owned",
        )
    minute = now.replace(second=0, microsecond=0)
    earliest = max(minute, fleet.last_change(until=now) or minute)
    start = earliest if request.start is None else max(request.start, earliest)
    if request.end is not None and request.end <= start:
        allowed = f"a moment after {show_moment(start)}"
        raise InvalidRequest(
            f"end is {show_moment(request.end)}, not after the start. Allowed: {allowed}.",
            code="invalid_end",
            field="end",
            allowed=allowed,
        )
    assumed = request.assumed if request.start is not None else (*request.assumed, "start")
    return replace(request, start=start, assumed=assumed)


def with_owned(inventory: Inventory, request: PlanRequest, *, today: dt.date) -> Inventory:
    """Return `inventory` with an offer for each number of GPUs of each node, those that are taken marked so.

    Raises InvalidRequest (`missing_start`) for a request whose start was not settled: the planner has no clock.
    """
    start = _start(request)
    gpus = {gpu.gpu_id: gpu for gpu in inventory.gpus}
    offers: list[Offer] = []
    returns: dict[str, dt.datetime] = {}
    for node in inventory.fleet.nodes.values():
        steps = usage(inventory.fleet.allocations[node.node], since=start)
        free = node.gpu_count - most_taken(steps, end=request.end)
        length = _MOMENT if request.end is None else request.end - start
        for offer in _offers(node, gpus[node.gpu_id], usd_per_kwh=request.electricity_usd_per_kwh, today=today):
            offers.append(offer)
            if offer.gpu_count > free:
                limit = node.gpu_count - offer.gpu_count
                returns[offer.offer_id] = first_free_at(steps, limit=limit, length=length)
    return inventory.with_offers((*inventory.offers, *offers), returns=returns)


def describe_node(offer: Offer, request: PlanRequest, fleet: Fleet, *, other_nodes: tuple[str, ...] = ()) -> OwnedNode:
    """Return what an answer says of the node that `offer`, one of `with_owned`, is made of."""
    start, node = _start(request), fleet.nodes[offer.instance_type]
    held = fleet.allocations[node.node]
    steps = usage(held, since=start)
    free_until = taken_again_at(steps, limit=node.gpu_count - offer.gpu_count)
    return OwnedNode(
        node=node.node,
        site=node.site,
        gpu_count=node.gpu_count,
        free_gpus=node.gpu_count - most_taken(steps, end=request.end),
        free_until=free_until,
        taken=overlapping(held, start=start, end=request.end),
        other_nodes=other_nodes,
        reservation=ReservationDraft(
            allocations={node.node: offer.gpu_count},
            start=None if "start" in request.assumed else start,
            end=free_until if request.end is None else request.end,
        ),
    )


def _start(request: PlanRequest) -> dt.datetime:
    if request.start is None:
        raise InvalidRequest(
            "start is missing: from when on machines of one's own are needed.",
            code="missing_start",
            field="start",
            allowed="a moment in ISO 8601",
        )
    return request.start


def _offers(node: Node, gpu: Gpu, *, usd_per_kwh: float, today: dt.date) -> Iterator[Offer]:
    """Give an offer for 1, 2 ... all GPUs of a node, at their share of what it costs.

    Where nobody has said what it costs, electricity is all that is known of it, and nothing where the GPU's watts are
    not known either: both are said beside the price.
    """
    for gpu_count in range(1, node.gpu_count + 1):
        if node.usd_per_hour is not None:
            usd, as_of, flags = node.usd_per_hour * gpu_count / node.gpu_count, node.as_of, ()
            source = f"the share of what {node.node} costs an hour, as entered"
        elif gpu.tdp_watts is not None:
            usd, as_of = electricity_usd_per_hour(watts=gpu.tdp_watts * gpu_count, usd_per_kwh=usd_per_kwh), today
            source, flags = "electricity", ("electricity alone: what the node costs an hour was not entered",)
        else:
            usd, as_of, source = 0.0, today, "none"
            flags = ("0 stands for a cost that nobody knows: none was entered, and the GPU's watts are not known",)
        yield Offer(
            offer_id=f"{OWNED}:{node.node}:{gpu_count}",
            provider=PROVIDER,
            provider_kind=PROVIDER,
            instance_type=node.node,
            gpu_id=node.gpu_id,
            gpu_count=gpu_count,
            pricing=OWNED,
            usd_per_hour=round(usd, 6),
            price_kind="listed",
            as_of=as_of,
            as_of_basis="exact",
            source=source,
            region=node.site,
            flags=flags,
        )
