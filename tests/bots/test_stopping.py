"""A bot that is told to stop: nobody is left before "thinking", and it ends within the 10 s that containers grant."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bots.discord.stopping import ANSWER_SECONDS, CLOSE_SECONDS, TELL_SECONDS
from tests.bots.bot_process import start_listening_bot
from tests.bots.planner_api import PLAN, PlannerApi
from tests.bots.room import Room
from tests.discord_server.interactions import EPHEMERAL, Interaction
from tests.discord_server.person import Person
from tests.discord_server.rules.problem import Json
from tests.discord_server.server import wait_for

HEALTHY = {"/v1/plan": (200, PLAN), "/v1/ask": (200, {"intent": "plan", "endpoint": "/v1/plan", "answer": PLAN})}
GRACE_SECONDS = 10.0
# that the bot ends in time is its own matter: a busy machine is none of it
PATIENCE_SECONDS = 30.0
# longer than the bot waits when it is to stop, and shorter than it waits else
SLOW_SECONDS = 9.5


def test_the_steps_of_stopping_fit_into_the_grace_that_containers_grant() -> None:
    assert ANSWER_SECONDS + TELL_SECONDS + 4 * CLOSE_SECONDS <= GRACE_SECONDS - 1


async def test_whoever_waits_for_a_slow_api_is_told_that_the_bot_restarts(room: Room, tmp_path: Path) -> None:
    ming = Person(room.server, room.server.world.add_user("ming"), locale="zh-CN")
    async with (
        PlannerApi(HEALTHY) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path) as bot,
    ):
        planned = await room.plan(context="32k")
        before = planned["content"]
        api.delay_seconds = SLOW_SECONDS
        commanded = await ming.use(room.channel, "plan", context="32k")
        pressed = await room.alice.press(planned, "64k context")
        mentioned = asyncio.create_task(room.ask("what GPU for 8B at 32k?"))
        await wait_for("the bot to type", lambda: room.server.rest.find("/channels/{channel_id}/typing"))
        status = await bot.stop(within_seconds=PATIENCE_SECONDS)
        told = [await room.told(commanded), await room.told(pressed), await mentioned]

    assert status == 0
    assert ["重启" in told[0]["content"], *("being restarted" in message["content"] for message in told[1:])] == [
        True
    ] * 3
    assert not commanded.is_deferred
    assert planned["content"] == before
    assert room.server.gateway.close_codes == [1000]
    assert "Traceback" not in bot.output


async def test_a_bot_that_stops_begins_nothing_new_and_says_so(room: Room, tmp_path: Path) -> None:
    async with (
        PlannerApi(HEALTHY) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path) as bot,
    ):
        planned = await room.plan(context="32k")
        api.delay_seconds = 2.0
        begun = await room.alice.use(room.channel, "plan", context="32k")
        stopped = asyncio.create_task(bot.stop(within_seconds=PATIENCE_SECONDS))
        await wait_for("the signal to arrive", lambda: "logger=bots stopping" in bot.output)
        commanded = await room.alice.use(room.channel, "plan", context="64k")
        pressed = await room.alice.press(planned, "64k context")
        mentioned = await room.ask("and at 64k?")
        status = await stopped
        answered = await room.answer_to(begun)

    assert status == 0
    assert answered["content"].startswith("Cheapest: ")
    for refused in (commanded, pressed):
        assert refused.callback is not None
        assert "being restarted" in refused.callback["data"]["content"]
        assert refused.callback["data"]["flags"] & EPHEMERAL
    assert "being restarted" in mentioned["content"]
    assert [query["context"] for path, query in api.queries if path == "/v1/plan"] == ["32k", "32k"]


async def test_under_a_steady_stream_of_commands_the_bot_comes_to_rest_and_leaves_none_thinking(
    room: Room, tmp_path: Path
) -> None:
    asked: list[Interaction] = []

    async def ask_on() -> None:
        while True:
            asked.append(await room.alice.use(room.channel, "plan", context="32k", waits=False))
            await asyncio.sleep(0.1)

    async with (
        PlannerApi(HEALTHY, delay_seconds=1.0) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path, R1PLAN_BOT_RATE_PER_USER="1000") as bot,
    ):
        asking = asyncio.create_task(ask_on())
        await wait_for("some answers", lambda: len([one for one in asked if one.original_id]) > 5)
        status = await bot.stop(within_seconds=PATIENCE_SECONDS)
        asking.cancel()
        await asyncio.wait({asking})

    answered = [one for one in asked if one.callback is not None]
    refused = [one for one in answered if is_told_of_restart(one.callback)]
    assert status == 0
    assert [one for one in answered if one.is_deferred] == []
    assert len(refused) > 1
    assert "answer still under way" not in bot.output


def is_told_of_restart(callback: Json | None) -> bool:
    data: Json = (callback or {}).get("data") or {}
    return "being restarted" in str(data.get("content"))


@pytest.mark.parametrize("moment", ["while it connects", "while it identifies itself anew"])
async def test_a_bot_of_two_shards_ends_at_any_moment_of_its_connecting(
    room: Room, tmp_path: Path, moment: str
) -> None:
    gateway = room.server.gateway
    async with (
        PlannerApi(HEALTHY) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path, R1PLAN_DISCORD_SHARDS="2") as bot,
    ):
        if moment != "while it connects":
            await wait_for("both shards", lambda: len(gateway.sessions) == 2, within_seconds=PATIENCE_SECONDS)
            await gateway.forget()
            await wait_for("the attempts to resume", lambda: gateway.resume_count)
        status = await bot.stop(within_seconds=PATIENCE_SECONDS)

    assert status == 0
    assert "Traceback" not in bot.output
