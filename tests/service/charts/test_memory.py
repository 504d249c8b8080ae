"""Memory against context shows every part, the card's limit and how far it reaches."""

import itertools
from typing import Any

import pytest

from planner import Plan
from service.charts.memory import memory_chart
from tests.service.charts.plans import INVENTORY, all_words, make_infeasible, make_plan, rows_of

GIB = 1 << 30


def chart(answer: Plan) -> dict[str, Any]:
    return memory_chart(answer, INVENTORY)


def rules(spec: dict[str, Any]) -> dict[str, float]:
    """Return the places of the lines, by field; the last one of a field counts."""
    layers = [layer for layer in spec["layer"] if layer["mark"]["type"] == "rule"]
    return {field: value for layer in layers for row in layer["data"]["values"] for field, value in row.items()}


def test_the_parts_at_the_planned_context_are_those_of_the_plan() -> None:
    answer = make_plan(context="32k", batch=4)
    memory = answer.options[0].memory.per_gpu
    planned = {row["part"]: row["gib"] for row in rows_of(chart(answer), "area") if row["context"] == 32_768}

    assert planned["weights"] == pytest.approx(memory.weights_bytes / GIB, abs=1e-3)
    assert planned["KV cache"] == pytest.approx(memory.kv_cache_bytes / GIB, abs=1e-3)
    assert sum(planned.values()) == pytest.approx(memory.needed_bytes / GIB, abs=1e-2)


def test_the_lines_are_what_the_gpu_holds_and_the_largest_context_that_fits() -> None:
    answer = make_plan(context="32k", batch=4)
    option = answer.options[0]
    spec = chart(answer)

    assert rules(spec)["gib"] == pytest.approx(option.gpu.memory_bytes / GIB, abs=1e-3)
    assert rules(spec)["context"] == option.max_context
    assert f"{option.gpu.name} has 23.6 GiB" in all_words(spec)
    assert "planned: 32k" in all_words(spec)
    assert "fits up to" in all_words(spec)


def test_the_axis_begins_at_2k_and_ends_little_beyond_what_the_gpu_holds_or_at_the_models_limit() -> None:
    crowded = chart(make_plan(context="32k", batch=4))["layer"][0]["encoding"]["x"]["scale"]["domain"]
    roomy = chart(make_plan(context="32k", gpu="h100-sxm"))["layer"][0]["encoding"]["x"]["scale"]["domain"]

    assert crowded[0] == roomy[0] == 2_048
    assert 32_768 < crowded[1] < 131_072
    assert roomy[1] == 131_072


def test_a_planned_context_below_2k_is_drawn_too() -> None:
    spec = chart(make_plan(context=512))

    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"][0] == 512


def test_where_the_models_limit_fits_the_picture_says_that_it_is_that() -> None:
    assert "fits up to 128k, the model's limit" in all_words(chart(make_plan(gpu="h100-sxm")))


def test_the_stack_never_leaves_the_picture() -> None:
    for batch in (1, 4, 8):
        spec = chart(make_plan(context="8k", batch=batch))
        top = spec["layer"][0]["encoding"]["y"]["scale"]["domain"][1]
        totals: dict[int, float] = {}
        for row in rows_of(spec, "area"):
            totals[row["context"]] = totals.get(row["context"], 0) + row["gib"]
        assert max(totals.values()) <= top + 0.01


def test_neighbours_in_the_stack_differ_in_grey() -> None:
    scale = chart(make_plan(context="8k", gpu="h100-sxm", engine="vllm"))["layer"][0]["encoding"]["color"]["scale"]
    greys = [_grey(colour) for colour in scale["range"]]

    assert len(greys) == 5
    assert all(abs(one - other) > 35 for one, other in itertools.pairwise(greys))


def _grey(colour: str) -> float:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_the_basis_of_the_figures_is_said() -> None:
    answer = make_plan()
    words = all_words(chart(answer))

    assert "The GPU's memory: measured." in words
    assert f"{answer.options[0].engine} {answer.options[0].engine_version}: {answer.options[0].basis}." in words


def test_where_nothing_fits_the_picture_says_so() -> None:
    assert "Nothing fits" in all_words(memory_chart(make_infeasible(), INVENTORY))
