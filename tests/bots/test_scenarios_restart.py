"""What a bot that ends leaves behind: the API may end before it, and old answers still lead on after a restart."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bots.bot_process import start_listening_bot
from tests.bots.room import Room, field
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.person import Person
from tests.service_process import ServiceProcess


async def test_a_conversation_goes_on_after_a_restart_and_with_somebody_else(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    bob = Person(room.server, room.server.world.add_user("bob"))
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path) as bot:
        fitted = await room.use("fit", gpu="l4", context="16k")
        await bot.stop()
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        his = await room.reply_after(lambda: bob.reply(fitted, "and on a 4090?"))
        hers = await room.answer_to(await bob.press(his, "32k context"))

    assert fitted["content"].startswith("It fits: 16k context x 1 on 1x L4 ")
    assert "on 1x RTX 4090" in hers["content"]
    assert hers["id"] == his["id"]
    assert "32k context x 1" in his["content"]
    assert room.server.rest.refused == []


async def test_a_button_works_after_the_bot_was_restarted(room: Room, api_url: str, tmp_path: Path) -> None:
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path) as bot:
        planned = await room.use("plan", context="32k", gpu="h100", region="eu", max_usd_per_hour=20.0)
        await bot.stop()
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        pressed = await room.answer_to(await room.alice.press(planned, "64k context"))

    assert "64k context" in pressed["content"]
    assert field(pressed, "Understood").startswith("context 64k; GPU h100; region eu; most per hour $20.00")
    assert room.server.rest.refused == []


async def test_a_request_too_long_for_a_button_is_found_in_redis_or_honestly_lost(
    room: Room, api_url: str, tmp_path: Path, redis_url: str
) -> None:
    providers = ", ".join(f"not on {name}" for name in ("vast", "runpod", "lambda", "vultr", "hyperstack", "verda"))
    question = f"what GPU for 8B at 32k, without AMD, {providers}, not an A100, not an L4, not a V100, not an A40?"
    redis = {"R1PLAN_REDIS_URL": redis_url}
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path, **redis) as bot:
        asked = await room.use("ask", question=question)
        await bot.stop()
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path, **redis) as bot:
        found = dict(await room.answer_to(await room.alice.press(asked, "64k context")))
        await bot.stop()
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        lost = await room.told(await room.alice.press(asked, "128k context"))

    assert "64k context" in found["content"]
    assert "not the provider" in field(found, "Understood")
    assert lost["flags"] & EPHEMERAL
    assert "I do not remember any more" in lost["content"]
    assert "64k context" in asked["content"]
    assert room.server.rest.refused == []


async def test_a_planner_that_stops_is_said_to_be_out_of_reach_within_three_seconds(
    room: Room, service: ServiceProcess, tmp_path: Path
) -> None:
    async with start_listening_bot(room.server, api_url=service.url, folder=tmp_path) as bot:
        await room.plan(context="32k")
        service.stop()
        began = time.monotonic()
        planned = await room.plan_in_vain(context="32k")
        asked = await room.ask("what GPU for 8B at 32k?")
        waited_seconds = time.monotonic() - began
        status = await bot.stop()

    assert "cannot be reached" in planned["content"]
    assert "cannot be reached" in asked["content"]
    assert waited_seconds < 3
    assert status == 0
    assert room.server.gateway.close_codes == [1000]
    assert room.server.world.token not in bot.output
    assert "Traceback" not in bot.output
    assert room.server.rest.refused == []
