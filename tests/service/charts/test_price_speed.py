"""Price against speed shows every option where it is."""

from typing import Any

import pytest
from msgspec.structs import replace

from service.charts.price_speed import best_rows, price_speed_chart
from tests.service.charts.plans import PRICES, SPEEDS, all_words, make_infeasible, make_plan, rows_of


def point_layer(spec: dict[str, Any]) -> dict[str, Any]:
    return next(layer for layer in spec["layer"] if "shape" in layer["encoding"])


def test_every_option_is_a_point_at_its_price_and_speed_with_its_band() -> None:
    points = point_layer(price_speed_chart(make_plan()))["data"]["values"]

    assert {(point["usd_per_hour"], point["tokens_per_second"]) for point in points} == {
        (PRICES[gpu_id], SPEEDS[gpu_id]) for gpu_id in PRICES
    }
    assert all(point["low"] < point["tokens_per_second"] < point["high"] for point in points)


def test_the_bars_are_the_bands_of_what_nothing_beats() -> None:
    bars = price_speed_chart(make_plan(speeds={"h100-sxm": 50.0}))["layer"][0]

    assert bars["mark"]["type"] == "rule"
    assert [row["usd_per_hour"] for row in bars["data"]["values"]] == [0.2, 0.4]
    assert bars["encoding"]["y"]["field"] == "low"
    assert bars["encoding"]["y2"]["field"] == "high"


def test_quality_is_both_a_colour_and_a_shape_and_each_tier_has_its_own() -> None:
    encoding = point_layer(price_speed_chart(make_plan(group="none", min_quality="poor", limit=200)))["encoding"]
    colours, shapes = encoding["color"]["scale"], encoding["shape"]["scale"]

    assert encoding["color"]["field"] == encoding["shape"]["field"] == "tier"
    assert colours["domain"] == shapes["domain"]
    assert len(set(colours["range"])) == len(set(shapes["range"])) == len(colours["domain"]) > 1


def test_the_cheapest_is_ringed_and_named_first() -> None:
    spec = price_speed_chart(make_plan())
    ring = next(layer for layer in spec["layer"] if layer["mark"].get("filled") is False)

    assert [row["usd_per_hour"] for row in ring["data"]["values"]] == [0.2]
    assert "Cheapest: 1x RTX 3090" in spec["title"]["subtitle"][1]
    assert "$0.2 per hour, 40 tokens/s (36 to 44)" in spec["title"]["subtitle"][1]


def test_the_best_options_are_named_by_gpu_count_and_format() -> None:
    answer = make_plan()
    words = all_words(price_speed_chart(answer))

    for option in answer.options:
        assert f"1x {option.gpu.name}, {option.weight_format}" in words


def test_an_option_that_another_beats_is_faded_and_not_named() -> None:
    spec = price_speed_chart(make_plan(speeds={"h100-sxm": 50.0}))
    strengths = {row["usd_per_hour"]: row["strength"] for row in point_layer(spec)["data"]["values"]}

    assert strengths[0.2] == strengths[0.4] == 1
    assert strengths[2.5] < 1
    assert "H100" not in all_words(spec)


def test_options_whose_speed_has_no_basis_are_counted_and_not_drawn() -> None:
    spec = price_speed_chart(make_plan(speeds={"h100-sxm": None}))

    assert len(point_layer(spec)["data"]["values"]) == 2
    assert "Not drawn: 1 option whose speed has no basis." in all_words(spec)


def test_where_no_speed_has_a_basis_the_picture_says_why() -> None:
    words = all_words(price_speed_chart(make_plan(speeds=dict.fromkeys(SPEEDS))))

    assert "The speed of no option has a basis." in words
    assert "3 options: nobody measured it." in words


def test_where_nothing_fits_the_picture_says_so_and_what_would_help() -> None:
    words = all_words(price_speed_chart(make_infeasible()))

    assert "Nothing fits" in words
    assert "raise max_usd_per_hour to 0.2" in words


@pytest.mark.parametrize(("dearest", "kind"), [(2.5, "log"), (0.9, "linear")])
def test_a_wide_span_of_prices_is_drawn_on_a_logarithmic_axis_that_says_so(dearest: float, kind: str) -> None:
    answer = make_plan()
    options = (*answer.options[:-1], replace(answer.options[-1], usd_per_hour=dearest))
    x = point_layer(price_speed_chart(replace(answer, options=options)))["encoding"]["x"]

    assert x["scale"]["type"] == kind
    assert ("(logarithmic)" in x["axis"]["title"]) == (kind == "log")
    assert x["scale"]["domain"][0] < 0.2 < dearest < x["scale"]["domain"][1]


def test_units_dates_of_prices_and_basis_of_speeds_are_said() -> None:
    spec = price_speed_chart(make_plan())
    words = all_words(spec)
    encoding = point_layer(spec)["encoding"]

    assert encoding["x"]["axis"]["title"].startswith("USD per hour")
    assert encoding["y"]["axis"]["title"] == "tokens per second for one user"
    assert "On demand prices of 2026-11-09." in words
    assert "Speed of 3 options: 3 on GPUs of its class." in words
    assert "32k context, 1 sequence" in words


def test_one_option_alone_can_be_drawn() -> None:
    spec = price_speed_chart(make_plan(gpu="rtx-4090"))

    assert [row["usd_per_hour"] for row in rows_of(spec, "line")] == [0.4]


def test_of_equal_prices_only_the_fastest_is_among_the_best() -> None:
    rows = [{"usd_per_hour": 1.0, "tokens_per_second": speed} for speed in (10.0, 30.0, 20.0)]

    assert best_rows(rows) == [rows[1]]


def test_what_is_bought_is_said_to_be_and_for_how_much() -> None:
    words = all_words(price_speed_chart(make_plan(pricing="buy")))

    assert "1x RTX 4090" in words
    assert "$1,600 once, so $0.1 per hour" in words
    assert "Bought: the GPUs' price over 3 years, and electricity." in words
    assert "Purchase prices of 2022-10-01." in words


def test_a_cheaper_option_whose_speed_has_no_basis_is_not_passed_over_in_silence() -> None:
    words = all_words(price_speed_chart(make_plan(speeds={"rtx-3090": None})))

    assert "Cheapest whose speed has a basis: 1x RTX 4090" in words


def test_the_cheapest_of_the_fastest_is_not_said_to_be_the_cheapest_of_all() -> None:
    assert "Cheapest of these: " in all_words(price_speed_chart(make_plan(objective="fastest")))
