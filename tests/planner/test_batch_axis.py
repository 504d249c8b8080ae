"""The speed along the batch axis is that of the option itself, from one sequence to the most that it holds."""

import pytest

from planner import Inventory, Plan, fit, plan, read_fit_request, read_plan_request
from planner.speed import Band, SpeedAtBatch
from tests.planner.inventories import TODAY


def _known(band: Band | None) -> Band:
    assert band is not None
    return band


def _check_axis(curve: tuple[SpeedAtBatch, ...], *, max_batch: int) -> None:
    batches = [point.batch for point in curve]
    assert batches == sorted(set(batches))
    assert (batches[0], batches[-1]) == (1, max_batch)
    each = [_known(point.speed.tokens_per_second_per_user).estimate for point in curve]
    assert each == sorted(each, reverse=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"context": "8k", "batch": 16},
        {"context": "2k", "gpu": "h100", "gpu_count": 8, "batch": 9},
        {"context": "4k", "batch": 5, "gpu": "rtx-3090", "engine": "llama.cpp"},
    ],
    ids=str,
)
def test_the_axis_of_a_plan_passes_through_its_first_option(seeded: Inventory, fields: dict[str, object]) -> None:
    answer = plan(read_plan_request(fields), seeded, today=TODAY)
    assert isinstance(answer, Plan)
    first = answer.options[0]
    _check_axis(answer.speed_by_batch, max_batch=first.max_batch)
    planned = next(point for point in answer.speed_by_batch if point.batch == answer.request.batch)
    assert planned.speed == first.speed


def test_sequences_that_replicas_share_unevenly_are_not_counted_twice(seeded: Inventory) -> None:
    asked = {"gpu": "rtx-3080", "gpu_count": 4, "context": "2k", "tensor_parallel_size": 1, "engine": "llama.cpp"}
    even, uneven = (
        plan(read_plan_request({**asked, "batch": batch}), seeded, today=TODAY).options[0] for batch in (8, 5)
    )
    assert even.replicas == uneven.replicas == 4
    # The fullest replica of both holds two.
    assert even.speed.tokens_per_second_per_user == uneven.speed.tokens_per_second_per_user
    share = _known(uneven.speed.tokens_per_second).estimate / _known(even.speed.tokens_per_second).estimate
    assert share == pytest.approx(5 / 8, rel=1e-3)


def test_a_fit_tells_its_speed_up_to_the_batch_that_it_holds(seeded: Inventory) -> None:
    asked: dict[str, object] = {"gpu": "rtx-4090", "context": "8k", "weight_format": "fp8"}
    fits = fit(read_fit_request(asked | {"batch": 4}), seeded)
    _check_axis(fits.speed_by_batch, max_batch=fits.max_batch)
    assert fits.speed == next(point.speed for point in fits.speed_by_batch if point.batch == 4)
    too_many = fit(read_fit_request(asked | {"batch": fits.max_batch + 10}), seeded)
    assert too_many.verdict == "does_not_fit"
    assert too_many.speed.basis is None
    assert too_many.speed.reason
    _check_axis(too_many.speed_by_batch, max_batch=too_many.max_batch)


def test_a_fit_has_the_speed_of_the_prompt_and_answer_that_it_names(seeded: Inventory) -> None:
    asked: dict[str, object] = {"gpu": "l4", "context": "32k", "weight_format": "fp8"}
    short, long = (
        fit(read_fit_request(asked | {"prompt_tokens": prompt, "output_tokens": 500}), seeded)
        for prompt in ("1k", "16k")
    )
    assert (long.load.prompt_tokens, long.load.output_tokens) == (16_384, 500)
    assert _known(long.speed.ttft_seconds).estimate > 5 * _known(short.speed.ttft_seconds).estimate


@pytest.mark.parametrize(
    "fields",
    [{"engine": "llama.cpp", "n_gpu_layers": 20}, {"engine_version": "0.11.0"}, {"enforce_eager": True}],
    ids=str,
)
def test_what_is_not_run_as_it_was_calibrated_has_no_speed(seeded: Inventory, fields: dict[str, object]) -> None:
    answer = fit(read_fit_request({"gpu": "rtx-4090", "context": "4k", **fields}), seeded)
    assert answer.verdict == "fits"
    assert answer.speed.basis is None
    assert answer.speed.reason.startswith("speed is calibrated ")
    assert answer.speed_by_batch == ()


def test_options_that_only_divide_memory_leave_the_speed_as_it_is(seeded: Inventory) -> None:
    asked: dict[str, object] = {"gpu": "rtx-4090", "context": "4k", "weight_format": "fp8", "engine": "vllm"}
    plain = fit(read_fit_request(asked), seeded)
    given = fit(read_fit_request(asked | {"gpu_memory_utilization": 0.9, "engine_version": "0.33.0"}), seeded)
    assert given.speed == plain.speed
