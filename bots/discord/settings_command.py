"""`/settings`: what a server fills in for everybody who asks there, for members who may manage the server."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import discord
import msgspec
from discord import app_commands

from bots.client import PlannerError
from bots.discord.asker import asker_of
from bots.discord.delivery import to_embeds
from bots.discord.options import EVERYTHING, make_command
from bots.discord.work import Work
from bots.message import Message
from bots.replies import apology
from bots.server_settings import ServerSettings, UnknownName, find_name, find_names
from bots.servers import Servers, ServersUnavailable
from bots.settings_replies import settings_message, unknown_name_message
from bots.suggestions import Suggestions
from bots.words import Words

_TAKES: Final = ("region", "providers", "pricing", "language", "currency_note", "reset")


class _NothingKnown(Exception):
    """The API tells no names now, so that none can be checked."""


class SettingsCommand:
    """Shows the settings, and changes or resets those that are named; only who manages the server sees the answer."""

    def __init__(self, *, servers: Servers, suggestions: Suggestions, work: Work) -> None:
        """Keep settings in `servers`; `suggestions` know which names there are."""
        self._servers = servers
        self._suggestions = suggestions
        self._work = work
        # a change is a reading and a writing, which another change may not come between
        self._changing = asyncio.Lock()

    def add_to(self, tree: app_commands.CommandTree[Any]) -> None:
        """Add the command to the tree."""
        command = make_command("settings", self._answer, takes=_TAKES, suggestions=self._suggestions)
        command.default_permissions = discord.Permissions(manage_guild=True)
        command.guild_only = True
        command.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
        command.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
        tree.add_command(command)

    async def _answer(self, interaction: discord.Interaction, **given: str) -> None:
        with self._work.under_way("command") as job:
            await interaction.response.defer(ephemeral=True, thinking=True)
            job.note_first_answer()
            message = await self._settle(interaction, given)
            job.outcome = message.outcome
            await interaction.edit_original_response(content=message.content, embeds=to_embeds(message))

    async def _settle(self, interaction: discord.Interaction, given: Mapping[str, str]) -> Message:
        words = asker_of(interaction).words
        # a server may hand its commands to others; what the bot does for it stays with who manages it
        if interaction.guild_id is None or not interaction.permissions.manage_guild:
            return _refusal(apology(words.say("settings_not_yours")))
        try:
            async with self._changing:
                return await self._change(interaction.guild_id, given, words=words)
        except UnknownName as error:
            return _refusal(unknown_name_message(error, words=words))
        except (_NothingKnown, PlannerError):
            return msgspec.structs.replace(apology(words.say("unreachable")), outcome="api_unavailable")
        except ServersUnavailable:
            return msgspec.structs.replace(apology(words.say("settings_unavailable")), outcome="failed")

    async def _change(self, server_id: int, given: Mapping[str, str], *, words: Words) -> Message:
        settings = await self._servers.read(server_id)
        if not given:
            return settings_message(settings, done="settings_shown", words=words)
        named = {name: value for name, value in given.items() if name != "reset"}
        changed = msgspec.structs.replace(_reset(settings, given.get("reset")), **await self._read(named))
        await self._servers.keep(server_id, changed)
        return settings_message(changed, done="settings_changed", words=words)

    async def _read(self, named: Mapping[str, str]) -> dict[str, object]:
        """Return the settings that were given, spelt as the API does."""
        settings: dict[str, object] = dict(named)
        if "currency_note" in named:
            # one line, however it was typed
            settings["currency_note"] = " ".join(named["currency_note"].split())
        if "region" in named:
            settings["region"] = await self._find_region(named["region"])
        if "providers" in named:
            known = _known(await self._suggestions.provider_names())
            settings["providers"] = find_names("providers", named["providers"], known)
        return settings

    async def _find_region(self, typed: str) -> str:
        known = _known(await self._suggestions.region_names())
        found = await self._suggestions.find_region(typed)
        return find_name("region", typed, known) if found is None else found


def _reset(settings: ServerSettings, name: str | None) -> ServerSettings:
    if name is None:
        return settings
    if name == EVERYTHING:
        return ServerSettings()
    return msgspec.structs.replace(settings, **{name: getattr(ServerSettings(), name)})


def _refusal(message: Message) -> Message:
    return msgspec.structs.replace(message, outcome="refused")


def _known(names: list[str]) -> list[str]:
    if not names:
        raise _NothingKnown
    return names
