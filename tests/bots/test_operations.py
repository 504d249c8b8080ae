"""The bot as operations see it: health, figures, invitation, and people who ask too often."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bots.replies import LONGEST_QUESTION
from tests.bots.bot_process import start_bot, start_listening_bot, status_and_text
from tests.bots.planner_api import PLAN, PlannerApi
from tests.bots.room import Room
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.person import Person
from tests.discord_server.server import wait_for

ASKED = {"question": "?", "intent": "plan", "endpoint": "/v1/plan", "understood": {"context": 32768}, "answer": PLAN}


async def test_health_and_figures_are_served_where_a_port_is_named(room: Room, tmp_path: Path, free_port: int) -> None:
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path, R1PLAN_BOT_PORT=str(free_port)),
    ):
        url = f"http://127.0.0.1:{free_port}"
        await room.plan(context="32k")

        assert await status_and_text(f"{url}/health/live") == (200, '{"status": "live"}')
        assert (await status_and_text(f"{url}/health/ready"))[0] == 200
        _, figures = await status_and_text(f"{url}/metrics")
        assert 'r1plan_bot_answers_total{kind="command",outcome="ok"} 1.0' in figures
        assert "r1plan_bot_connected 1.0" in figures
        assert "r1plan_bot_servers 1.0" in figures


async def test_a_port_that_is_taken_ends_the_bot_with_one_clear_line(room: Room, tmp_path: Path) -> None:
    async with PlannerApi({}) as api:
        taken = api.url.rsplit(":", 1)[1]
        token = {"R1PLAN_DISCORD_TOKEN": room.server.world.token, **room.server.environment()}
        async with start_bot(api_url=api.url, folder=tmp_path, R1PLAN_BOT_PORT=taken, **token) as bot:
            status = await bot.process.wait()

    assert status == 2
    assert "R1PLAN_BOT_PORT cannot be listened on" in bot.output
    assert "Traceback" not in bot.output


async def test_the_log_tells_how_the_bot_is_invited_and_nothing_that_people_say(room: Room, tmp_path: Path) -> None:
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path) as bot,
    ):
        await room.ask("a question with secretwords in it")
        log = await wait_for("the invitation", lambda: bot.output if "invite to=person" in bot.output else None)

    assert f"client_id={room.server.world.application_id}" in log
    assert "scope=bot+applications.commands" in log
    assert "permissions=" in log
    assert "secretwords" not in bot.output
    assert room.server.world.token not in bot.output


async def test_who_asks_too_often_is_told_to_wait_and_others_are_answered(room: Room, tmp_path: Path) -> None:
    bob = Person(room.server, room.server.world.add_user("bob"))
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path, R1PLAN_BOT_RATE_PER_USER="2"),
    ):
        answers = [await room.plan(context="32k") for _ in range(2)]
        third = await room.alice.use(room.channel, "plan", context="32k")
        others = await room.use("plan", by=bob, context="32k")

    assert all("1x RTX 4090" in answer["content"] for answer in answers)
    assert third.callback is not None
    assert "try again in" in third.callback["data"]["content"]
    assert third.callback["data"]["flags"] & EPHEMERAL
    assert "1x RTX 4090" in others["content"]
    assert room.server.rest.refused == []


async def test_words_in_the_form_are_one_question_and_come_back_where_it_is_one_too_many(
    room: Room, tmp_path: Path
) -> None:
    words = "batch 4, without ```AMD```"
    async with (
        PlannerApi({"/v1/plan": (200, PLAN), "POST /v1/ask": (200, ASKED)}) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path, R1PLAN_BOT_RATE_PER_USER="2"),
    ):
        planned = await room.plan(context="32k")
        opened = [await room.alice.press(planned, "Change…") for _ in range(3)]
        await room.answer_to(await room.alice.fill_form(opened[0], words))
        refused = await room.alice.fill_form(opened[1], words)
        last = await room.alice.fill_form(opened[2], "x`" * (LONGEST_QUESTION // 2))

    assert [body["question"] for _, body in api.bodies] == [words]
    assert refused.callback is not None
    assert "try again in" in refused.callback["data"]["content"]
    assert "batch 4, without " in refused.callback["data"]["content"]
    assert refused.callback["data"]["flags"] & EPHEMERAL
    assert last.callback is not None
    assert last.callback["data"]["content"].count("x`") == LONGEST_QUESTION // 2


async def test_a_server_that_asks_too_often_waits_and_a_flood_of_mentions_is_answered_once(
    room: Room, tmp_path: Path
) -> None:
    mention = f"<@{room.server.world.application_id}>"
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path, R1PLAN_BOT_RATE_PER_SERVER="1"),
    ):
        await room.plan(context="32k")
        told = await room.ask("and at 64k?")
        before = len(room.server.world.messages)
        for _ in range(3):
            await room.alice.say(room.channel, f"{mention} hello")
        await asyncio.sleep(0.5)

    assert "try again in" in told["content"]
    assert len(room.server.world.messages) == before + 3
    assert room.server.rest.refused == []
