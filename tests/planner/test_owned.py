"""Plans on machines of one's own."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from planner import (
    Allocation,
    Fleet,
    Gpu,
    Infeasible,
    InvalidRequest,
    Inventory,
    Node,
    Offer,
    Plan,
    plan,
    read_plan_request,
    settle_start,
    show_moment,
)
from tests.gpus import L4
from tests.planner.test_fleet import NOON, allocation, allocations, at

TODAY = NOON.date()


def node(name: str = "gpu-01", *, gpu_count: int = 8, usd_per_hour: float | None = 4.0) -> Node:
    """Return a node of L4s."""
    return Node(
        node=name,
        site="cellar",
        gpu_id="l4",
        gpu_count=gpu_count,
        usd_per_hour=usd_per_hour,
        as_of=dt.date(2026, 11, 1),
    )


def answer(
    *held: Allocation, nodes: tuple[Node, ...] = (node(),), gpu: Gpu = L4, now: dt.datetime = NOON, **fields: object
) -> Plan | Infeasible:
    """Return the plan on `nodes` with `held` on them."""
    fleet = Fleet(nodes=nodes, allocations=held)
    inventory = Inventory(revision=1, gpus=[gpu], offers=(), fleet=fleet)
    request = read_plan_request({"pricing": "owned", "context": "8k", **fields})
    return plan(settle_start(request, fleet, now=now), inventory, today=TODAY)


def test_with_three_of_eight_gpus_free_a_plan_uses_up_to_three_and_pays_for_those_it_uses() -> None:
    found = answer(allocation(5, -1, 3), batch=3)

    assert [(option.gpu_count, option.usd_per_hour) for option in found.options] == [(1, 0.5), (2, 1.0), (3, 1.5)]
    owned = found.options[2].owned
    assert owned is not None
    assert (owned.node, owned.site, owned.gpu_count, owned.free_gpus) == ("gpu-01", "cellar", 8, 3)
    assert [(one.gpu_count, one.end) for one in owned.taken] == [(5, at(3))]
    assert owned.free_until is None


@pytest.mark.parametrize(
    ("start", "asked_end", "end"),
    [(None, None, at(5)), (at(1), None, at(5)), (at(7), None, None), (None, at(2), at(2))],
)
def test_an_option_says_what_to_send_to_be_promised_its_gpus(
    start: dt.datetime | None, asked_end: dt.datetime | None, end: dt.datetime | None
) -> None:
    asked = [None if moment is None else moment.isoformat() for moment in (start, asked_end)]
    found = answer(allocation(8, 5, 6), start=asked[0], end=asked[1])

    drafts = [option.owned.reservation for option in found.options if option.owned is not None]
    assert [draft.allocations for draft in drafts] == [{"gpu-01": option.gpu_count} for option in found.options]
    assert {(draft.start, draft.end) for draft in drafts} == {(start, end)}


def test_what_is_taken_is_said_with_when_it_returns() -> None:
    found = answer(allocation(5, -1, 3), gpu_count=4)

    assert isinstance(found, Infeasible)
    taken = next(rejection for rejection in found.rejections if rejection.reason == "taken")
    assert taken.nearest is not None
    assert (taken.nearest.needed, taken.nearest.available, taken.nearest.unit) == (4, 3, "gpus")
    assert taken.smallest_change is not None
    assert (taken.smallest_change.field, taken.smallest_change.value) == ("start", "2026-11-22T15:00:00Z")
    assert isinstance(answer(allocation(5, -1, 3), gpu_count=4, start=taken.smallest_change.value), Plan)


def test_what_is_promised_later_is_said_of_a_plan_without_an_end() -> None:
    owned = answer(allocation(8, 5, 6)).options[0].owned

    assert owned is not None
    assert (owned.free_gpus, owned.free_until) == (8, at(5))


def test_a_span_must_be_free_from_its_start_to_its_end() -> None:
    held = (allocation(8, 5, 6),)

    assert isinstance(answer(*held, end=at(5).isoformat()), Plan)
    late = answer(*held, end=at(5.5).isoformat())
    assert isinstance(late, Infeasible)
    assert late.rejections[-1].reason == "taken"
    # One change cannot help: from six o'clock on the end has passed.
    assert late.rejections[-1].smallest_change is None
    assert show_moment(at(6)) in late.rejections[-1].message


@given(allocations(), st.integers(-8, 24), st.none() | st.integers(1, 20))
def test_a_plan_never_uses_more_than_what_is_free_at_any_moment(
    held: list[Allocation], hour: int, length: int | None
) -> None:
    end = None if length is None else at(hour + length).isoformat()
    found = answer(*held, now=at(hour), nodes=(node(gpu_count=32),), limit=100, end=end, batch=32)

    moments = range(hour, hour + (length or 1))
    most = max(sum(one.gpu_count for one in held if one.start <= at(moment) < one.end) for moment in moments)
    assert max((option.gpu_count for option in found.options), default=0) == 32 - most


def test_a_node_without_a_cost_costs_its_electricity_and_says_so() -> None:
    option = answer(nodes=(node(usd_per_hour=None),), electricity_usd_per_kwh=0.2).options[0]

    assert option.usd_per_hour == pytest.approx(72 * 1.5 / 1000 * 0.2)
    assert any("electricity alone" in warning for warning in option.warnings)
    assert option.offer.as_of == TODAY


def test_a_cost_that_nobody_knows_is_said_to_be_unknown() -> None:
    option = answer(nodes=(node(usd_per_hour=None),), gpu=replace(L4, tdp_watts=None)).options[0]

    assert option.usd_per_hour == 0
    assert any("a cost that nobody knows" in warning for warning in option.warnings)


def test_a_start_that_is_not_given_or_has_passed_is_the_last_change_or_minute() -> None:
    fleet = Fleet(nodes=[node()], allocations=[allocation(5, -1, 0.01)])
    request = read_plan_request({"pricing": "owned"})
    passed = read_plan_request({"pricing": "owned", "start": "2020-01-01"})

    assert settle_start(request, fleet, now=at(0.009)).start == NOON
    assert settle_start(request, fleet, now=at(0.011)).start == at(0.01)
    assert "start" in settle_start(request, fleet, now=NOON).assumed
    assert settle_start(passed, fleet, now=at(2.99)).start == at(2.9833333333333334).replace(microsecond=0)


def test_a_request_for_rentals_is_left_as_it_is() -> None:
    request = read_plan_request({})

    assert settle_start(request, Fleet(nodes=[node()]), now=NOON) is request


def test_an_end_that_has_passed_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="not after the start") as refused:
        answer(end="2020-01-01")
    assert refused.value.field == "end"


def test_without_machines_of_ones_own_the_answer_says_so() -> None:
    found = answer(nodes=())

    assert isinstance(found, Infeasible)
    assert "no machines of one's own" in found.rejections[-1].message


def layouts(found: Plan | Infeasible) -> list[tuple[int, int, int]]:
    return [(option.gpu_count, option.tensor_parallel_size, option.replicas) for option in found.options]


@pytest.mark.parametrize("objective", ["cheapest", "fastest", "cheapest_per_token", "best_quality", "balanced"])
@pytest.mark.parametrize("group", ["gpu", "none"])
@pytest.mark.parametrize(("context", "batch"), [("8k", 1), ("32k", 8), ("8k", 5)])
def test_no_gpu_of_ones_own_is_reserved_to_stay_idle(objective: str, group: str, context: str, batch: int) -> None:
    found = answer(objective=objective, group=group, context=context, batch=batch, limit=1000)

    assert found.options
    assert all(count == size * replicas for count, size, replicas in layouts(found))
    assert all(
        point.gpu_count == point.tensor_parallel_size * point.replicas and f":{point.gpu_count}" in point.offer_id
        for point in found.frontier
    )


def test_a_rental_may_leave_gpus_idle_beside_machines_of_ones_own() -> None:
    rental = Offer(
        offer_id="acme:m:x:on_demand",
        provider="acme",
        provider_kind="cloud",
        instance_type="m",
        gpu_id="l4",
        gpu_count=3,
        pricing="on_demand",
        usd_per_hour=9.0,
        price_kind="listed",
        as_of=TODAY,
        as_of_basis="exact",
        source="test",
        region="x",
    )
    fleet = Fleet(nodes=[node()])
    inventory = Inventory(revision=1, gpus=[L4], offers=[rental], fleet=fleet)
    request = read_plan_request({"pricing": ["owned", "on_demand"], "context": "8k", "batch": 1})

    found = plan(settle_start(request, fleet, now=NOON), inventory, today=TODAY)

    counts = {option.gpu_count: option.offer.pricing for option in found.options}
    assert (counts[2], counts[3]) == ("owned", "on_demand")


def test_every_number_of_gpus_that_can_be_used_is_an_option() -> None:
    # Six GPUs are three copies over two each, though two copies over two would do.
    assert layouts(answer(context="32k", batch=8, tensor_parallel_size=2)) == [
        (2, 2, 1),
        (4, 2, 2),
        (6, 2, 3),
        (8, 2, 4),
    ]


def test_who_asks_for_a_number_of_gpus_gets_it_even_where_some_stay_idle() -> None:
    (three,) = answer(context="8k", batch=1, gpu_count=3).options

    assert (three.gpu_count, three.tensor_parallel_size * three.replicas) == (3, 1)
    assert any("2 of 3 GPUs stay idle" in warning for warning in three.warnings)
    (six,) = answer(context="32k", batch=8, gpu_count=6).options
    assert six.tensor_parallel_size * six.replicas == 6


@given(st.integers(1, 8), st.sampled_from(["8k", "32k", "64k"]), st.integers(1, 12))
def test_leaving_idle_gpus_out_leaves_no_request_without_an_answer(free: int, context: str, batch: int) -> None:
    held = [allocation(8 - free, -1, 3)] if free < 8 else []
    asked: dict[str, Any] = {"context": context, "batch": batch}
    counts = answer(*held, gpu_count=list(range(1, 9)), **asked)

    assert isinstance(answer(*held, **asked), Plan) == isinstance(counts, Plan)


def test_other_nodes_that_would_do_are_named() -> None:
    nodes = (node(), node("gpu-02"), node("gpu-03", gpu_count=2), node("gpu-04", usd_per_hour=9.0))
    found = answer(allocation(7, -1, 3, node="gpu-02"), nodes=nodes, batch=8)

    named = {
        option.gpu_count: (option.owned.node, option.owned.other_nodes)
        for option in found.options
        if option.owned is not None
    }
    assert named[1] == ("gpu-01", ("gpu-02", "gpu-03", "gpu-04"))
    assert named[2] == ("gpu-01", ("gpu-03", "gpu-04"))
    assert named[4] == ("gpu-01", ("gpu-04",))
