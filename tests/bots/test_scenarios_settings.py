"""`/settings` over the wire: who may use it, what it changes for everybody, and that it outlives a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bots.bot_process import start_listening_bot
from tests.bots.room import Room, field
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.person import Person
from tests.discord_server.rules.problem import Json
from tests.discord_server.world import EVERYONE_MAY

MANAGE_GUILD = 1 << 5


def manager(room: Room, name: str = "mara", *, locale: str = "en-US") -> Person:
    """Return a person who may manage the server of the room."""
    may = str(int(EVERYONE_MAY) | MANAGE_GUILD)
    return Person(room.server, room.server.world.add_user(name), locale=locale, permissions=may)


def names(message: Json) -> list[str]:
    return [part["name"] for part in message["embeds"][0]["fields"]]


async def test_settings_fill_in_what_a_question_leaves_out_and_the_answer_says_so(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    mara = manager(room)
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        before = await room.plan(context="32k")
        note = "1 USD is about *7.1* CNY"
        given = {"region": "us", "providers": "RunPod, lambda", "currency_note": note}
        changed = await room.use("settings", by=mara, **given)
        planned = await room.plan(context="32k")
        asked = await room.ask("what GPU for 8B at 32k?")
        other = await room.ask("what GPU for 8B at 32k on hyperstack?")
        pressed = await room.answer_to(await room.alice.press(planned, "64k context"))
        replied = await room.reply_after(lambda: room.alice.reply(asked, "and at 16k?"))
        launched = await room.answer_to(await room.alice.press(pressed, "Launch command"))
        fitted = await room.use("fit", gpu="l4", context="8k")
        compared = await room.use("compare", gpu_1="l4", gpu_2="a10", context="8k")

    filled = "region US; provider runpod, lambda"
    assert changed["flags"] & EPHEMERAL
    assert "region: US\n- providers: runpod, lambda" in changed["embeds"][0]["description"]
    assert "From this server's settings" not in names(before)
    for message in (planned, asked, pressed, replied):
        assert field(message, "From this server's settings") == filled
        assert field(message, "This server on prices") == r"1 USD is about \*7.1\* CNY"
    assert field(replied, "Understood") == "context 16k"
    assert " at runpod" in planned["content"] or " at lambda" in planned["content"]
    assert " at hyperstack" in other["content"]
    assert field(other, "From this server's settings") == "region US"
    assert launched["embeds"][0]["description"].startswith("```bash\n")
    assert "From this server's settings" not in names(fitted)
    assert field(compared, "This server on prices")
    assert room.server.rest.refused == []


@pytest.mark.parametrize("where", ["file", "redis"])
async def test_settings_outlive_a_restart_and_can_be_taken_back(
    room: Room, api_url: str, tmp_path: Path, redis_url: str, where: str
) -> None:
    mara = manager(room)
    kept = {"R1PLAN_REDIS_URL": redis_url} if where == "redis" else {}
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path, **kept) as bot:
        await room.use("settings", by=mara, pricing="spot", region="Europe")
        assert await bot.stop() == 0
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path, **kept):
        planned = await room.plan(context="32k")
        one_less = await room.use("settings", by=mara, reset="region")
        shown = await room.use("settings", by=mara)
        emptied = await room.use("settings", by=mara, reset="everything")
        again = await room.plan(context="32k")

    assert field(planned, "From this server's settings") == "pricing spot; region EU"
    assert one_less["embeds"][0]["description"] == shown["embeds"][0]["description"] == "- pricing: spot"
    assert emptied["embeds"][0]["description"] == "Nothing is set."
    assert "From this server's settings" not in names(again)
    assert (tmp_path / "bot-settings.json").exists() is (where == "file")
    assert room.server.rest.refused == []


async def test_a_member_without_the_permission_is_refused_by_the_bot_too(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        refused = await room.use("settings", region="US")
        planned = await room.plan(context="32k")

    command = next(one for one in room.server.world.commands[None] if one["name"] == "settings")
    assert int(command["default_member_permissions"]) == MANAGE_GUILD
    assert (command["contexts"], command["integration_types"]) == ([0], [0])
    assert refused["flags"] & EPHEMERAL
    assert "members who may manage" in refused["content"]
    assert "From this server's settings" not in names(planned)
    assert room.server.rest.refused == []


async def test_wrong_values_are_refused_with_the_nearest_and_change_nothing(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    mara = manager(room)
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        await room.use("settings", by=mara, providers="vultr")
        provider = await room.use("settings", by=mara, providers="lambda, runpdo", pricing="spot")
        region = await room.use("settings", by=mara, region="us-eas")
        typed = await mara.type_into(room.channel, "settings", "providers", "lambda, runp")
        shown = await room.use("settings", by=mara)

    assert provider["content"].startswith('There is no provider "runpdo"')
    assert field(provider, "Nearest").startswith("runpod")
    assert "us-east" in field(region, "Nearest")
    assert [choice["value"] for choice in typed] == ["lambda, runpod"]
    assert shown["embeds"][0]["description"] == "- providers: vultr"
    assert room.server.rest.refused == []


async def test_the_servers_language_is_that_of_public_answers_and_private_ones_keep_the_readers(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    ming = manager(room, "ming", locale="zh-CN")
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path):
        changed = await room.use("settings", by=ming, language="zh-TW", region="us")
        public = await room.plan(context="32k")
        private = await room.plan(context="32k", private=True)
        mentioned = await room.ask("8B 32k?")
        english = await room.ask("what GPU for 8B at 32k?")
        direct = room.server.world.add_direct_channel(room.alice.user)
        alone = await room.answer_to(await room.alice.use(direct, "plan", context="32k"))

    assert changed["embeds"][0]["description"] == "- 地区: US\n- 语言: 繁體中文"
    assert field(public, "來自本伺服器的設定") == "地區 US"
    assert field(private, "From this server's settings") == "region US"
    assert field(mentioned, "來自本伺服器的設定") == "地區 US"
    assert field(english, "From this server's settings") == "region US"
    assert "From this server's settings" not in names(alone)
    assert room.server.rest.refused == []


async def test_without_redis_or_the_api_nothing_is_changed_and_questions_are_answered_all_the_same(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    mara = manager(room)
    away = {"R1PLAN_REDIS_URL": "redis://127.0.0.1:9"}
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path, **away) as bot:
        refused = await room.use("settings", by=mara, pricing="spot")
        planned = await room.plan(context="32k")
        await bot.stop()
    async with start_listening_bot(room.server, api_url="http://127.0.0.1:9", folder=tmp_path):
        unchecked = await room.use("settings", by=mara, region="US")
        shown = await room.use("settings", by=mara)

    assert "Nothing was changed" in refused["content"]
    assert planned["content"].startswith("Cheapest: ")
    assert "cannot be reached" in unchecked["content"]
    assert shown["embeds"][0]["description"] == "Nothing is set."
    assert room.server.rest.refused == []
