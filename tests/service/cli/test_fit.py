"""`r1plan fit`, `memory`, `compare` and `limits` on a terminal and for machines."""

import json
import re
from pathlib import Path

import pytest

from tests.planner.test_model_config import CARD
from tests.service.cli.conftest import Run


def test_what_fits_is_shown_with_its_memory_both_tests_and_a_launch_command(r1plan: Run) -> None:
    result = r1plan("fit", "--gpu", "h100-sxm", "--context", "32k", "--batch", "8", "--weight-format", "bf16")
    assert result.exit_code == 0
    assert "1x H100 SXM: fits (bf16 weights, fp16 KV cache on vllm" in result.stdout
    assert "engine budget" in result.stdout
    assert "physical card" in result.stdout
    assert "vllm serve" in result.stdout
    assert re.search(r"in all \d,\d{3} \(\d,\d{3} to \d,\d{3}\)|in all \d{3} \(", result.stdout)
    assert "e+0" not in result.stdout


def test_what_does_not_fit_has_its_own_status_and_says_what_would_help(r1plan: Run) -> None:
    result = r1plan("fit", "--gpu", "rtx-4090", "--context", "32k", "--batch", "8", "--weight-format", "bf16")
    assert result.exit_code == 3
    assert "1x RTX 4090: does not fit" in result.stdout
    assert "Would fit:" in result.stdout
    assert "shorten the context to" in result.stdout
    assert "vllm serve" not in result.stdout


def test_tight_is_no_fit_and_says_so(r1plan: Run) -> None:
    machine = ("--gpu", "rtx-4090", "--weight-format", "fp8", "--engine", "vllm")
    most = json.loads(r1plan("fit", *machine, "--context", "16k", "--json").stdout)["max_batch"]
    result = r1plan("fit", *machine, "--context", "16k", "--batch", str(most + 1))
    assert result.exit_code == 3
    assert "tight: inside the measured noise" in result.stdout or "does not fit" in result.stdout


def test_the_bar_of_the_memory_has_a_sign_for_each_part_and_ends_with_the_card(r1plan: Run) -> None:
    lines = r1plan("fit", "--gpu", "l4", "--context", "16k", "--weight-format", "fp8").stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Memory of each GPU"))
    bar, legend = lines[start + 1].strip(), lines[start + 2]
    assert bar.endswith("|")
    assert set(bar) == set("█▓▒+#·|")
    for sign, part in zip("█▓▒+#·", ("weights", "KV cache", "activations", "graphs", "runtime", "free"), strict=True):
        assert f"{sign} {part}" in legend


def test_engine_options_are_given_as_the_engine_spells_them(r1plan: Run) -> None:
    result = r1plan(
        "fit", "--gpu", "l4", "--context", "8k", "--enforce-eager", "--gpu-memory-utilization", "0.8", "--json"
    )
    answer = json.loads(result.stdout)
    assert answer["request"]["engine_settings"] == {"gpu_memory_utilization": 0.8, "enforce_eager": True}
    assert answer["memory"]["per_gpu"]["graph_bytes"] == 0
    assert "--enforce-eager" in answer["launch"]["command"]


def test_a_config_is_read_from_its_file(r1plan: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(CARD), encoding="utf-8")
    result = r1plan("fit", "--gpu", "h100-sxm", "--config", str(file), "--model", "card", "--json")
    assert json.loads(result.stdout)["kv_cache_bytes_per_token"] == 655_360


def test_memory_lists_what_each_pair_of_formats_needs(r1plan: Run) -> None:
    result = r1plan("memory", "--context", "32k", "--limit", "5")
    assert result.exit_code == 0
    assert "smallest GPUs that hold it" in result.stdout
    assert "more that need more" in result.stdout
    answer = json.loads(r1plan("memory", "--context", "32k", "--json").stdout)
    assert len(answer["requirements"]) > 50


def test_machines_side_by_side(r1plan: Run) -> None:
    result = r1plan("compare", "--gpu", "l4", "--gpu", "rtx-4090", "--context", "32k")
    assert result.exit_code == 0
    rows = [line for line in result.stdout.splitlines() if line.startswith("1x ")]
    assert [row.split("  ")[0] for row in rows] == ["1x L4", "1x RTX 4090"]


def test_a_comparison_in_which_nothing_fits_has_its_own_status(r1plan: Run) -> None:
    result = r1plan("compare", "--gpu", "t4", "--gpu", "l4", "--context", "128k", "--batch", "64")
    assert result.exit_code == 3


def test_limits_show_both_directions(r1plan: Run) -> None:
    result = r1plan("limits", "--gpu", "l4", "--weight-format", "fp8")
    assert result.exit_code == 0
    assert "largest batch at" in result.stdout
    assert "largest context at" in result.stdout
    assert "128k" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit"], "A machine is named by exactly one of"),
        (["fit", "--gpu", "l4", "--vram-gb", "24"], "given: gpu, vram_gb"),
        (["fit", "--gpu", "rtx 4091"], "rtx-4090"),
        (["fit", "--gpu", "l4", "--n-ubatch", "many"], "whole number"),
        (["memory", "--weight-format", "fp7"], "Nearest: fp"),
        (["compare", "--gpu", "l4"], "1 machines to compare; allowed: 2 to 6"),
        (["limits", "--instance-type", "g6.xlarg"], "g6.xlarge"),
    ],
    ids=repr,
)
def test_bad_input_is_one_line_that_says_what_is_allowed(r1plan: Run, arguments: list[str], message: str) -> None:
    result = r1plan(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr
