"""Buttons, selects and forms over the wire: they refine in place, outlive a restart, and belong to who asked."""

from __future__ import annotations

from pathlib import Path

from tests.bots.bot_process import start_listening_bot
from tests.bots.room import Room, field
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.person import Person, labels


async def test_buttons_refine_the_answer_in_place(room: Room, api_url: str, tmp_path: Path) -> None:
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        message = await room.use("plan", context="16k")
        first_id = message["id"]
        steps: list[tuple[str, str]] = []
        for label in ("32k context", "batch 2", "Better quality", "Spot too", "No spot", "Buy instead", "Rent instead"):
            message = await room.answer_to(await room.alice.press(message, label))
            assert message["id"] == first_id
            assert len(message["attachments"]) == 1
            steps.append((label, field(message, "Understood")))

    assert steps == [
        ("32k context", "context 32k"),
        ("batch 2", "context 32k; batch 2"),
        ("Better quality", "context 32k; batch 2; quality at least lossless"),
        ("Spot too", "context 32k; batch 2; pricing on demand, spot; quality at least lossless"),
        ("No spot", "context 32k; batch 2; pricing on demand; quality at least lossless"),
        ("Buy instead", "context 32k; batch 2; pricing to buy; quality at least lossless"),
        ("Rent instead", "context 32k; batch 2; pricing on demand; quality at least lossless"),
    ]
    assert room.server.rest.refused == []


async def test_another_gpu_is_chosen_from_the_list_and_pages_are_turned(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        planned = await room.use("plan", context="32k")
        turned = dict(await room.answer_to(await room.alice.press(planned, "1 of 2 ▶")))
        chosen = await room.answer_to(await room.alice.choose(planned, "rtx-a5000"))
        gpus = await room.use("gpus")
        second = await room.answer_to(await room.alice.press(gpus, "1 of 6 ▶"))

    assert turned["embeds"][0]["description"].splitlines()[2].startswith(" 6")
    assert "1x RTX A5000" in chosen["content"]
    assert "B580" not in second["embeds"][0]["description"]
    assert "2 of 6 ▶" in labels(second)
    assert room.server.rest.refused == []


async def test_the_launch_command_is_given_privately_to_whoever_presses(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        planned = await room.use("plan", context="32k")
        before = planned["content"]
        launched = await room.answer_to(await room.alice.press(planned, "Launch command"))

    assert launched["flags"] & EPHEMERAL
    assert launched["embeds"][0]["description"].startswith("```bash\n")
    assert "32768" in launched["embeds"][0]["description"]
    assert planned["content"] == before
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


async def test_somebody_elses_press_gets_an_answer_of_their_own(room: Room, api_url: str, tmp_path: Path) -> None:
    bob = Person(room.server, room.server.world.add_user("bob"), locale="zh-CN")
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        planned = await room.use("plan", context="32k")
        his = await room.answer_to(await bob.press(planned, "64k context"))
        again = await room.answer_to(await bob.press(his, "128k 上下文"))
        both = (await room.alice.press(planned, "batch 2"), await bob.press(planned, "Better quality"))
        hers, third = [await room.answer_to(pressed) for pressed in both]

    assert his["id"] != planned["id"]
    assert his["flags"] & EPHEMERAL
    assert again["id"] == his["id"]
    assert "128k 上下文" in again["content"]
    assert hers["id"] == planned["id"]
    assert "32k context x 2" in planned["content"]
    assert third["id"] not in (planned["id"], his["id"])
    assert room.server.rest.refused == []


async def test_a_button_that_nobody_knows_any_more_says_so(room: Room, api_url: str, tmp_path: Path) -> None:
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        planned = await room.use("plan", context="32k")
        for row in planned["components"]:
            for control in row["components"]:
                control["custom_id"] = f"r0.{control['custom_id']}"
        pressed = await room.alice.press(planned, "64k context")

    assert pressed.callback is not None
    assert pressed.is_ephemeral
    assert "I do not remember any more" in pressed.callback["data"]["content"]
    assert room.server.rest.refused == []


async def test_an_ambiguous_question_is_asked_back_and_answered_by_a_press(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        asked = await room.ask("8b on a 4090, 8k 16k?")
        before = asked["content"]
        answered = await room.answer_to(await room.alice.press(asked, "context 16k"))

    assert before.startswith("Which do you mean?")
    assert answered["id"] == asked["id"]
    assert "16k context x 1, on 1x RTX 4090: it fits" in answered["content"]
    assert room.server.rest.refused == []
