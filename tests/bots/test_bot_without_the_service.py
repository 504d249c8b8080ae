"""What the bot says when its API is slow, broken or not there, and how it ends."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bots.bot_process import start_bot, start_listening_bot
from tests.bots.planner_api import PLAN, PlannerApi
from tests.bots.room import Room
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.rest import ORIGINAL
from tests.discord_server.server import wait_for


async def test_a_wrong_token_ends_the_bot_with_one_clear_line(room: Room, tmp_path: Path) -> None:
    server = room.server
    wrong = server.world.token + "x"
    environment = {**server.environment(), "R1PLAN_DISCORD_TOKEN": wrong, "R1PLAN_LOG_LEVEL": "INFO"}
    async with start_bot(api_url="http://127.0.0.1:9", folder=tmp_path, **environment) as bot:
        status = await bot.process.wait()

    assert status == 1
    assert "Discord does not accept the token in R1PLAN_DISCORD_TOKEN" in bot.output
    assert "Traceback" not in bot.output
    assert wrong not in bot.output
    assert [exchange.status for exchange in server.rest.take_refused()] == [401]


async def test_a_bot_told_to_stop_finishes_the_answer_under_way(room: Room, tmp_path: Path) -> None:
    server, channel, alice = room.server, room.channel, room.alice
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}, delay_seconds=1.0) as api,
        start_listening_bot(server, api_url=api.url, folder=tmp_path) as bot,
    ):
        asked = await alice.use(channel, "plan", context="32k")
        status = await bot.stop()

    assert status == 0
    assert asked.token not in bot.output
    assert asked.original_id is not None
    assert "1x RTX 4090" in server.world.messages[asked.original_id]["content"]
    assert server.gateway.close_codes == [1000]
    assert server.rest.refused == []


async def test_a_bot_whose_connection_is_cut_resumes_and_answers_what_it_missed(room: Room, tmp_path: Path) -> None:
    server, channel, alice = room.server, room.channel, room.alice
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}) as api,
        start_listening_bot(server, api_url=api.url, folder=tmp_path),
    ):
        await server.gateway.drop()
        missed = await alice.use(channel, "plan", waits=False)
        await wait_for("the bot to resume", lambda: server.gateway.resume_count)
        await wait_for("the answer", lambda: missed.original_id is not None and not missed.is_deferred)

    assert server.gateway.identify_count == 1
    assert server.rest.refused == []


async def test_a_bot_told_to_slow_down_waits_and_tries_again(room: Room, tmp_path: Path) -> None:
    server, channel, alice = room.server, room.channel, room.alice
    server.rest.postponed.append(("PATCH", ORIGINAL))
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}) as api,
        start_listening_bot(server, api_url=api.url, folder=tmp_path),
    ):
        asked = await alice.use(channel, "plan")
        await wait_for("the answer", lambda: not asked.is_deferred)

    assert [exchange.status for exchange in server.rest.find(ORIGINAL)] == [429, 200]
    assert server.rest.refused == []


async def test_an_unreachable_planner_is_told_within_three_seconds(room: Room, tmp_path: Path, free_port: int) -> None:
    server, channel, alice = room.server, room.channel, room.alice
    async with start_listening_bot(server, api_url=f"http://127.0.0.1:{free_port}", folder=tmp_path):
        began = time.monotonic()
        planned = await room.plan_in_vain(context="32k")
        asked = await room.ask("what GPU for 8B at 32k?")
        assert time.monotonic() - began < 3
        suggestions = await alice.type_into(channel, "plan", "gpu", "40")

    assert "cannot be reached" in planned["content"]
    assert "cannot be reached" in asked["content"]
    assert suggestions == []
    assert server.rest.refused == []


async def test_an_answer_that_comes_too_late_for_discord_does_not_disturb_the_next(room: Room, tmp_path: Path) -> None:
    server, channel, alice = room.server, room.channel, room.alice
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}) as api,
        start_listening_bot(server, api_url=api.url, folder=tmp_path) as bot,
    ):
        late = await alice.use(channel, "plan", waits=False)
        late.born -= 4
        await wait_for("the refusal of a late answer", lambda: server.rest.refused)
        asked = await alice.use(channel, "plan")
        await wait_for("the next answer", lambda: not asked.is_deferred)

    assert "Discord gave up waiting" in bot.output
    assert ["10062" in exchange.why for exchange in server.rest.take_refused()] == [True]


async def test_an_error_that_nobody_expected_is_logged_and_told_privately(room: Room, tmp_path: Path) -> None:
    server, channel, alice = room.server, room.channel, room.alice
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}, delay_seconds=0.3) as api,
        start_listening_bot(server, api_url=api.url, folder=tmp_path) as bot,
    ):
        asked = await alice.use(channel, "plan")
        # someone removes "thinking" before the plan is there
        del server.world.messages[asked.original_id or ""]
        followup_ids = await wait_for("a private answer", lambda: asked.followup_ids)

    told = server.world.messages[followup_ids[0]]
    assert told["flags"] & EPHEMERAL
    assert f"logged under {asked.id}" in told["content"]
    assert f"interaction {asked.id} failed" in bot.output
    assert [exchange.template for exchange in server.rest.take_refused()] == [ORIGINAL]
