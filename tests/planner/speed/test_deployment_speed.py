"""The speed of one deployment behaves as physics and engines do."""

import pytest

from planner import Work, deployment_speed, kv_cache_dtypes, models, speed_along_batches, weight_formats
from planner.engines import Deployment
from planner.speed import Band, Speed
from tests.planner.speed.seeded_gpus import seeded_gpu

WORK = Work(prompt_tokens=1024, output_tokens=1024)


def deployment(
    gpu_id: str, weight_format: str = "bf16", *, batch: int = 16, gpus: int = 1, replicas: int = 1
) -> Deployment:
    return Deployment(
        model=models()["deepseek-r1-0528-qwen3-8b"],
        weight_format=weight_formats()[weight_format],
        kv_cache_dtype=kv_cache_dtypes()["fp16"],
        gpu=seeded_gpu(gpu_id),
        context=4096,
        batch=batch,
        tensor_parallel_size=gpus,
        replicas=replicas,
    )


def known(band: Band | None) -> Band:
    assert band is not None
    return band


def gap(speed: Speed) -> float:
    return known(speed.tpot_seconds).estimate


def test_more_sequences_never_make_one_of_them_faster_nor_all_of_them_slower() -> None:
    curve = speed_along_batches(
        deployment("rtx-4090", "fp8"), engine="vllm", work=WORK, batches=(1, 2, 4, 8, 16, 32, 64, 128)
    )
    gaps = [gap(point.speed) for point in curve]
    totals = [known(point.speed.tokens_per_second).estimate for point in curve]
    assert gaps == sorted(gaps)
    assert totals == sorted(totals)


def test_a_longer_prompt_takes_longer_to_the_first_token() -> None:
    firsts = [
        known(
            deployment_speed(
                deployment("h100-sxm"), engine="vllm", work=Work(prompt_tokens=tokens, output_tokens=256)
            ).ttft_seconds
        ).estimate
        for tokens in (128, 1024, 8192, 65536)
    ]
    assert firsts == sorted(firsts)


def test_fewer_bytes_make_a_single_user_faster() -> None:
    speeds = [
        gap(deployment_speed(deployment("rtx-a6000", name, batch=1), engine="vllm", work=WORK))
        for name in ("w4a16", "int8", "bf16")
    ]
    assert speeds == sorted(speeds)


def test_replicas_add_throughput_and_leave_each_user_alone() -> None:
    one = deployment_speed(deployment("rtx-4090", "fp8"), engine="vllm", work=WORK)
    three = deployment_speed(deployment("rtx-4090", "fp8", replicas=3), engine="vllm", work=WORK)
    assert known(three.tokens_per_second).estimate == pytest.approx(3 * known(one.tokens_per_second).estimate, rel=1e-3)
    assert three.tpot_seconds == one.tpot_seconds


def test_tensor_parallel_gpus_gain_less_than_their_number_and_more_over_nvlink() -> None:
    gains = {
        gpu_id: gap(deployment_speed(deployment(gpu_id), engine="vllm", work=WORK))
        / gap(deployment_speed(deployment(gpu_id, gpus=4), engine="vllm", work=WORK))
        for gpu_id in ("a100-80gb-sxm", "rtx-4090")
    }
    assert 1 < gains["rtx-4090"] < 4
    assert 1 < gains["a100-80gb-sxm"] < 4


def test_llama_cpp_splits_layers_so_that_more_gpus_are_no_faster() -> None:
    one = deployment_speed(deployment("rtx-3090", "q4_k_m", batch=1), engine="llama.cpp", work=WORK)
    four = deployment_speed(deployment("rtx-3090", "q4_k_m", batch=1, gpus=4), engine="llama.cpp", work=WORK)
    assert gap(one) <= gap(four) <= 1.1 * gap(one)


def test_the_band_holds_the_estimate_and_is_never_narrower_the_less_was_measured() -> None:
    measured = deployment_speed(deployment("h100-sxm"), engine="vllm", work=WORK)
    similar = deployment_speed(deployment("h200-sxm"), engine="vllm", work=WORK)
    foreign = deployment_speed(deployment("b200"), engine="vllm", work=WORK)
    assert [speed.basis for speed in (measured, similar, foreign)] == ["gpu", "class", "extrapolated"]
    widths: list[float] = []
    for speed in (measured, similar, foreign):
        for band in (speed.ttft_seconds, speed.tpot_seconds, speed.tokens_per_second_per_user, speed.tokens_per_second):
            assert known(band).low < known(band).estimate < known(band).high
        found = known(speed.tpot_seconds)
        widths.append(found.high / found.low)
    assert widths[0] <= widths[1] * 1.001 <= widths[2] * 1.002
    assert widths[2] > 1.05 * widths[0]


def test_an_engine_that_nobody_measured_has_no_figures() -> None:
    speed = deployment_speed(deployment("h100-sxm"), engine="some-engine", work=WORK)
    assert speed.basis is None
    assert speed.reason == "no measured case of the engine some-engine is calibrated"


def test_a_user_sees_the_inverse_of_the_gap_between_tokens() -> None:
    speed = deployment_speed(deployment("l40s", "fp8"), engine="vllm", work=WORK)
    assert known(speed.tokens_per_second_per_user).estimate == pytest.approx(1 / gap(speed), rel=1e-3)
