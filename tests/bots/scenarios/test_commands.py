"""Every command over the wire: the bot and the API as processes, people on the stand-in for Discord."""

from __future__ import annotations

import pytest

from tests.bots.room import Room, field
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.person import Person, labels

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_command_is_answered_in_public(room: Room) -> None:
    fitted = await room.use("fit", gpu="rtx-4090", context="32k", batch=2)
    limits = await room.use("limits", gpu="rtx-4090")
    compared = await room.use("compare", gpu_1="rtx-4090", gpu_2="l4", gpu_3="a10")
    gpus = await room.use("gpus", vendor="amd")
    models = await room.use("models")
    asked = await room.use("ask", question="what GPU for 8B at 32k?")
    planned = await room.use("plan", context="32k")

    assert "It fits: 32k context x 2 on 1x RTX 4090" in fitted["content"]
    assert limits["content"].startswith("1x RTX 4090: up to ")
    assert "1x RTX 4090, 1x L4" in compared["content"].replace(" and ", ", ")
    assert len(compared["embeds"][0]["description"].splitlines()) == 6
    assert "MI300X" in gpus["embeds"][0]["description"]
    assert "deepseek-r1-0528-qwen3-8b" in field(models, "DeepSeek-R1-0528-Qwen3-8B")
    assert asked["content"] == planned["content"]
    for message in (fitted, limits, compared, gpus, models, asked, planned):
        assert not message["flags"] & EPHEMERAL


async def test_a_plan_shows_its_chart_and_fits_a_telephone(room: Room) -> None:
    planned = await room.use("plan", context="32k")

    attachment = planned["attachments"][0]
    assert planned["embeds"][0]["image"]["url"] == f"attachment://{attachment['filename']}"
    assert attachment["size"] > 50_000
    table = planned["embeds"][0]["description"].splitlines()[1:-1]
    assert len(table) == 11
    assert max(map(len, table)) <= 38


async def test_what_a_person_types_is_completed_for_every_option_that_says_so(room: Room) -> None:
    commands = room.server.world.commands[None]
    completed = {
        (command["name"], option["name"]): await room.alice.type_into(room.channel, command["name"], option["name"], "")
        for command in commands
        for option in command["options"]
        if option.get("autocomplete")
    }
    europe = await room.alice.type_into(room.channel, "plan", "region", "eu")

    assert len(completed) > 20
    assert all(0 < len(choices) <= 25 for choices in completed.values())
    assert "EU" in [choice["value"] for choice in europe]
    assert "vllm" in [choice["value"] for choice in completed["plan", "engine"]]
    assert "q8_0" in [choice["value"] for choice in completed["fit", "kv_cache_dtype"]]


async def test_commands_have_chinese_names_and_answers_come_in_the_readers_language(room: Room) -> None:
    ming = Person(room.server, room.server.world.add_user("ming"), locale="zh-CN")
    wei = Person(room.server, room.server.world.add_user("wei"), locale="zh-TW")
    kenji = Person(room.server, room.server.world.add_user("kenji"), locale="ja")
    simplified = await room.use("plan", by=ming, context="32k")
    traditional = await room.use("fit", by=wei, gpu="rtx-4090", context="32k")
    other = await room.use("plan", by=kenji, context="32k")
    helped = await ming.use(room.channel, "help")
    mentioned = await room.ask("8B 32k 用什么 GPU?")

    plan = next(command for command in room.server.world.commands[None] if command["name"] == "plan")
    assert plan["name_localizations"] == {"zh-CN": "规划", "zh-TW": "規劃"}
    assert plan["options"][0]["name_localizations"]["zh-TW"] == "上下文"
    pricing = next(option for option in plan["options"] if option["name"] == "pricing")
    assert pricing["choices"][1]["name_localizations"] == {"zh-CN": "竞价", "zh-TW": "競價"}
    assert simplified["content"].startswith("最便宜")
    assert field(simplified, "理解为") == "上下文 32k"
    assert "启动命令" in labels(simplified)
    assert "放得下" in traditional["content"]
    assert other["content"].startswith("Cheapest: ")
    assert helped.callback is not None
    assert "我来找" in helped.callback["data"]["content"]
    named = helped.callback["data"]["embeds"][0]["fields"][0]["value"]
    assert all(f"</{name}:" in named for name in ("plan", "fit", "limits", "compare", "gpus", "models"))
    assert mentioned["content"] == simplified["content"]


async def test_the_bot_works_in_private_and_where_only_the_person_has_installed_it(room: Room) -> None:
    world = room.server.world
    direct = world.add_direct_channel(room.alice.user)
    elsewhere = world.add_channel(world.add_foreign_guild())
    in_private = await room.alice.use(direct, "plan", context="32k")
    first = await room.answer_to(in_private)
    said = await room.reply_after(lambda: room.alice.say(direct, "what GPU for 8B at 32k?"))
    installed = await room.alice.use(elsewhere, "plan", context="32k")
    second = await room.answer_to(installed)
    pressed = await room.alice.press(second, "64k context")
    changed = await room.answer_to(pressed)

    everywhere = [command for command in world.commands[None] if command["name"] != "settings"]
    assert all(command["contexts"] == [0, 1, 2] for command in everywhere)
    assert all(command["integration_types"] == [0, 1] for command in everywhere)
    assert first["content"] == said["content"]
    assert "64k context" in changed["content"]
    assert changed["id"] == second["id"]


async def test_an_answer_may_be_asked_for_privately(room: Room) -> None:
    planned = await room.use("plan", context="32k", private=True)
    helped = await room.alice.use(room.channel, "help")

    assert planned["flags"] & EPHEMERAL
    assert helped.is_ephemeral
