import importlib.resources
from pathlib import Path

import msgspec
import pytest

from planner.accuracy import MemoryAccuracy, measure_memory
from planner.gpu import Gpu

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def gpus() -> dict[str, Gpu]:
    seeded = importlib.resources.files("service.seed").joinpath("gpus.json").read_bytes()
    return {gpu.gpu_id: gpu for gpu in msgspec.json.decode(seeded, type=list[Gpu])}


@pytest.fixture(scope="module")
def report(gpus: dict[str, Gpu]) -> MemoryAccuracy:
    lines = [line for name in ("memory_engines", "memory_llama_cpp") for line in _lines(f"{name}.jsonl")]
    return measure_memory(lines, gpus=gpus)


def _lines(name: str) -> list[bytes]:
    return (HERE / name).read_bytes().splitlines()


def _at_most(value: float | None, bound: float) -> bool:
    return value is not None and value <= bound


def test_every_case_is_used_or_counted_with_a_reason(report: MemoryAccuracy) -> None:
    assert report.cases == 704
    assert report.used + sum(report.skipped.values()) == report.cases
    assert report.used >= 650


def test_the_kv_pool_is_predicted_within_a_twentieth_of_a_gib(report: MemoryAccuracy) -> None:
    assert _at_most(report.kv_pool_gib.median, 0.05)
    assert _at_most(report.kv_pool_gib.p90, 0.30)


def test_rows_that_no_rule_of_thumb_came_from_are_predicted_as_well(report: MemoryAccuracy) -> None:
    assert _at_most(report.not_derived_from.kv_pool_gib.median, 0.10)
    assert _at_most(report.not_derived_from.kv_pool_gib.p90, 0.60)


def test_weights_are_within_one_per_cent(report: MemoryAccuracy) -> None:
    assert _at_most(report.weights_percent.median, 1)


def test_no_refused_start_is_promised_to_fit(report: MemoryAccuracy) -> None:
    assert report.false_fits == 0
    assert report.verdicts.refusals_predicted == report.verdicts.refusals > 0


def test_few_starts_are_wrongly_refused_and_few_verdicts_are_tight(report: MemoryAccuracy) -> None:
    assert report.false_does_not_fit <= 0.03 * report.verdicts.of
    assert report.verdicts.tight <= 0.10 * report.verdicts.of


def test_requests_around_a_measured_pool_are_judged_right(report: MemoryAccuracy) -> None:
    derived = report.derived_verdicts
    assert derived.false_fits == 0
    assert derived.false_does_not_fit <= 0.03 * derived.of
    assert derived.tight <= 0.10 * derived.of


def test_llama_cpps_buffers_are_exact(report: MemoryAccuracy) -> None:
    for part, share in (("model", 1.0), ("kv", 1.0), ("output", 1.0), ("compute", 0.99)):
        exact, of = report.exact[part]
        assert exact >= share * of > 0, part
        assert report.too_small[part][0] == 0, part


def test_a_partial_offload_is_never_too_small_by_more_than_32_mib(report: MemoryAccuracy) -> None:
    assert report.partial_offload_too_small_mib <= 32


def test_sglangs_tokens_are_within_two_per_cent(report: MemoryAccuracy) -> None:
    assert _at_most(report.by["sglang"].kv_tokens_percent.max, 2)


@pytest.mark.parametrize("kv_dtype", ["auto", "fp8"])
def test_vllm_on_an_h100_has_the_logged_tokens_within_three_per_cent(gpus: dict[str, Gpu], kv_dtype: str) -> None:
    logged = 952_032 if kv_dtype == "fp8" else 476_016
    case = (
        '{"id": "h100", "engine": "vllm", "engine_version": "0.19.0", "model_id": "llama-3.1-8b", "gpu_id": "h100-sxm",'
        '"weight_format": "bf16", "total_gpu_memory_gib": 79.19, "gpu_mem_util": 0.95, "max_model_len": 32768,'
        f'"kv_dtype": "{kv_dtype}", "outcome": "fit", "kv_tokens": {logged}' + "}"
    )
    found = measure_memory([case.encode()], gpus=gpus)
    assert _at_most(found.kv_tokens_percent.max, 3)
