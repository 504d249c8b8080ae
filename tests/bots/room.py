"""A place where a person asks the bot, and what the bot says there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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

    async def use(self, name: str, *, by: Person | None = None, **options: Any) -> Json:  # noqa: ANN401 - as below
        """Let Alice (or somebody else) use a command and return the bot's answer, as soon as it is there."""
        asked = await (by or self.alice).use(self.channel, name, **options)
        return await self.answer_to(asked)

    async def answer_to(self, asked: Interaction) -> Json:
        """Return the message that an interaction led to: made, filled in or changed."""
        await wait_for("the answer", lambda: asked.original_id and not (asked.is_deferred or asked.is_updating))
        return self.server.world.messages[asked.original_id or ""]

    async def told(self, asked: Interaction) -> Json:
        """Return what the bot tells the person alone, beside what stands there."""
        followup_ids = await wait_for("a private answer", lambda: asked.followup_ids)
        message = self.server.world.messages[followup_ids[0]]
        assert message["flags"] & EPHEMERAL
        return message

    async def plan(self, **options: Any) -> Json:  # noqa: ANN401 - options are texts, numbers and yes or no
        """Let Alice use `/plan` and return the bot's public message."""
        return await self.use("plan", **options)

    async def plan_in_vain(self, **options: Any) -> Json:  # noqa: ANN401 - as above
        """Let Alice use `/plan` and return what the bot tells her alone; its public message must be gone."""
        asked: Interaction = await self.alice.use(self.channel, "plan", **options)
        message = await self.told(asked)
        assert asked.original_id is None
        return message

    async def ask(self, question: str) -> Json:
        """Let Alice mention the bot and return its reply."""
        mention = f"<@{self.server.world.application_id}>"
        return await self.reply_after(lambda: self.alice.say(self.channel, f"{mention} {question}"))

    async def reply_after(self, said: Callable[[], Awaitable[Json]]) -> Json:
        """Let somebody say something and return the bot's reply to it."""
        message = await said()

        def find_reply() -> Json | None:
            for one in self.server.world.messages.values():
                reference: Json = one.get("message_reference") or {}
                if reference.get("message_id") == message["id"]:
                    return one
            return None

        found = await wait_for("a reply", find_reply)
        sent = self.server.rest.find(MESSAGES)[-1]
        assert sent.body["allowed_mentions"] == {"parse": [], "replied_user": False}
        return found


def field(message: Json, name: str) -> str:
    """Return the value of the field of the message's box whose name begins with `name`."""
    fields: list[Json] = message["embeds"][0]["fields"]
    return next(str(part["value"]) for part in fields if part["name"].startswith(name))
