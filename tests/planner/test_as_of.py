"""Plans on the prices of a past day."""

import datetime as dt

import pytest

from planner import FIELDS, Infeasible, InvalidRequest, Inventory, Past, Plan, PlanRequest, plan, read_plan_request
from service.seed import read_gpus, read_offers, read_purchases
from tests.planner.inventories import TODAY

DAY = dt.date(2026, 3, 1)


def inventory_of(day: dt.date, *, first_price: dt.date | None = None) -> Inventory:
    offers = [offer for offer in (*read_offers(), *read_purchases()) if offer.as_of <= day]
    return Inventory(
        revision=1,
        gpus=read_gpus(),
        offers=offers,
        providers=[offer.provider for offer in read_offers()],
        past=Past(as_of=day, first_price=first_price),
    )


def test_a_plan_of_a_past_day_is_made_as_it_would_have_been_made_that_day() -> None:
    asked = plan(PlanRequest(as_of=DAY, max_price_age_days=100), inventory_of(DAY), today=TODAY)
    then = plan(PlanRequest(max_price_age_days=100), inventory_of(DAY), today=DAY)

    assert isinstance(asked, Plan)
    assert (asked.options, asked.rejections, asked.inventory) == (then.options, then.rejections, then.inventory)
    assert asked.inventory.as_of == DAY
    ages = {option.cost.price_age_days for option in asked.options}
    assert ages == {(DAY - option.offer.as_of).days for option in asked.options}


def test_before_the_first_price_nothing_can_be_had_and_the_first_day_is_named() -> None:
    day, first = dt.date(2020, 1, 1), dt.date(2025, 5, 15)
    answer = plan(PlanRequest(as_of=day), inventory_of(day, first_price=first), today=TODAY)

    assert isinstance(answer, Infeasible)
    (rejection,) = answer.rejections
    assert rejection.reason == "no_prices_yet"
    assert "2020-01-01 or before" in rejection.message
    assert rejection.smallest_change is not None
    assert (rejection.smallest_change.field, rejection.smallest_change.value) == ("as_of", "2025-05-15")


def test_a_provider_that_had_no_price_then_is_known_all_the_same() -> None:
    answer = plan(PlanRequest(as_of=DAY, provider=("hyperstack",)), inventory_of(DAY), today=TODAY)

    assert isinstance(answer, Infeasible)
    assert answer.rejections[0].message == "no offer meets provider=hyperstack, pricing=on_demand, as_of=2026-03-01"


def test_a_day_that_has_not_come_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidRequest, match="as_of is 2026-11-22, a day that has not come") as refused:
        plan(PlanRequest(as_of=TODAY + dt.timedelta(days=1)), inventory_of(TODAY), today=TODAY)
    assert (refused.value.code, refused.value.field, refused.value.nearest) == (
        "invalid_as_of",
        "as_of",
        ("2026-11-21",),
    )
    plan(PlanRequest(as_of=TODAY), inventory_of(TODAY), today=TODAY)


def test_a_day_is_read_as_people_agree_to_write_it() -> None:
    assert FIELDS["as_of"].example == "2026-03-01"
    assert read_plan_request({"as_of": " 2026-03-01 "}).as_of == DAY
    for text in ("2026-3-1", "20260301", "2026-W09-7", "2026-02-30", "yesterday", "", 20260301, True, None):
        if text is None:
            assert read_plan_request({"as_of": text}).as_of is None
            continue
        with pytest.raises(InvalidRequest, match="as_of must be a day, not") as refused:
            read_plan_request({"as_of": text})
        assert refused.value.allowed == "a day such as 2026-03-01"
