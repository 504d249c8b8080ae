"""`r1plan prices`: a small chart of each offer of a GPU, and plans as of a past day."""

import datetime as dt
import json

import pytest

from service.cli.sparkline import draw_sparkline
from tests.service.cli.conftest import Run

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 1, 9)


@pytest.mark.parametrize(
    ("prices", "end", "bars"),
    [
        ([(1, 1.0), (5, 2.0)], None, "▁▁▁▁█████"),
        ([(1, 1.0), (3, 8.0), (6, 4.5)], None, "▁▁███▅▅▅▅"),
        ([(4, 1.0)], None, "   ▄▄▄▄▄▄"),
        ([(1, 3.0)], 5, "▄▄▄▄     "),
        ([(9, 3.0)], None, "        ▄"),
    ],
)
def test_bars_are_as_high_as_the_price_that_held(prices: list[tuple[int, float]], end: int | None, bars: str) -> None:
    days = [(dt.date(2026, 1, day), usd) for day, usd in prices]
    gone = None if end is None else dt.date(2026, 1, end)
    assert draw_sparkline(days, first=FIRST, last=LAST, width=9, end=gone) == bars


def test_one_day_alone_has_a_chart_too() -> None:
    assert draw_sparkline([(FIRST, 1.0)], first=FIRST, last=FIRST, width=3) == "▄▄▄"


def test_each_offer_of_a_gpu_is_a_line_the_cheapest_first(r1plan: Run) -> None:
    result = r1plan("prices", "l4")
    assert result.exit_code == 0, result.output
    title, *lines = result.stdout.splitlines()
    assert title.split() == ["offer", "GPUs", "2025-11-15", "to", title.split()[4], "lowest", "highest", "last", "seen"]
    assert "▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄" in lines[0]
    last = [
        float(word.removeprefix("$").removesuffix("/h"))
        for line in lines
        if "$" in line
        for word in line.split()[-2:-1]
    ]
    assert last == sorted(last)
    assert len(last) > 5


def test_the_prices_of_a_gpu_can_be_read_by_programs(r1plan: Run) -> None:
    answer = json.loads(r1plan("prices", "h100", "--json").stdout)
    assert len(answer["gpu_ids"]) > 1
    assert {offer["gpu_id"] for offer in answer["offers"]} <= set(answer["gpu_ids"])
    assert all(offer["prices"] for offer in answer["offers"])


def test_a_gpu_that_nobody_knows_is_refused(r1plan: Run) -> None:
    result = r1plan("prices", "h1000")
    assert result.exit_code == 2
    assert "Nearest: h100" in result.stderr


def test_a_plan_can_be_asked_as_of_a_past_day(r1plan: Run) -> None:
    then = r1plan("plan", "--as-of", "2026-03-01")
    assert then.exit_code == 0
    assert " offers as of 2026-03-01, prices of 2025-05-15 to 2026-02-" in then.stdout.replace("\n", " ")
    before = r1plan("plan", "--as-of", "2020-01-01")
    assert before.exit_code == 3
    assert "the first is of 2025-05-15" in before.stdout
    for bad in ("2999-01-01", "yesterday"):
        assert r1plan("plan", "--as-of", bad).exit_code == 2
