"""The search finds what trying everything finds."""

import itertools
from random import Random
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from planner import Infeasible, Inventory, Option, Plan, PlanRequest, plan
from tests.planner import inventories
from tests.planner.inventories import TODAY
from tests.planner.naive import Found, best_of_each_machine, enumerate_everything

World: TypeAlias = tuple[Inventory, PlanRequest]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Return a random inventory and a random request."""
    gpus = draw(inventories.gpus())
    offers = draw(inventories.offers(gpus))
    return Inventory(revision=1, gpus=gpus, offers=offers), draw(inventories.requests())


def _named(option: Option) -> tuple[object, ...]:
    return (
        option.offer.offer_id,
        option.model_id,
        option.engine,
        option.weight_format,
        option.kv_cache_dtype,
        option.tensor_parallel_size,
        option.replicas,
    )


def _found(found: Found) -> tuple[object, ...]:
    return (
        found.offer.offer_id,
        found.model_id,
        found.engine,
        found.weight_format,
        found.kv_cache_dtype,
        found.tensor_parallel_size,
        found.replicas,
    )


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_the_search_agrees_with_trying_everything(world: World) -> None:
    inventory, request = world
    everything = enumerate_everything(request, inventory.gpus, inventory.offers)
    answer = plan(request, inventory, today=TODAY)
    assert [_named(option) for option in answer.options] == [_found(one) for one in best_of_each_machine(everything)]
    assert isinstance(answer, Plan if everything else Infeasible)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_all_combinations_are_listed_in_order(world: World) -> None:
    inventory, request = world
    everything = enumerate_everything(request, inventory.gpus, inventory.offers)
    answer = plan(replace(request, group="none", limit=40), inventory, today=TODAY)
    assert [_named(option) for option in answer.options] == [_found(one) for one in everything[:40]]


@pytest.mark.parametrize(
    ("context", "batch"), list(itertools.product((2048, 8192, 32_768, 65_536, 131_072), (1, 4, 16, 64)))
)
def test_the_seeded_inventory_gives_the_cheapest(seeded: Inventory, context: int, batch: int) -> None:
    request = PlanRequest(context=context, batch=batch, limit=1000)
    everything = enumerate_everything(request, seeded.gpus, seeded.offers)
    answer = plan(request, seeded, today=TODAY)
    assert [_named(option) for option in answer.options] == [_found(one) for one in best_of_each_machine(everything)]


def _price(answer: Plan | Infeasible) -> float:
    return answer.options[0].usd_per_hour if answer.options else float("inf")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.data())
def test_removing_an_offer_never_makes_the_plan_cheaper(world: World, data: st.DataObject) -> None:
    inventory, request = world
    if not inventory.offers:
        return
    gone = data.draw(st.integers(0, len(inventory.offers) - 1))
    fewer = [offer for index, offer in enumerate(inventory.offers) if index != gone]
    rest = Inventory(revision=2, gpus=inventory.gpus, offers=fewer)
    assert _price(plan(request, rest, today=TODAY)) >= _price(plan(request, inventory, today=TODAY))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from([0.2, 0.5, 1.0, 2.0]))
def test_a_lower_price_ceiling_never_adds_options(world: World, ceiling: float) -> None:
    inventory, request = world
    lower = min(ceiling, request.max_usd_per_hour or ceiling)
    before = {_named(option) for option in plan(request, inventory, today=TODAY).options}
    after = {
        _named(option) for option in plan(replace(request, max_usd_per_hour=lower), inventory, today=TODAY).options
    }
    assert after <= before


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_a_stricter_floor_never_makes_the_plan_cheaper(world: World) -> None:
    inventory, request = world
    prices = [
        _price(plan(replace(request, min_quality=tier), inventory, today=TODAY))
        for tier in ("poor", "degraded", "near_lossless", "lossless")
    ]
    assert prices == sorted(prices)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.randoms(use_true_random=False))
def test_the_answer_does_not_depend_on_the_order_of_rows(world: World, shuffler: Random) -> None:
    inventory, request = world
    gpus, offers = list(inventory.gpus), list(inventory.offers)
    shuffler.shuffle(gpus)
    shuffler.shuffle(offers)
    shuffled = Inventory(revision=1, gpus=gpus, offers=offers)
    assert plan(request, shuffled, today=TODAY) == plan(request, inventory, today=TODAY)
