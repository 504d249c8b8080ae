"""What the bot counts: answers by what they came to, trouble with the API and with Discord, and how soon it answers."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

import pytest

from bots.answers import Problem
from bots.client import (
    PlannerError,
    PlannerGivenUp,
    PlannerRefused,
    PlannerSlow,
    PlannerUnreachable,
    PlannerUnreadable,
)
from bots.discord.work import Work
from bots.metrics import Metrics
from bots.outcomes import outcome_of, trouble_of
from tests.bots.bot_process import start_listening_bot, status_and_text
from tests.bots.planner_api import PLAN, PlannerApi
from tests.bots.room import Room
from tests.discord_server.rest import ORIGINAL
from tests.discord_server.server import wait_for

NAMES = ("r1plan_bot_answers_total", "r1plan_bot_api_errors_total", "r1plan_bot_discord_errors_total")


async def figures(port: int, *names: str) -> dict[str, float]:
    """Return the bot's figures of these names, with their labels, that are not zero."""
    _, text = await status_and_text(f"http://127.0.0.1:{port}/metrics")
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(names)]
    return {re.sub(r"^r1plan_bot_|_total", "", name): float(value) for name, value in lines if float(value)}


async def test_answers_are_counted_by_what_they_came_to(room: Room, tmp_path: Path, free_port: int) -> None:
    refused = {"detail": "no such GPU", "code": "unknown_gpu", "field": "gpu"}
    async with (
        PlannerApi({"/v1/plan": (200, PLAN), "/v1/plan/chart": (500, {})}) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path, R1PLAN_BOT_PORT=str(free_port)),
    ):
        planned = await room.plan(context="32k")
        room.server.rest.postponed.append(("PATCH", ORIGINAL))
        await room.answer_to(await room.alice.press(planned, "64k context"))
        api.answers["/v1/plan"] = (400, refused)
        await room.plan_in_vain(gpu="l44")
        api.answers["/v1/plan"] = (429, {})
        await room.told(await room.alice.press(planned, "64k context"))
        api.answers["/v1/plan"] = (200, b"<html>nonsense</html>")
        await room.plan_in_vain(context="32k")
        api.answers["/v1/ask"] = (503, {})
        await room.ask("what GPU for 8B at 32k?")
        for row in planned["components"]:
            for control in row["components"]:
                control["custom_id"] = f"r0.{control['custom_id']}"
        await room.alice.press(planned, "64k context")
        counted = await figures(free_port, *NAMES)
        first = await figures(free_port, "r1plan_bot_first_answer_seconds_count")

    assert counted == {
        'answers{kind="command",outcome="ok"}': 1,
        'answers{kind="command",outcome="refused"}': 1,
        'answers{kind="command",outcome="api_unavailable"}': 1,
        'answers{kind="press",outcome="ok"}': 1,
        'answers{kind="press",outcome="api_unavailable"}': 1,
        'answers{kind="press",outcome="lost"}': 1,
        'answers{kind="message",outcome="api_unavailable"}': 1,
        'api_errors{error="refused"}': 1,
        'api_errors{error="busy"}': 1,
        'api_errors{error="unreadable"}': 1,
        # two charts and a question
        'api_errors{error="broken"}': 3,
        'discord_errors{status="429"}': 1,
    }
    assert first == {f'first_answer_seconds_count{{kind="{kind}"}}': 3.0 for kind in ("command", "press")} | {
        'first_answer_seconds_count{kind="message"}': 1.0
    }


async def test_an_api_that_is_away_and_answers_that_discord_does_not_take_are_not_counted_as_answered(
    room: Room, tmp_path: Path, free_port: int
) -> None:
    # nothing listens on port 9
    away = "http://127.0.0.1:9"
    async with start_listening_bot(room.server, api_url=away, folder=tmp_path, R1PLAN_BOT_PORT=str(free_port)):
        await room.plan_in_vain(context="32k")
        late = await room.alice.use(room.channel, "plan", waits=False)
        late.born -= 4
        await wait_for("the refusal of a late answer", lambda: room.server.rest.refused)
        await room.plan_in_vain(context="32k")
        counted = await figures(free_port, *NAMES)

    assert counted == {
        'answers{kind="command",outcome="api_unavailable"}': 2,
        'answers{kind="command",outcome="not_delivered"}': 1,
        'api_errors{error="unreachable"}': 2,
        'discord_errors{status="404"}': 1,
    }
    assert [exchange.status for exchange in room.server.rest.take_refused()] == [404]


@pytest.mark.parametrize(
    ("error", "trouble", "outcome"),
    [
        (PlannerUnreachable(), "unreachable", "api_unavailable"),
        (PlannerSlow(seconds=10), "slow", "api_unavailable"),
        (PlannerUnreadable(), "unreadable", "api_unavailable"),
        (PlannerRefused(Problem(), status=404), "refused", "refused"),
        (PlannerRefused(Problem(), status=429), "busy", "api_unavailable"),
        (PlannerRefused(Problem(), status=500), "broken", "api_unavailable"),
        (PlannerGivenUp(), "given_up", "restarting"),
        (PlannerError(), "broken", "api_unavailable"),
    ],
)
def test_each_trouble_with_the_api_has_a_name_and_an_outcome(error: PlannerError, trouble: str, outcome: str) -> None:
    assert (trouble_of(error), outcome_of(error)) == (trouble, outcome)


def test_what_breaks_is_counted_as_failed() -> None:
    metrics = Metrics()
    work = Work(metrics)

    with contextlib.suppress(ZeroDivisionError), work.under_way("press"):
        raise ZeroDivisionError

    assert b'answers_total{kind="press",outcome="failed"} 1.0' in metrics.render()
    assert asyncio.run(work.finish(within_seconds=0))
