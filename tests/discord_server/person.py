"""A person in front of a Discord client, who can do only what the client lets a person do."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from tests.discord_server.interactions import AUTOCOMPLETE, COMMAND, Interaction
from tests.discord_server.messages import make_message
from tests.discord_server.rules.problem import Json
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import EVERYONE_MAY, make_member

INTEGER, NUMBER = 4, 10
IN_GUILD, IN_DIRECT_CHANNEL = 0, 1
MOST_ATTACHMENT_BYTES = 10_485_760


class Person:
    """Someone who types, and uses commands. What the client would not send fails as an assertion."""

    def __init__(self, server: DiscordServer, user: Json, *, locale: str = "en-US") -> None:
        self._server = server
        self.user = user
        self._locale = locale

    async def say(self, channel: Json, text: str) -> Json:
        """Write a message."""
        message = make_message(self._server.world, self.user, channel["id"], {"content": text})
        await self._server.publisher.publish(message)
        return message

    async def use(self, channel: Json, name: str, *, waits: bool = True, **values: Any) -> Interaction:  # noqa: ANN401
        """Use the command `name` with `values`, and wait for the bot's first answer."""
        command = self._find_command(name, channel)
        options = self._fill_in(command, values)
        data: Json = {"id": command["id"], "name": name, "type": 1, "options": options}
        return await self._interact(COMMAND, channel, data, command=name, waits=waits)

    async def type_into(self, channel: Json, name: str, option: str, typed: str) -> list[Json]:
        """Type into an option of a command and return the suggestions (name and value)."""
        command = self._find_command(name, channel)
        described = next(item for item in command["options"] if item["name"] == option)
        assert described.get("autocomplete"), f"{option} of /{name} gives no suggestions"
        typing: Json = {"name": option, "type": described["type"], "value": typed, "focused": True}
        data: Json = {"id": command["id"], "name": name, "type": 1, "options": [typing]}
        interaction = await self._interact(AUTOCOMPLETE, channel, data, command=name)
        assert interaction.callback is not None
        return interaction.callback["data"]["choices"]

    def _find_command(self, name: str, channel: Json) -> Json:
        commands = self._server.world.commands
        for scope in (channel.get("guild_id"), None):
            for command in commands.get(scope, []):
                if command["name"] == name:
                    return command
        raise AssertionError(f"/{name} is not registered")

    def _fill_in(self, command: Json, values: dict[str, Any]) -> list[Json]:
        described: list[Json] = command.get("options") or []
        options = {option["name"]: option for option in described}
        assert values.keys() <= options.keys(), f"/{command['name']} has no {values.keys() - options.keys()}"
        missing = [name for name, option in options.items() if option.get("required") and name not in values]
        assert not missing, f"the client does not send /{command['name']} without {missing}"
        for name, value in values.items():
            option = options[name]
            if option["type"] in (INTEGER, NUMBER):
                least, most = option.get("min_value", value), option.get("max_value", value)
                assert least <= value <= most, f"the client does not take {value} for {name}"
            if option.get("choices"):
                assert value in [choice["value"] for choice in option["choices"]], f"{value} is no choice of {name}"
        return [{"name": name, "type": options[name]["type"], "value": value} for name, value in values.items()]

    async def _interact(self, kind: int, channel: Json, data: Json, *, command: str, waits: bool = True) -> Interaction:
        server = self._server
        interaction = Interaction(
            id=server.world.make_id(),
            token=secrets.token_urlsafe(32),
            kind=kind,
            user=self.user,
            channel_id=channel["id"],
            guild_id=channel.get("guild_id"),
            born=server.interactions.now(),
            command=command,
        )
        server.interactions.add(interaction)
        await server.gateway.dispatch("INTERACTION_CREATE", self._event(interaction, channel, data))
        if waits:
            try:
                async with asyncio.timeout(5):
                    await interaction.answered.wait()
            except TimeoutError:
                raise AssertionError("the client shows: the application did not respond") from None
        return interaction

    def _event(self, interaction: Interaction, channel: Json, data: Json) -> Json:
        guild_id = interaction.guild_id
        event: Json = {
            "id": interaction.id,
            "application_id": self._server.world.application_id,
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel_id": channel["id"],
            "channel": channel,
            "locale": self._locale,
            "entitlements": [],
            "attachment_size_limit": MOST_ATTACHMENT_BYTES,
            "app_permissions": EVERYONE_MAY,
        }
        if guild_id is None:
            owners = {"1": self.user["id"]}
            return {**event, "user": self.user, "context": IN_DIRECT_CHANNEL, "authorizing_integration_owners": owners}
        locale = self._server.world.guilds[guild_id]["preferred_locale"]
        return {
            **event,
            "context": IN_GUILD,
            "authorizing_integration_owners": {"0": guild_id},
            "guild_id": guild_id,
            "guild_locale": locale,
            "guild": {"id": guild_id, "locale": locale, "features": []},
            "member": {**make_member(self.user), "permissions": EVERYONE_MAY},
        }
