"""A person in front of a Discord client, who can do only what the client lets a person do."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from tests.discord_server.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    EPHEMERAL,
    FORM,
    OPEN_FORM,
    Interaction,
)
from tests.discord_server.messages import make_message
from tests.discord_server.rules.components import BUTTON, LINK, ROW, TEXT_SELECT
from tests.discord_server.rules.problem import Json
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import EVERYONE_MAY, make_member

INTEGER, NUMBER = 4, 10
TEXT_INPUT = 4
IN_GUILD, IN_DIRECT_CHANNEL = 0, 1
MOST_ATTACHMENT_BYTES = 10_485_760


class Person:
    """Someone who types, uses commands and presses. What the client would not send fails as an assertion."""

    def __init__(
        self, server: DiscordServer, user: Json, *, locale: str = "en-US", permissions: str = EVERYONE_MAY
    ) -> None:
        self._server = server
        self.user = user
        self._locale = locale
        self._permissions = permissions

    async def say(self, channel: Json, text: str) -> Json:
        """Write a message."""
        return await self._write(channel, {"content": text})

    async def reply(self, message: Json, text: str, *, pings: bool = True) -> Json:
        """Reply to a message; the client pings its author unless that is switched off."""
        channel = self._server.world.channels[message["channel_id"]]
        sent = {"content": text, "message_reference": {"message_id": message["id"]}}
        return await self._write(channel, sent, pinged=[message["author"]] if pings else [])

    async def use(self, channel: Json, name: str, *, waits: bool = True, **values: Any) -> Interaction:  # noqa: ANN401
        """Use the command `name` with `values`, and wait for the bot's first answer."""
        command = self._find_command(name, channel)
        options = self._fill_in(command, values)
        data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": options}
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

    async def press(self, message: Json, label: str, *, waits: bool = True) -> Interaction:
        """Press the button below `message` whose label is `label`, or begins with it."""
        self._look_at(message)
        buttons = [one for one in _controls(message, BUTTON) if str(one.get("label") or "").startswith(label)]
        assert buttons, f"there is no button {label!r} among {labels(message)}"
        button = buttons[0]
        assert button["style"] != LINK, f"{label!r} is a link: the client opens it and tells nobody"
        assert not button.get("disabled"), f"{label!r} cannot be pressed"
        return await self._use_control(message, button, {}, waits=waits)

    async def choose(self, message: Json, value: str) -> Interaction:
        """Choose a line of the select below `message`, by its value."""
        self._look_at(message)
        for select in _controls(message, TEXT_SELECT):
            if value in [option["value"] for option in select["options"]]:
                return await self._use_control(message, select, {"values": [value]})
        raise AssertionError(f"there is nothing to choose with the value {value!r}")

    async def fill_form(self, opened: Interaction, text: str) -> Interaction:
        """Fill `text` into the one entry of the form that a press opened, and send it."""
        assert opened.callback is not None
        assert opened.callback["type"] == OPEN_FORM, "no form was opened"
        form: Json = opened.callback["data"]
        entry: Json = form["components"][0]["components"][0]
        assert len(text) <= entry.get("max_length", 4000)
        sent = {"type": TEXT_INPUT, "id": 2, "custom_id": entry["custom_id"], "value": text}
        data: Json = {"custom_id": form["custom_id"], "components": [{"type": ROW, "id": 1, "components": [sent]}]}
        channel = self._server.world.channels[opened.channel_id]
        message = self._server.world.messages[opened.source_message_id or ""]
        return await self._interact(FORM, channel, data, source=message)

    async def _write(self, channel: Json, sent: Json, *, pinged: list[Json] | None = None) -> Json:
        message = make_message(self._server.world, self.user, channel["id"], sent)
        message["mentions"] += [user for user in pinged or [] if user not in message["mentions"]]
        await self._server.publisher.publish(message)
        return message

    def _look_at(self, message: Json) -> None:
        origin: Json = message.get("interaction_metadata") or {}
        asker: Json = origin.get("user") or {}
        is_seen = not message["flags"] & EPHEMERAL or asker.get("id") == self.user["id"]
        assert is_seen, "this message is shown to somebody else only"

    async def _use_control(self, message: Json, control: Json, extra: Json, *, waits: bool = True) -> Interaction:
        channel = self._server.world.channels[message["channel_id"]]
        about = {"custom_id": control["custom_id"], "component_type": control["type"], "id": control["id"]}
        return await self._interact(COMPONENT, channel, {**about, **extra}, source=message, waits=waits)

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

    async def _interact(
        self,
        kind: int,
        channel: Json,
        data: Json,
        *,
        command: str | None = None,
        source: Json | None = None,
        waits: bool = True,
    ) -> Interaction:
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
            source_message_id=None if source is None else source["id"],
        )
        server.interactions.add(interaction)
        event = self._event(interaction, channel, data)
        if source is not None:
            event["message"] = source
        await server.gateway.dispatch("INTERACTION_CREATE", event)
        if waits:
            try:
                async with asyncio.timeout(5):
                    await interaction.answered.wait()
            except TimeoutError:
                raise AssertionError("the client shows: the application did not respond") from None
        return interaction

    def _event(self, interaction: Interaction, channel: Json, data: Json) -> Json:
        world = self._server.world
        guild_id = interaction.guild_id
        event: Json = {
            "id": interaction.id,
            "application_id": world.application_id,
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
        is_foreign = guild_id in world.foreign_guilds
        locale = (world.foreign_guilds if is_foreign else world.guilds)[guild_id]["preferred_locale"]
        return {
            **event,
            "context": IN_GUILD,
            "authorizing_integration_owners": {"1": self.user["id"]} if is_foreign else {"0": guild_id},
            "guild_id": guild_id,
            "guild_locale": locale,
            "guild": {"id": guild_id, "locale": locale, "features": []},
            "member": {**make_member(self.user), "permissions": self._permissions},
        }


def labels(message: Json) -> list[str]:
    """Return what stands on the buttons below a message."""
    return [str(button.get("label")) for button in _controls(message, BUTTON)]


def _controls(message: Json, kind: int) -> list[Json]:
    rows: list[Json] = message["components"]
    return [control for row in rows for control in row["components"] if control["type"] == kind]
