"""An API in trouble, a connection that is lost, a bot that is stopped: whatever was pressed, typed or asked."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.bots.bot_process import start_listening_bot
from tests.bots.planner_api import PLAN, PlannerApi
from tests.bots.room import Room
from tests.discord_server.interactions import TOKEN_LIVES_SECONDS
from tests.discord_server.person import Person
from tests.discord_server.rest import ORIGINAL
from tests.discord_server.server import wait_for

ASKED = {"question": "?", "intent": "plan", "endpoint": "/v1/plan", "understood": {"context": 32768}, "answer": PLAN}
HEALTHY = {"/v1/plan": (200, PLAN), "/v1/ask": (200, ASKED), "POST /v1/ask": (200, ASKED)}


IN_TROUBLE: tuple[tuple[int, object, str], ...] = (
    (200, b"<html>nonsense</html>", "could not be read"),
    (200, {"options": 5}, "could not be read"),
    (502, b"<html>Bad gateway</html>", "in trouble"),
    (503, {"detail": "The inventory database cannot be reached."}, "The inventory database cannot be reached."),
    (429, {"detail": "Too many requests in this minute."}, "Too many requests in this minute."),
)


async def test_an_api_in_trouble_is_told_privately_and_leaves_answers_as_they_were(room: Room, tmp_path: Path) -> None:
    async with (
        PlannerApi(HEALTHY) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path, R1PLAN_BOT_RATE_PER_USER="1000"),
    ):
        planned = await room.use("plan", context="32k")
        before = planned["content"]
        for status, body, said in IN_TROUBLE:
            api.answers = dict.fromkeys(HEALTHY, (status, body))
            commanded = await room.plan_in_vain(context="32k")
            pressed = await room.told(await room.alice.press(planned, "64k context"))
            chosen = await room.answer_to(await room.alice.press(planned, "Launch command"))
            typed = await room.told(await room.alice.fill_form(await room.alice.press(planned, "Change…"), "at 64k"))
            mentioned = await room.ask("what GPU for 8B at 32k?")
            replied = await room.reply_after(lambda: room.alice.reply(planned, "and at 64k?"))

            told = (commanded, pressed, chosen, typed, mentioned, replied)
            assert [message["content"] for message in told if said not in message["content"]] == []
            assert planned["content"] == before

    assert room.server.rest.refused == []


async def test_an_api_slower_than_ten_seconds_is_not_waited_for(room: Room, tmp_path: Path) -> None:
    ming = Person(room.server, room.server.world.add_user("ming"), locale="zh-CN")
    async with (
        PlannerApi(HEALTHY) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path),
    ):
        planned = await room.use("plan", context="32k")
        api.delay_seconds = 30.0
        pressed = await room.alice.press(planned, "64k context")
        commanded = await ming.use(room.channel, "plan", context="32k")
        suggested = await room.alice.type_into(room.channel, "plan", "gpu", "40")
        await wait_for("both to be told", lambda: pressed.followup_ids and commanded.followup_ids, within_seconds=15)
        told = await room.told(pressed)
        told_in_chinese = await room.told(commanded)

    assert suggested == []
    assert "longer than 10 seconds" in told["content"]
    assert "超过 10 秒" in told_in_chinese["content"]
    assert room.server.rest.refused == []


async def test_a_plan_whose_chart_cannot_be_drawn_comes_without_it(room: Room, tmp_path: Path) -> None:
    async with (
        PlannerApi({**HEALTHY, "/v1/plan/chart": (500, {"detail": "drawing failed"})}) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path),
    ):
        planned = await room.use("plan", context="32k")

    assert planned["attachments"] == []
    assert planned["content"].startswith("Cheapest: ")
    assert room.server.rest.refused == []


async def test_a_button_pressed_while_the_connection_is_lost_is_answered_after_resuming(
    room: Room, tmp_path: Path
) -> None:
    async with (
        PlannerApi(HEALTHY) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path),
    ):
        planned = await room.use("plan", context="32k")
        await room.server.gateway.drop()
        missed = await room.alice.press(planned, "64k context", waits=False)
        await wait_for("the bot to resume", lambda: room.server.gateway.resume_count)
        await wait_for("the answer", lambda: missed.original_id and not missed.is_updating)

    assert api.queries[-2][1] == {"context": "65536"}
    assert room.server.gateway.identify_count == 1
    assert room.server.rest.refused == []


async def test_a_bot_whose_session_is_gone_begins_a_new_one_and_old_buttons_still_work(
    room: Room, tmp_path: Path
) -> None:
    async with (
        PlannerApi(HEALTHY) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path),
    ):
        planned = await room.use("plan", context="32k")
        await room.server.gateway.forget()
        await wait_for("a new session", lambda: room.server.gateway.identify_count == 2, within_seconds=20)
        await wait_for("the bot to listen again", lambda: room.server.gateway.sessions)
        pressed = await room.answer_to(await room.alice.press(planned, "64k context"))

    assert pressed["id"] == planned["id"]
    assert room.server.rest.refused == []


async def test_an_edit_that_discord_postpones_is_made_later(room: Room, tmp_path: Path) -> None:
    async with (
        PlannerApi(HEALTHY) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path),
    ):
        planned = await room.use("plan", context="32k")
        room.server.rest.postponed.append(("PATCH", ORIGINAL))
        await room.answer_to(await room.alice.press(planned, "64k context"))

    assert [exchange.status for exchange in room.server.rest.find(ORIGINAL)] == [200, 429, 200]
    assert room.server.rest.refused == []


async def test_a_bot_told_to_stop_finishes_what_was_pressed_and_asked(room: Room, tmp_path: Path) -> None:
    async with (
        PlannerApi(HEALTHY) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path) as bot,
    ):
        planned = await room.use("plan", context="32k")
        api.delay_seconds = 1.0
        pressed = await room.alice.press(planned, "64k context")
        mentioned = asyncio.create_task(room.ask("what GPU for 8B at 32k?"))
        await wait_for("the bot to type", lambda: room.server.rest.find("/channels/{channel_id}/typing"))
        status = await bot.stop()
        replied = await mentioned

    assert status == 0
    assert not pressed.is_updating
    assert replied["content"].startswith("Cheapest: ")
    assert room.server.gateway.close_codes == [1000]
    assert "Traceback" not in bot.output
    assert room.server.rest.refused == []


async def test_an_answer_that_comes_after_the_token_ran_out_is_given_up_in_one_line(room: Room, tmp_path: Path) -> None:
    async with (
        PlannerApi(HEALTHY, delay_seconds=1.0) as api,
        start_listening_bot(room.server, api_url=api.url, folder=tmp_path) as bot,
    ):
        await room.alice.use(room.channel, "plan", context="32k")
        room.server.interactions.skew_seconds = TOKEN_LIVES_SECONDS + 1
        await wait_for("the refusal", lambda: room.server.rest.refused)
        room.server.interactions.skew_seconds = 0.0
        api.delay_seconds = 0.0
        await room.use("plan", context="32k")

    assert "Discord gave up waiting" in bot.output
    assert "Traceback" not in bot.output
    assert ["50027" in exchange.why for exchange in room.server.rest.take_refused()] == [True]
