from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from discord import Locale

from bots.client import PlannerClient
from bots.discord.bot import R1planBot
from bots.discord.cooldowns import Cooldowns
from bots.discord.translations import Translations
from bots.metrics import Metrics
from bots.servers import ServersInFile
from bots.states import States
from tests.discord_server.rules.commands import commands_problems

Json = dict[str, Any]

_PRIVATE = ("help", "settings")


@pytest.fixture
async def bot(tmp_path: Path) -> R1planBot:
    return R1planBot(
        PlannerClient("http://127.0.0.1:9"),
        states=States(),
        servers=ServersInFile(tmp_path / "servers.json"),
        metrics=Metrics(),
        cooldowns=Cooldowns(user_per_minute=20, server_per_minute=200),
    )


@pytest.fixture
async def commands(bot: R1planBot) -> dict[str, Json]:
    await bot.tree.set_translator(Translations())
    described = [await command.get_translated_payload(bot.tree, Translations()) for command in bot.tree.get_commands()]
    return {command["name"]: command for command in described}


async def test_the_bot_has_its_commands_and_discord_takes_them(commands: dict[str, Json]) -> None:
    assert list(commands) == ["plan", "fit", "limits", "compare", "gpus", "models", "ask", "help", "settings"]
    assert commands_problems(list(commands.values())) == []


async def test_every_option_is_described_and_only_what_must_be_named_is_required(commands: dict[str, Json]) -> None:
    required = {
        name: [option["name"] for option in command["options"] if option.get("required")]
        for name, command in commands.items()
    }

    assert {name: options for name, options in required.items() if options} == {
        "fit": ["gpu"],
        "limits": ["gpu"],
        "compare": ["gpu_1", "gpu_2"],
        "ask": ["question"],
    }
    assert all(len(option["description"]) > 5 for command in commands.values() for option in command["options"])
    assert all(
        command["options"][-1]["name"] == "private" for name, command in commands.items() if name not in _PRIVATE
    )


async def test_names_and_descriptions_are_there_in_chinese_and_english_is_the_fallback(
    commands: dict[str, Json],
) -> None:
    everything = [*commands.values(), *(option for command in commands.values() for option in command["options"])]

    assert {locale for one in everything for locale in one["description_localizations"]} == {"zh-CN", "zh-TW"}
    assert all(one["description_localizations"].keys() == {"zh-CN", "zh-TW"} for one in everything)
    assert commands["fit"]["name_localizations"] == {"zh-CN": "能否运行", "zh-TW": "能否執行"}
    assert Locale.chinese.value == "zh-CN"
    for command in commands.values():
        for locale in ("zh-CN", "zh-TW"):
            names = [option.get("name_localizations", {}).get(locale, option["name"]) for option in command["options"]]
            assert len(set(names)) == len(names)


async def test_no_privileged_intent_is_asked_for_and_nobody_is_pinged(bot: R1planBot) -> None:
    assert not bot.intents.message_content
    assert not bot.intents.members
    assert not bot.intents.presences
    assert bot.allowed_mentions is not None
    assert bot.allowed_mentions.to_dict() == {"parse": []}
