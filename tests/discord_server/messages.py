"""Messages as Discord shows them: made from what a bot or a person sends, and edited."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.discord_server.exchange import File
from tests.discord_server.interactions import COMMAND, COMPONENT, FORM, LOADING, Interaction
from tests.discord_server.rules.problem import Json
from tests.discord_server.world import World, write_now

_MENTION = re.compile(r"<@!?(\d+)>")
_ROLE_MENTION = re.compile(r"<@&(\d+)>")
FROM_COMMAND, REPLY = 20, 19


def make_message(
    world: World,
    author: Json,
    channel_id: str,
    sent: Json,
    *,
    answering: Interaction | None = None,
    flags: int = 0,
    files: Sequence[File] = (),
) -> Json:
    """Add the message that `sent` makes with the `files` that came with it, and return it."""
    channel = world.channels[channel_id]
    text: str = sent.get("content") or ""
    mentioned = dict.fromkeys(_MENTION.findall(text))
    message: Json = {
        "id": world.make_id(),
        "type": 0,
        "channel_id": channel_id,
        "author": author,
        "content": text,
        "timestamp": write_now(),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [world.users[user_id] for user_id in mentioned if user_id in world.users],
        "mention_roles": list(dict.fromkeys(_ROLE_MENTION.findall(text))),
        "attachments": [_attachment(world, file) for file in files],
        "embeds": _as_shown(sent.get("embeds") or []),
        "components": _number(sent.get("components") or []),
        "pinned": False,
        "flags": (sent.get("flags") or 0) | flags,
        **_place(channel),
    }
    if answering is not None:
        message |= _origin(world, answering)
    if reference := sent.get("message_reference"):
        message_id = str(reference["message_id"])
        target: Json = {"type": 0, "message_id": message_id, "channel_id": channel_id, **_place(channel)}
        answered = world.messages.get(message_id)
        message |= {"type": REPLY, "message_reference": target, "referenced_message": answered}
    world.messages[message["id"]] = message
    return message


def edit_message(world: World, message: Json, sent: Json, *, files: Sequence[File] = ()) -> None:
    """Put the fields that `sent` holds in place of the message's own; null empties a field.

    Attachments stay unless the edit names those that shall; the `files` that came with it are added.
    """
    if "attachments" in sent:
        named: list[Json] = sent["attachments"] or []
        kept = {str(attachment["id"]) for attachment in named}
        message["attachments"] = [one for one in message["attachments"] if one["id"] in kept]
    message["attachments"] = [*message["attachments"], *(_attachment(world, file) for file in files)]
    if "content" in sent:
        message["content"] = sent["content"] or ""
    if "embeds" in sent:
        message["embeds"] = _as_shown(sent["embeds"] or [])
    if "components" in sent:
        message["components"] = _number(sent["components"] or [])
    message["edited_timestamp"] = write_now()
    message["flags"] &= ~LOADING


def _attachment(world: World, file: File) -> Json:
    address = f"https://cdn.example/{file.name}"
    return {
        "id": world.make_id(),
        "filename": file.name,
        "size": len(file.content),
        "url": address,
        "proxy_url": address,
    }


def _place(channel: Json) -> Json:
    return {"guild_id": channel["guild_id"]} if channel.get("guild_id") else {}


def _origin(world: World, interaction: Interaction) -> Json:
    metadata: Json = {
        "id": interaction.id,
        "type": interaction.kind,
        "user": interaction.user,
        "authorizing_integration_owners": {"0": interaction.guild_id or "0"},
    }
    pressed = {"interacted_message_id": interaction.source_message_id}
    if interaction.kind == COMPONENT:
        metadata |= pressed
    if interaction.kind == FORM:
        # every form here was opened by a button
        metadata["triggering_interaction_metadata"] = {**metadata, **pressed, "type": COMPONENT}
    if interaction.kind == COMMAND:
        metadata |= {"command_type": 1, "name": interaction.command}
    return {
        "type": FROM_COMMAND if interaction.kind == COMMAND else 0,
        "webhook_id": world.application_id,
        "application_id": world.application_id,
        "interaction_metadata": metadata,
    }


def _as_shown(embeds: list[Json]) -> list[Json]:
    return [{"type": "rich", **embed} for embed in embeds]


def _number(components: list[Json], *, start: int = 1) -> list[Json]:
    """Give every component that has none an id, depth first."""
    number = start
    for component in components:
        component.setdefault("id", number)
        inner: list[Json] = component.get("components") or []
        _number(inner, start=number + 1)
        number += 1 + _count(inner)
    return components


def _count(components: list[Json]) -> int:
    return sum(1 + _count(component.get("components") or []) for component in components)
