"""`r1plan node`, `reserve`, `reservations`, `cancel` and `free`, and plans on machines of one's own."""

import datetime as dt
import json
import re

import pytest

from planner import show_moment
from service.inventory.utc import now
from tests.service.cli.conftest import Run


def in_hours(hours: float) -> str:
    return show_moment((now() + dt.timedelta(hours=hours)).replace(microsecond=0))


def add_node(r1plan: Run, name: str, *more: str) -> None:
    done = r1plan("node", "add", name, "--site", "cellar", "--gpu", "l4", "--gpu-count", "8", *more)
    assert done.exit_code == 0, done.output


def test_a_plan_uses_what_is_free_and_names_the_command_that_reserves_it(r1plan: Run) -> None:
    add_node(r1plan, "plan-01", "--usd-per-hour", "4")
    end = in_hours(2)
    assert r1plan("reserve", "plan-01", "--gpu-count", "5", "--end", end, "--owner", "anna").exit_code == 0

    planned = r1plan("plan", "--pricing", "owned", "--gpu", "l4", "--end", in_hours(1))
    answer = json.loads(r1plan("plan", "--pricing", "owned", "--gpu", "l4", "--batch", "3", "--json").output)

    assert planned.exit_code == 0, planned.output
    assert f"3 of 8 GPUs free; taken: 5 by anna until {end}" in planned.output
    command = next(line for line in planned.output.splitlines() if line.startswith("r1plan reserve"))
    assert r1plan(*command.split()[1:]).exit_code == 0
    assert [(option["gpu_count"], option["usd_per_hour"]) for option in answer["options"]] == [
        (1, 0.5),
        (2, 1),
        (3, 1.5),
    ]
    assert answer["options"][0]["owned"]["taken"][0]["owner"] == "anna"
    assert json.loads(r1plan("free", "--json").output)[0]["free_gpus"] == 2


def test_gpus_that_are_promised_to_others_are_said_so_with_a_status_of_its_own(r1plan: Run) -> None:
    add_node(r1plan, "taken-01")
    end = in_hours(2)
    assert r1plan("reserve", "taken-01", "--gpu-count", "8", "--end", end).exit_code == 0

    refused = r1plan("reserve", "taken-01", "--end", in_hours(1))

    assert refused.exit_code == 3
    assert "0 of 8 GPUs free" in refused.output
    assert f"1 are free for as long from {end} on" in refused.output


def test_a_reservation_is_listed_until_it_is_cancelled(r1plan: Run) -> None:
    add_node(r1plan, "list-01")
    made = json.loads(r1plan("reserve", "list-01", "--end", in_hours(1), "--owner", "ben", "--json").output)

    listed = json.loads(r1plan("reservations", "--node", "list-01", "--json").output)
    assert listed == [made]
    assert "1 of list-01" in r1plan("reservations", "--owner", "ben").output
    assert r1plan("node", "remove", "list-01").exit_code == 2
    assert r1plan("cancel", made["reservation_id"]).exit_code == 0
    assert json.loads(r1plan("reservations", "--node", "list-01", "--json").output) == []
    assert r1plan("cancel", made["reservation_id"]).exit_code == 2
    assert r1plan("node", "remove", "list-01").exit_code == 0
    assert "list-01" not in r1plan("node", "list").output


def test_a_node_is_changed_in_what_is_given_and_the_change_is_kept(r1plan: Run) -> None:
    add_node(r1plan, "change-01")
    changed = r1plan("node", "change", "change-01", "--site", "attic", "--usd-per-hour", "3.5", "--gpu", "nvidia l40s")
    assert changed.exit_code == 0, changed.output
    assert changed.stdout == f"change-01 is now 8x l40s at attic, $3.5/h since {now():%Y-%m-%d}.\n"
    assert r1plan("node", "change", "change-01", "--gpu-count", "4").exit_code == 0

    kept = json.loads(r1plan("changes", "--kind", "node", "--id", "change-01", "--json").stdout)
    assert [(one["before"], one["after"]) for one in kept[:2]] == [
        ({"gpu_count": 8}, {"gpu_count": 4}),
        (
            {"site": "cellar", "gpu_id": "l4", "usd_per_hour": None},
            {"site": "attic", "gpu_id": "l40s", "usd_per_hour": 3.5},
        ),
    ]
    assert re.search(r"^change-01 +4x l40s +attic +\$3.5/h", r1plan("node", "list").stdout, re.MULTILINE)


def test_a_node_keeps_the_gpus_that_are_promised(r1plan: Run) -> None:
    add_node(r1plan, "change-02")
    made = r1plan("reserve", "change-02", "--gpu-count", "5", "--end", in_hours(1), "--owner", "anna", "--json")
    for refused in (
        r1plan("node", "change", "change-02", "--gpu-count", "4"),
        r1plan("node", "change", "change-02", "--gpu", "l40s"),
    ):
        assert refused.exit_code == 2
        assert f"{json.loads(made.stdout)['reservation_id']} (5 for anna until" in refused.stderr
    assert r1plan("node", "change", "change-02", "--gpu-count", "5").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("node", "change", "no-such-node", "--site", "x"), "There is no node 'no-such-node'"),
        (("node", "change", "n"), "allowed are --site, --gpu, --gpu-count and --usd-per-hour"),
        (("node", "change", "n", "--gpu", "a100"), "say which"),
        (("node", "add", "Big Node", "--site", "x", "--gpu", "l4"), "allowed are up to 63 characters"),
        (("node", "add", "n", "--site", "x", "--gpu", "l5"), "Unknown GPU"),
        (("node", "add", "n", "--site", "x", "--gpu", "a100"), "say which"),
        (("reserve", "none", "--end", "2030-01-01"), "no node 'none'"),
        (("reserve", "none", "--end", "tomorrow"), "a moment in ISO 8601"),
        (("free", "--end", "2020-01-01"), "must come after"),
        (("plan", "--pricing", "owned", "--end", "2020-01-01"), "not after the start"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(r1plan: Run, arguments: tuple[str, ...], words: str) -> None:
    refused = r1plan(*arguments)

    assert refused.exit_code == 2
    assert words in refused.output
    assert len(refused.output.strip().splitlines()) == 1
