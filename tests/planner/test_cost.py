"""What renting, spot and buying come to is told with what it is held against."""

import datetime as dt

import pytest

from planner import Gpu, Inventory, Offer, PlanRequest, plan, read_plan_request
from planner.cost import SPOT_RISK, Cost
from tests.planner.inventories import TODAY

_GPU = Gpu(
    gpu_id="card",
    name="Card",
    vendor="nvidia",
    architecture="Ada",
    gpu_class="consumer",
    visible_memory_gib=23.5,
    visible_memory_basis="measured",
    compute_capability=(8, 9),
    tdp_watts=300,
)


def _offer(pricing: str, usd_per_hour: float, *, region: str = "here", purchase_usd: float | None = None) -> Offer:
    return Offer(
        offer_id=f"{region}:{pricing}",
        provider="cloud",
        provider_kind="cloud",
        instance_type="small",
        gpu_id="card",
        gpu_count=1,
        pricing=pricing,
        usd_per_hour=usd_per_hour,
        price_kind="listed",
        as_of=TODAY - dt.timedelta(days=7),
        as_of_basis="exact",
        source="invented",
        region=region,
        purchase_usd=purchase_usd,
    )


def _first(*offers: Offer, **fields: object) -> tuple[Cost, tuple[str, ...]]:
    inventory = Inventory(revision=1, gpus=[_GPU], offers=offers)
    request: PlanRequest = read_plan_request({"context": "4k", **fields})
    option = plan(request, inventory, today=TODAY).options[0]
    return option.cost, option.warnings


def test_a_spot_offer_tells_what_it_saves_and_what_for() -> None:
    cost, warnings = _first(_offer("spot", 0.25), _offer("on_demand", 1.0), pricing="spot")
    assert cost.spot is not None
    assert (cost.spot.on_demand_usd_per_hour, cost.spot.discount, cost.spot.risk) == (1.0, 0.75, SPOT_RISK)
    assert any(warning.startswith("a spot instance for 75% less: ") for warning in warnings)


def test_an_offer_on_demand_tells_what_spot_would_save() -> None:
    cost, warnings = _first(_offer("spot", 0.4), _offer("on_demand", 1.0))
    assert cost.usd_per_hour == 1.0
    assert cost.spot is not None
    assert (cost.spot.spot_usd_per_hour, cost.spot.discount) == (0.4, 0.6)
    assert not any("spot" in warning for warning in warnings)


def test_a_discount_needs_the_same_machine_in_the_same_place() -> None:
    cost, _ = _first(_offer("spot", 0.25), _offer("on_demand", 1.0, region="elsewhere"), pricing="spot")
    assert cost.spot is not None
    assert cost.spot.discount is None
    assert cost.spot.reason
    cost, _ = _first(_offer("spot", 0.25, region="elsewhere"), _offer("on_demand", 1.0))
    assert cost.spot is None


def test_a_purchase_names_the_rental_that_it_is_held_against() -> None:
    bought, rented = _offer("buy", 0.1, purchase_usd=730), _offer("on_demand", 1.0675)
    cost, warnings = _first(bought, rented, pricing="buy")
    assert cost.purchase is not None
    assert cost.purchase.rental is not None
    assert (cost.purchase.rental.offer_id, cost.purchase.rental.as_of) == (rented.offer_id, rented.as_of)
    # 300 W at 1.5 times the limit and 0.15 USD a kWh are 0.0675 USD an hour: one USD an hour is saved.
    assert cost.purchase.break_even_months == 1.0
    assert not any("renting" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("rentals", "reason"),
    [
        ((), "nothing that would do is offered for rent on demand"),
        ((_offer("on_demand", 0.05),), "the electricity alone costs as much as renting"),
    ],
)
def test_no_break_even_has_its_reason(rentals: tuple[Offer, ...], reason: str) -> None:
    cost, warnings = _first(_offer("buy", 0.1, purchase_usd=730), *rentals, pricing="buy")
    assert cost.purchase is not None
    assert cost.purchase.break_even_months is None
    assert cost.purchase.reason == reason
    assert f"no break-even: {reason}" in warnings


def test_a_break_even_beyond_the_life_is_warned_of() -> None:
    cost, warnings = _first(
        _offer("buy", 0.1, purchase_usd=7_300), _offer("on_demand", 0.2675), pricing="buy", max_usd=8_000
    )
    assert cost.purchase is not None
    assert cost.purchase.break_even_months == 50.0
    assert "it beats renting only after the 36 months of its assumed life" in warnings
