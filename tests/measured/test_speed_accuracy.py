"""The speed model against what was measured, and its own figures of how well it predicts."""

import itertools

import msgspec
import numpy as np
import pytest

from planner import SPEED_GROUPINGS, speed_accuracy, speed_coefficients
from planner.speed.cases import Case
from planner.speed.devices import Device, device, measured_device
from planner.speed.fitting import Data, predict
from planner.speed.observations import Observation, observe
from planner.units import GIB
from tests.measured.speed_cases import several_gpu_cases, speed_cases
from tests.planner.speed.seeded_gpus import seeded_gpus

RED_HAT_GAP = 1.1


def test_cases_left_out_at_random_are_predicted_within_the_promised_errors() -> None:
    errors = speed_coefficients().cross_validation["five_folds"]
    assert errors.median <= 0.06
    assert errors.p90 <= 0.16


def test_gpus_that_were_never_seen_are_predicted_within_the_promised_errors() -> None:
    errors = speed_coefficients().cross_validation["gpu_left_out"]
    assert errors.median <= 0.10
    assert errors.p90 <= 0.28


def test_sources_that_were_never_seen_are_predicted_within_the_promised_errors() -> None:
    errors = speed_coefficients().cross_validation["source_left_out"]
    assert errors.median <= 0.10
    assert errors.p90 <= 0.28


@pytest.mark.parametrize("left_out", ["five_folds", "gpu_left_out"])
def test_bands_hold_about_four_of_five_cases_that_neither_fit_nor_bands_had_seen(left_out: str) -> None:
    assert 0.75 <= speed_coefficients().cross_validation[left_out].coverage <= 0.85


def test_bands_are_wider_the_less_a_prediction_rests_on() -> None:
    bands = speed_coefficients().bands
    for support, less in itertools.pairwise(("build", "gpu", "class", "family", "nothing")):
        for name in bands["build"]:
            assert bands[less][name] >= bands[support][name], f"{name}: {less}"


def test_the_report_counts_every_case_as_used_or_skipped() -> None:
    report = speed_accuracy(speed_cases(), speed_coefficients())
    assert report.cases == len(speed_cases())
    assert report.used + sum(report.skipped.values()) == report.cases
    assert report.used == speed_coefficients().cases
    assert set(report.by) == set(SPEED_GROUPINGS)
    assert len(report.worst) == 10
    for groups in report.by.values():
        assert report.all is not None
        assert sum(found.observations for found in groups.values()) == report.all.observations


def test_every_figure_of_the_report_is_a_fraction_under_its_agreed_key() -> None:
    report = msgspec.to_builtins(speed_accuracy(speed_cases(), speed_coefficients(), by=("engine",)))
    assert list(report) == ["cases", "used", "skipped", "all", "coverage", "by", "worst"]
    assert {"median", "p90", "signed"} <= set(report["all"])
    assert 0 < report["all"]["median"] < report["all"]["p90"] < 1
    assert 0.75 < report["coverage"] <= 1
    assert list(report["by"]) == ["engine"]


def test_what_cannot_be_predicted_is_skipped_with_its_reason() -> None:
    plain = speed_cases()[0]
    cases = [
        msgspec.structs.replace(plain, id="a", gpu="MI300X-192GB"),
        msgspec.structs.replace(plain, id="b", engine_family="other"),
        msgspec.structs.replace(plain, id="c", kind="a new kind"),
        msgspec.structs.replace(plain, id="d", fit=False),
        msgspec.structs.replace(plain, id="e", weight_format="exl3"),
        msgspec.structs.replace(plain, id="f", kind="prefill", input_len=None),
        msgspec.structs.replace(plain, id="g", concurrency=-1),
    ]
    report = speed_accuracy(cases, speed_coefficients())
    assert report.used == 0
    assert report.all is None
    assert report.coverage is None
    assert report.skipped == {
        "AMD GPU: none is calibrated": 1,
        "engine that is not calibrated": 1,
        "kind that is not predicted: a new kind": 1,
        "length or count below zero": 1,
        "lengths are not stated": 1,
        "kept for the record only (fit is false)": 1,
        "weight format that is not calibrated": 1,
    }


def test_predictions_read_settings_only() -> None:
    cases = [case for case in speed_cases() if case.kind == "single_stream_e2e"]
    doubled = [msgspec.structs.replace(case, latency_e2e_s=2 * (case.latency_e2e_s or 0.0)) for case in cases]
    relabelled = [msgspec.structs.replace(case, src="elsewhere", source="", reliability="D") for case in cases]
    effects = speed_coefficients().effects
    plain = predict(Data(observe(cases).used), effects)
    assert predict(Data(observe(doubled).used), effects) == pytest.approx(plain - np.log(2))
    assert predict(Data(observe(relabelled).used), effects) == pytest.approx(plain)


def rate(observation: Observation, factor: float = 1.0) -> float:
    """Return requests per second up to a constant, as measured, or as predicted with the factor of the prediction."""
    value = observation.measured * factor
    return value if observation.observable == "throughput" else 1 / value


def settings(case: Case) -> tuple[str, str, float | None, float | None]:
    return case.gpu, case.kind, case.input_len, case.output_len


def test_formats_rank_by_cost_per_token_as_red_hat_measured_them() -> None:
    cases = [case for case in speed_cases() if case.src.startswith("redhat")]
    used = observe(cases).used
    factors = np.exp(predict(Data(used), speed_coefficients().effects)).tolist()
    compared = 0
    for (one, factor), (other, other_factor) in itertools.combinations(zip(used, factors, strict=True), 2):
        if settings(one.case) != settings(other.case):
            continue
        measured = rate(one) / rate(other)
        if max(measured, 1 / measured) <= RED_HAT_GAP:
            continue
        compared += 1
        predicted = rate(one, factor) / rate(other, other_factor)
        assert (predicted > 1) == (measured > 1), f"{one.case.id} against {other.case.id}"
    assert compared >= 50


def test_gpus_that_split_a_model_are_predicted_without_having_been_fitted() -> None:
    report = speed_accuracy(several_gpu_cases(), speed_coefficients(), by=("engine",))
    assert report.used >= 80
    assert report.all is not None
    assert report.all.median <= 0.06
    vllm = report.by["engine"]["vllm_v0"]
    assert vllm.median <= 0.25
    assert vllm.p90 <= 0.40


def test_the_gpus_of_the_cases_agree_with_the_seeded_inventory() -> None:
    seeded = {gpu.gpu_id: gpu for gpu in seeded_gpus()}
    names = {case.gpu for case in (*speed_cases(), *several_gpu_cases())}
    compared = 0
    for name in sorted(names):
        measured = measured_device(name)
        assert isinstance(measured, Device), name
        if measured.gpu_id not in seeded:
            continue
        listed = device(seeded[measured.gpu_id])
        assert isinstance(listed, Device), name
        assert listed.speed_class == measured.speed_class, name
        assert listed.architecture == measured.architecture, name
        assert listed.bandwidth_bytes_per_second == pytest.approx(measured.bandwidth_bytes_per_second, rel=0.03), name
        assert listed.fp16_flops_per_second == pytest.approx(measured.fp16_flops_per_second, rel=0.12), name
        assert listed.memory_bytes <= measured.memory_bytes * 1.074, name
        assert listed.memory_bytes >= 8 * GIB * 0.7
        compared += 1
    assert compared >= 25
