"""`r1plan plan` answers on a terminal and for machines, without a running service."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from service.cli import main

Run: TypeAlias = Callable[..., Result]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the inventory of this module's tests lies."""
    return tmp_path_factory.mktemp("inventory") / "inventory.sqlite3"


@pytest.fixture
def r1plan(database: Path) -> Run:
    """Return a function that runs the command line on that inventory."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, env={"R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{database}"})

    return run


def test_a_plan_names_price_memory_and_a_launch_command(r1plan: Run) -> None:
    result = r1plan("plan", "--context", "32k", "--batch", "8")
    assert result.exit_code == 0
    first, second, *_ = result.stdout.splitlines()
    assert first.startswith("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B, 32k context x 8 (assumed: ")
    assert second.startswith("Cheapest: ")
    assert "$" in second
    assert "KV cache" in result.stdout
    assert "vllm serve" in result.stdout or "llama-server" in result.stdout
    assert "Left out:" in result.stdout


def test_json_is_the_answer_as_the_api_gives_it(r1plan: Run) -> None:
    result = r1plan("plan", "--context", "32k", "--gpu", "l4", "--gpu", "rtx-4090", "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["outcome"] == "plan"
    assert answer["request"]["gpu"] == ["l4", "rtx-4090"]
    assert {option["gpu"]["gpu_id"] for option in answer["options"]} <= {"l4", "rtx-4090"}


def test_nothing_fits_is_an_answer_with_its_own_status(r1plan: Run) -> None:
    result = r1plan("plan", "--context", "128k", "--batch", "64", "--max-usd-per-hour", "0.5")
    assert result.exit_code == 3
    assert "Nothing fits." in result.stdout
    assert "Would help: raise max_usd_per_hour" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--context", "1e9"], "a whole number of tokens from 1 to 131,072"),
        (["--batch", "0"], "from 1 to 100,000"),
        (["--gpu", "rtx 4091"], "rtx-4090"),
        (["--engine", "vlm"], "vllm"),
        (["--min-quality", "good"], "lossless, near_lossless, degraded, poor"),
    ],
    ids=repr,
)
def test_bad_input_is_one_line_that_says_what_is_allowed(r1plan: Run, arguments: list[str], message: str) -> None:
    result = r1plan("plan", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


def test_a_wrong_setting_stops_with_one_line() -> None:
    result = CliRunner().invoke(main, ["plan"], env={"R1PLAN_DATABASE_URL": "mysql://somewhere"})
    assert result.exit_code == 2
    assert "R1PLAN_DATABASE_URL" in result.stderr
    assert result.stderr.count("\n") == 1


def test_what_is_tight_is_offered_on_request_and_marked(r1plan: Run) -> None:
    machine = ("--gpu", "rtx-4090", "--weight-format", "fp8", "--engine", "vllm", "--kv-cache-dtype", "fp16")
    most = json.loads(r1plan("fit", *machine, "--context", "16k", "--json").stdout)["max_context"]
    asked = ("plan", *machine, "--gpu-count", "1", "--context", str(most + 1))
    assert r1plan(*asked).exit_code == 3
    offered = r1plan(*asked, "--allow-tight")
    assert offered.exit_code == 0
    assert " tight\n" in offered.stdout
    assert "warning: tight: " in offered.stdout
