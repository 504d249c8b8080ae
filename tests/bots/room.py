"""A place where a person asks the bot, and what the bot says there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.discord_server.interactions import EPHEMERAL, Interaction
from tests.discord_server.person import Person
from tests.discord_server.rest import MESSAGES
from tests.discord_server.rules.problem import Json
from tests.discord_server.server import DiscordServer, wait_for


@dataclass(frozen=True, kw_only=True)
class Room:
    """A channel with the bot and Alice in it."""

    server: DiscordServer
    channel: Json
    alice: Person

    async def plan(self, **options: Any) -> Json:  # noqa: ANN401 - options are texts, numbers and yes or no
        """Let Alice use `/plan` and return the bot's public message."""
        asked = await self.alice.use(self.channel, "plan", **options)
        await wait_for("the plan", lambda: asked.original_id is not None and not asked.is_deferred)
        return self.server.world.messages[asked.original_id or ""]

    async def plan_in_vain(self, **options: Any) -> Json:  # noqa: ANN401 - as above
        """Let Alice use `/plan` and return what the bot tells her alone; its public message must be gone."""
        asked: Interaction = await self.alice.use(self.channel, "plan", **options)
        followup_ids = await wait_for("a private answer", lambda: asked.followup_ids)
        message = self.server.world.messages[followup_ids[0]]
        assert message["flags"] & EPHEMERAL
        assert asked.original_id is None
        return message

    async def ask(self, question: str) -> Json:
        """Let Alice mention the bot and return its reply."""
        before = len(self.server.rest.find(MESSAGES))
        await self.alice.say(self.channel, f"<@{self.server.world.application_id}> {question}")
        replies = await wait_for("a reply", lambda: self.server.rest.find(MESSAGES)[before:])
        assert replies[0].body["allowed_mentions"] == {"parse": [], "replied_user": False}
        return replies[0].body


def field(message: Json, name: str) -> str:
    """Return the value of a field of the message's box."""
    fields: list[Json] = message["embeds"][0]["fields"]
    return next(str(part["value"]) for part in fields if part["name"] == name)
