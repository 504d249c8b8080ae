"""The memory of an option along contexts is that of the plan."""

import datetime as dt
import itertools

import pytest

from planner import Inventory, Plan, memory_curve, plan, read_plan_request

TODAY = dt.date(2026, 11, 21)


def make_plan(inventory: Inventory, **fields: object) -> Plan:
    answer = plan(read_plan_request(fields), inventory, today=TODAY)
    assert isinstance(answer, Plan)
    return answer


@pytest.mark.parametrize(
    "fields",
    [
        {"context": "32k", "batch": 8},
        {"context": "128k", "batch": 16, "gpu_count": 4},
        {"context": "16k", "batch": 5, "gpu_count": 2, "engine": "vllm"},
        {"context": 700, "engine": "llama.cpp"},
    ],
)
def test_every_option_takes_at_its_planned_context_what_the_plan_says(
    seeded: Inventory, fields: dict[str, object]
) -> None:
    answer = make_plan(seeded, **fields)

    for option in answer.options:
        curve = memory_curve(option, answer.request, seeded)
        points = {point.context: point.per_gpu for point in curve.points}
        assert points[answer.request.context] == option.memory.per_gpu
        assert points[option.max_context].verdict == "fits"


def test_more_context_never_needs_less_memory(seeded: Inventory) -> None:
    answer = make_plan(seeded, context="8k", batch=4)
    curve = memory_curve(answer.options[0], answer.request, seeded)

    assert [point.context for point in curve.points] == sorted({point.context for point in curve.points})
    assert all(
        one.per_gpu.needed_bytes <= other.per_gpu.needed_bytes for one, other in itertools.pairwise(curve.points)
    )


def test_the_curve_reaches_to_the_models_limit(seeded: Inventory) -> None:
    answer = make_plan(seeded, context="8k")
    curve = memory_curve(answer.options[0], answer.request, seeded)

    assert curve.points[0].context == 2_048
    assert curve.points[-1].context == curve.longest_context == 131_072
