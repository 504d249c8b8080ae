"""`r1plan accuracy memory`: the report, its JSON and its exit status."""

import json
from pathlib import Path

import pytest

from tests.service.cli.conftest import Run

MEASURED = Path(__file__).parents[2] / "measured"
BOTH = (str(MEASURED / "memory_engines.jsonl"), str(MEASURED / "memory_llama_cpp.jsonl"))


def test_the_report_shows_errors_verdicts_and_what_was_skipped(r1plan: Run) -> None:
    result = r1plan("accuracy", "memory", *BOTH)
    assert result.exit_code == 0
    for words in ("704 cases", "skipped: MoE/MLA", "KV pool, GiB", "0 false fits", "exact to the byte", "worst ten"):
        assert words in result.stdout


def test_json_is_one_object_with_the_agreed_names(r1plan: Run) -> None:
    report = json.loads(r1plan("accuracy", "memory", *BOTH, "--json", "--by", "gpu").stdout)
    kv = {"kv_pool_gib", "kv_pool_percent", "kv_tokens_percent"}
    assert set(report) == {
        *("cases", "used", "skipped", "weights_percent", "verdicts", "false_fits", "false_does_not_fit"),
        *("derived_verdicts", "not_derived_from", "exact", "too_small", "by", "worst"),
        *kv,
    }
    assert set(report["not_derived_from"]) == kv
    for name in (*kv, "weights_percent"):
        assert set(report[name]) == {"median", "p90", "max"}
    assert set(report["derived_verdicts"]) == {"of", "false_fits", "false_does_not_fit", "tight"}
    assert set(report["exact"]) == set(report["too_small"]) == {"model", "kv", "compute", "output"}
    assert report["cases"] == report["used"] + sum(report["skipped"].values())
    assert "h100-sxm" in report["by"]


def test_a_refused_start_that_was_promised_to_fit_is_a_failure(r1plan: Run, tmp_path: Path) -> None:
    refused = {
        "id": "made-up",
        "engine": "vllm",
        "engine_version": "0.19.0",
        "model_id": "llama-3.1-8b",
        "gpu_id": "h100-sxm",
        "weight_format": "bf16",
        "total_gpu_memory_gib": 79.19,
        "gpu_mem_util": 0.95,
        "max_model_len": 8192,
        "outcome": "refused_start",
    }
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(refused), encoding="utf-8")
    result = r1plan("accuracy", "memory", str(file))
    assert result.exit_code == 1
    assert "1 false fits" in result.stdout


@pytest.mark.parametrize("text", ["{", '{"record": "context"}', "[]"])
def test_a_line_that_is_no_case_is_named(r1plan: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f"\n{text}\n", encoding="utf-8")
    result = r1plan("accuracy", "memory", str(file))
    assert result.exit_code == 2
    assert "line 2" in result.stderr
