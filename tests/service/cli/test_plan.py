"""`r1plan plan` answers on a terminal and for machines, without a running service."""

import json

import pytest
from click.testing import CliRunner

from service.cli import main
from tests.service.cli.conftest import Run


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


def test_four_hundred_dollars_buy_a_gpu_with_its_launch_year_and_break_even(r1plan: Run) -> None:
    asked = ("plan", "--pricing", "buy", "--max-usd", "400", "--context", "32k")
    option = json.loads(r1plan(*asked, "--json").stdout)["options"][0]
    assert option["offer"]["purchase_usd"] <= 400
    year = option["offer"]["as_of"][:4]
    assert f"launch price of {year}" in option["offer"]["flags"]
    bought = option["cost"]["purchase"]
    assert bought["rental"]["usd_per_hour"] > 0
    shown = r1plan(*asked).stdout
    assert f"1x {option['gpu']['name']} at retail, ${bought['usd']:,.0f} once, so $" in shown
    assert f"price of {year}), {bought['watts']:.0f} W at $0.15 a kWh" in shown
    assert f"Break-even: after {bought['break_even_months']:g} months against the cheapest rental" in shown


@pytest.mark.parametrize(
    ("objective", "heading"),
    [("fastest", "Fastest: "), ("cheapest_per_token", "Cheapest per token: "), ("best_quality", "Best quality: ")],
)
def test_the_first_option_is_called_what_was_asked_for(r1plan: Run, objective: str, heading: str) -> None:
    assert r1plan("plan", "--objective", objective, "--gpu", "l4").stdout.splitlines()[1].startswith(heading)


def test_a_plan_shows_speed_along_the_batch_axis_the_frontier_and_the_age_of_prices(r1plan: Run) -> None:
    asked = ("plan", "--context", "8k", "--batch", "16")
    answer = json.loads(r1plan(*asked, "--json").stdout)
    lines = r1plan(*asked).stdout.splitlines()
    batches = next(line for line in lines if line.startswith("  batch "))
    assert batches.split()[1:] == [f"{point['batch']:,}" for point in answer["speed_by_batch"]]
    assert "16" in batches.split()
    assert any(line.startswith("Nothing beats these on price, speed and quality together") for line in lines)
    for option, line in zip(answer["options"], lines[3:], strict=False):
        assert option["offer"]["as_of"] in line
    assert f"the price is {answer['options'][0]['cost']['price_age_days']:,} days old." in "\n".join(lines)
    assert any("hazard: " in line for line in lines) == bool(answer["options"][0]["quality"]["hazards"])


def test_a_spot_offer_shows_its_discount_and_its_risk(r1plan: Run) -> None:
    shown = r1plan("plan", "--pricing", "spot", "--gpu", "h100", "--provider", "verda").stdout
    assert "% less than on demand): it can be taken back at any moment" in shown
