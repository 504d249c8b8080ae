from __future__ import annotations

from typing import Any

import pytest

from bots.client import PlannerClient
from bots.discord.bot import R1planBot
from tests.discord_server.rules.commands import commands_problems

# the API's query parameters that the bot offers, and the one that is the bot's own
OPTIONS = {
    "context",
    "batch",
    "model",
    "weight_format",
    "gpu",
    "provider",
    "pricing",
    "max_usd_per_hour",
    "min_quality",
    "private",
}


@pytest.fixture
async def commands() -> list[dict[str, Any]]:
    bot = R1planBot(PlannerClient("http://127.0.0.1:9"))
    return [command.to_dict(bot.tree) for command in bot.tree.get_commands()]


async def test_the_bot_has_two_commands_that_discord_takes(commands: list[dict[str, Any]]) -> None:
    assert [command["name"] for command in commands] == ["plan", "help"]
    assert commands_problems(commands) == []


async def test_every_option_is_described_and_none_is_required(commands: list[dict[str, Any]]) -> None:
    options = {option["name"]: option for option in commands[0]["options"]}

    assert options.keys() == OPTIONS
    assert all(len(option["description"]) > 10 for option in options.values())
    assert not any(option.get("required") for option in options.values())


async def test_no_privileged_intent_is_asked_for_and_nobody_is_pinged() -> None:
    bot = R1planBot(PlannerClient("http://127.0.0.1:9"))

    assert not bot.intents.message_content
    assert not bot.intents.members
    assert not bot.intents.presences
    assert bot.allowed_mentions is not None
    assert bot.allowed_mentions.to_dict() == {"parse": []}
