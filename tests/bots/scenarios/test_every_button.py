"""The buttons that `test_presses` does not press, and whatever can be done in private and where only a person is."""

from __future__ import annotations

from typing import Any

import pytest

from bots.refinements import ANY_GPU
from bots.words import words_for
from tests.bots.room import Room, field
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.person import Person, labels
from tests.discord_server.rules.problem import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def press(room: Room, message: Json, label: str) -> Json:
    """Let Alice press and return a copy of the answer, which stands in the same place."""
    answered = await room.answer_to(await room.alice.press(message, label))
    assert answered["id"] == message["id"]
    return dict(answered)


async def test_a_fit_leads_to_every_format_of_its_machine_and_to_what_is_cheapest(room: Room) -> None:
    fitted = await room.use("fit", gpu="rtx-4090", context="16k", batch=2)
    formats = await press(room, fitted, "Every format")
    again = await room.use("fit", gpu="rtx-4090", context="16k", batch=2)
    cheapest = await press(room, again, "What is cheapest?")

    assert formats["content"].startswith("1x RTX 4090: up to ")
    assert cheapest["content"].startswith("Cheapest: ")
    assert field(cheapest, "Understood") == "context 16k; batch 2"


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("fit", {"gpu": "l4", "context": "128k", "batch": 2, "weight_format": "bf16"}),
        ("plan", {"gpu": "l4", "context": "128k", "batch": 64}),
    ],
)
async def test_what_would_make_it_fit_can_be_pressed_and_fits(
    room: Room, command: str, options: dict[str, Any]
) -> None:
    refused = await room.use(command, **options)
    pressed = labels(refused)[0]
    before = field(refused, "Understood")
    changed = await press(room, refused, pressed)

    assert pressed.startswith(("context ", "batch ", "GPU"))
    assert before != field(changed, "Understood")
    assert pressed in field(changed, "Understood")
    assert changed["content"].startswith(("It fits", "Cheapest: "))


async def test_a_plan_for_one_gpu_goes_back_to_any_and_pages_turn_back(room: Room) -> None:
    planned = await room.use("plan", context="32k", gpu="h100")
    any_gpu = dict(await room.answer_to(await room.alice.choose(planned, ANY_GPU)))
    first = any_gpu["embeds"][0]["description"]
    second = await press(room, any_gpu, "1 of 2 ▶")
    back = await press(room, second, "◀")

    assert field(any_gpu, "Understood") == "context 32k"
    assert second["embeds"][0]["description"] != first
    assert back["embeds"][0]["description"] == first


async def test_in_private_buttons_replies_and_refusals_work_as_they_do_in_a_server(room: Room) -> None:
    direct = room.server.world.add_direct_channel(room.alice.user)
    planned = await room.answer_to(await room.alice.use(direct, "plan", context="32k"))
    pressed = await press(room, planned, "64k context")
    said = await room.reply_after(lambda: room.alice.say(direct, "what GPU for 8B at 32k?"))
    replied = await room.reply_after(lambda: room.alice.reply(said, "and at 16k?", pings=False))
    changed = await room.answer_to(
        await room.alice.fill_form(await room.alice.press(replied, "Change…"), "batch 4, without AMD")
    )
    commanded = await room.told(await room.alice.use(direct, "plan", gpu="rtx-4091"))
    misread = await room.reply_after(lambda: room.alice.say(direct, "hello there"))

    assert "64k context" in pressed["content"]
    assert field(changed, "Understood") == "context 16k; batch 4; not the maker amd"
    assert "rtx-4090" in commanded["content"]
    assert "that could be read" in misread["content"]


async def test_a_refusal_where_only_the_person_has_installed_the_bot_is_theirs_alone(room: Room) -> None:
    elsewhere = room.server.world.add_channel(room.server.world.add_foreign_guild())
    asked = await room.alice.use(elsewhere, "plan", gpu="rtx-4091")
    told = await room.told(asked)
    planned = await room.answer_to(await room.alice.use(elsewhere, "plan", context="32k"))
    before = planned["content"]
    misread = await room.told(await room.alice.fill_form(await room.alice.press(planned, "Change…"), "hello there"))

    assert "rtx-4090" in told["content"]
    assert asked.original_id is None
    assert "that could be read" in misread["content"]
    assert planned["content"] == before


async def test_a_chinese_reader_fills_in_the_form_in_chinese(room: Room) -> None:
    ming = Person(room.server, room.server.world.add_user("ming"), locale="zh-CN")
    planned = await room.use("plan", by=ming, context="32k")
    words = words_for("zh-CN")
    opened = await ming.press(planned, words.say("button_words"))
    changed = dict(await room.answer_to(await ming.fill_form(opened, "64k\uff0c不要 AMD")))
    again = await ming.press(planned, words.say("button_words"))
    misread = await room.told(await ming.fill_form(again, "你好"))

    assert opened.callback is not None
    assert opened.callback["data"]["title"] == words.say("form_title")
    assert changed["id"] == planned["id"]
    assert field(changed, "理解为").split("\uff1b") == ["上下文 64k", "排除厂商 amd"]
    assert misread["flags"] & EPHEMERAL
    assert planned["content"] == changed["content"]
