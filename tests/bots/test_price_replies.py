"""What the bot says of prices: rented, bought, indicative, too high."""

from __future__ import annotations

from tests.bots.answering import field, show, show_option
from tests.bots.planner_api import INFEASIBLE, OPTION, PLAN


def test_a_price_comes_with_its_date_and_source() -> None:
    price = field(show(PLAN), "Price")

    assert price.splitlines() == [
        "$0.35/h, lium (rtx4090.1x, us)",
        "price of 2026-10-12",
        "source: https://lium.io/pricing",
    ]


def test_a_spot_price_is_called_one() -> None:
    assert "$0.35/h spot" in show_option(offer={**OPTION["offer"], "pricing": "spot"}).content


def test_buying_tells_the_whole_price_and_when_it_pays() -> None:
    purchase = {"usd": 299, "life_years": 3.0, "break_even_months": 3.9}
    message = show_option(cost={"purchase": purchase}, offer={**OPTION["offer"], "pricing": "buy"}, usd_per_hour=0.0373)

    assert message.content.startswith("Cheapest: 1x RTX 4090 at lium, $299.00 to buy: ")
    assert message.description.splitlines()[1:4:2] == [
        "     $    $/h  tok/s  weights",
        "   299  0.037     93  fp8",
    ]
    assert field(message, "Price").splitlines()[:2] == [
        "$299.00 to buy, lium (rtx4090.1x, us)",
        "$0.0373/h spread over 3 years, with electricity; cheaper than renting after 3.9 months",
    ]


def test_an_indicative_price_is_beside_the_plan_and_never_the_plan() -> None:
    cheap = {**OPTION, "usd_per_hour": 0.05, "offer": {**OPTION["offer"], "price_kind": "indicative"}}
    message = show({**PLAN, "indicative": cheap})

    assert "$0.35" in message.content
    assert "$0.05/h: a price seen" in field(message, "Cheapest indicative price")


def test_what_is_only_too_dear_is_not_said_to_hold_nothing() -> None:
    change = {"field": "max_usd_per_hour", "value": 0.13, "message": "raise max_usd_per_hour to 0.13"}
    dear = {"reason": "over_price_ceiling", "message": "they cost more than max_usd_per_hour allows"}
    message = show({**INFEASIBLE, "rejections": [{**dear, "smallest_change": change}]})
    both = show({**INFEASIBLE, "rejections": [{**dear, "smallest_change": change}, *INFEASIBLE["rejections"]]})

    assert message.content == (
        "Nothing that holds 32k context x 1 costs so little. Smallest change that would fit: most per hour $0.13"
    )
    assert field(message, "over price ceiling") == "Smallest change: most per hour $0.13"
    assert both.content.startswith("Nothing fits 32k context x 1.")


def test_what_a_million_tokens_cost_is_told_of_each_option_with_the_date_of_its_price() -> None:
    costs = [{"usd_per_million_output_tokens": {"estimate": estimate}} for estimate in (0.0921, 1.25)]
    options = [{**OPTION, "rank": rank, "cost": cost} for rank, cost in enumerate([*costs, None], start=1)]
    shown = field(show({**PLAN, "options": options}), "Cost of a million output tokens, and the date of the price")

    assert [line.split() for line in shown.splitlines()[1:-1]] == [
        ["1", "$0.09", "2026-10-12"],
        ["2", "$1.25", "2026-10-12"],
        ["3", "$?", "2026-10-12"],
    ]


def test_a_purchase_that_never_pays_says_why() -> None:
    bought = {"usd": 299, "life_years": 3, "break_even_months": None, "reason": "the electricity alone costs as much"}
    price = field(show_option(cost={"purchase": bought}), "Price")

    assert "the electricity alone costs as much" in price
    assert "months" not in price
