"""Buttons, selects and forms over the wire: they refine in place, outlive a restart, and belong to who asked."""

from __future__ import annotations

import pytest

from tests.bots.room import Room, field
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.person import Person, labels

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_buttons_refine_the_answer_in_place(room: Room) -> None:
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


async def test_another_gpu_is_chosen_from_the_list_and_pages_are_turned(room: Room) -> None:
    planned = await room.use("plan", context="32k")
    turned = dict(await room.answer_to(await room.alice.press(planned, "1 of 2 ▶")))
    chosen = await room.answer_to(await room.alice.choose(planned, "rtx-a5000"))
    gpus = await room.use("gpus")
    second = await room.answer_to(await room.alice.press(gpus, "1 of 6 ▶"))

    assert turned["embeds"][0]["description"].splitlines()[2].startswith(" 6")
    assert "1x RTX A5000" in chosen["content"]
    assert "B580" not in second["embeds"][0]["description"]
    assert "2 of 6 ▶" in labels(second)


async def test_the_launch_command_is_given_privately_to_whoever_presses(room: Room) -> None:
    planned = await room.use("plan", context="32k")
    before = planned["content"]
    launched = await room.answer_to(await room.alice.press(planned, "Launch command"))

    assert launched["flags"] & EPHEMERAL
    assert launched["embeds"][0]["description"].startswith("```bash\n")
    assert "32768" in launched["embeds"][0]["description"]
    assert planned["content"] == before


async def test_somebody_elses_press_gets_an_answer_of_their_own(room: Room) -> None:
    bob = Person(room.server, room.server.world.add_user("bob"), locale="zh-CN")
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


async def test_a_button_that_nobody_knows_any_more_says_so(room: Room) -> None:
    planned = await room.use("plan", context="32k")
    for row in planned["components"]:
        for control in row["components"]:
            control["custom_id"] = f"r0.{control['custom_id']}"
    pressed = await room.alice.press(planned, "64k context")

    assert pressed.callback is not None
    assert pressed.is_ephemeral
    assert "I do not remember any more" in pressed.callback["data"]["content"]


async def test_an_ambiguous_question_is_asked_back_and_answered_by_a_press(room: Room) -> None:
    asked = await room.ask("8b on a 4090, 8k 16k?")
    before = asked["content"]
    answered = await room.answer_to(await room.alice.press(asked, "context 16k"))

    assert before.startswith("Which do you mean?")
    assert answered["id"] == asked["id"]
    assert answered["content"].startswith("It fits: 16k context x 1 on 1x RTX 4090 ")
