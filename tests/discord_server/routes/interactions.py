"""Answers to interactions: the first one, its edits, and follow-ups."""

from __future__ import annotations

from tests.discord_server.exchange import NO_CONTENT, Answer, Exchange, refuse
from tests.discord_server.interactions import (
    EPHEMERAL,
    LOADING,
    SAY,
    SAY_LATER,
    UPDATE,
    UPDATE_LATER,
    Interaction,
    Interactions,
)
from tests.discord_server.messages import edit_message, make_message
from tests.discord_server.publisher import Publisher
from tests.discord_server.rules.problem import Json, Problem, as_discord_error
from tests.discord_server.world import World


class InteractionRoutes:
    """What a bot does with an interaction, in the order that Discord allows."""

    def __init__(self, world: World, interactions: Interactions, publisher: Publisher) -> None:
        self._world = world
        self._interactions = interactions
        self._publisher = publisher

    async def answer(self, exchange: Exchange) -> Answer:
        """Take the first answer."""
        token, interaction_id = exchange.parameters["interaction_token"], exchange.parameters["interaction_id"]
        interaction = self._interactions.find_unanswered(token, interaction_id)
        if interaction is None:
            return refuse(404, 10062, "Unknown interaction")
        if interaction.callback is not None:
            return refuse(400, 40060, "Interaction has already been acknowledged.")
        kind: int = exchange.body["type"]
        if not interaction.may_be_answered_by(kind):
            wrong = Problem(("type",), "BASE_TYPE_CHOICES", f"{kind} does not answer {interaction.kind}")
            return Answer(status=400, body=as_discord_error([wrong]))
        body = await self._take(interaction, exchange.body)
        interaction.answered.set()
        wants_body = exchange.query.get("with_response") in ("1", "true", "True")
        return Answer(body=body) if wants_body else NO_CONTENT

    async def show_original(self, exchange: Exchange) -> Answer:
        """Return the message that the first answer made."""
        found = self._find_original(exchange)
        return found if isinstance(found, Answer) else Answer(body=found[1])

    async def edit_original(self, exchange: Exchange) -> Answer:
        """Change the message that the first answer made; this ends "thinking"."""
        found = self._find_original(exchange)
        if isinstance(found, Answer):
            return found
        interaction, message = found
        edit_message(self._world, message, exchange.body, files=exchange.files)
        interaction.is_deferred = interaction.is_updating = False
        await self._publisher.publish(message, is_new=False)
        return Answer(body=message)

    async def delete_original(self, exchange: Exchange) -> Answer:
        """Remove the message that the first answer made."""
        found = self._find_original(exchange)
        if isinstance(found, Answer):
            return found
        interaction, message = found
        del self._world.messages[message["id"]]
        interaction.original_id = None
        interaction.is_deferred = False
        return NO_CONTENT

    async def follow_up(self, exchange: Exchange) -> Answer:
        """Add another message; the first one after "thinking" takes its place."""
        interaction = self._find_answered(exchange)
        if isinstance(interaction, Answer):
            return interaction
        waiting = self._world.messages.get(interaction.original_id or "") if interaction.is_deferred else None
        if waiting is not None:
            message = waiting
            edit_message(self._world, message, exchange.body, files=exchange.files)
            interaction.is_deferred = False
            await self._publisher.publish(message, is_new=False)
        else:
            channel_id = interaction.channel_id
            message = make_message(
                self._world,
                self._world.bot,
                channel_id,
                exchange.body,
                answering=interaction,
                files=exchange.files,
            )
            interaction.followup_ids.append(message["id"])
            await self._publisher.publish(message)
        return Answer(body=message)

    async def _take(self, interaction: Interaction, callback: Json) -> Json:
        """Do what the first answer says and return Discord's description of it."""
        kind: int = callback["type"]
        sent: Json = callback.get("data") or {}
        interaction.callback = callback
        interaction.answered_at = self._interactions.now()
        interaction.is_ephemeral = bool((sent.get("flags") or 0) & EPHEMERAL)
        about: Json = {"id": interaction.id, "type": interaction.kind, "channel_id": interaction.channel_id}
        if interaction.guild_id:
            about["guild_id"] = interaction.guild_id
        body: Json = {"interaction": about}
        if kind in (SAY, SAY_LATER):
            message = await self._say(interaction, sent, is_later=kind == SAY_LATER)
            about |= {
                "response_message_id": message["id"],
                "response_message_loading": kind == SAY_LATER,
                "response_message_ephemeral": interaction.is_ephemeral,
            }
            # only an answer that holds the message is told about it
            if kind == SAY:
                body["resource"] = {"type": kind, "message": message}
        elif kind in (UPDATE, UPDATE_LATER):
            interaction.original_id = interaction.source_message_id
            interaction.is_updating = kind == UPDATE_LATER
            message = self._world.messages[interaction.source_message_id or ""]
            if kind == UPDATE:
                edit_message(self._world, message, sent)
                body["resource"] = {"type": kind, "message": message}
                await self._publisher.publish(message, is_new=False)
        return body

    async def _say(self, interaction: Interaction, sent: Json, *, is_later: bool) -> Json:
        interaction.is_deferred = is_later
        flags = (EPHEMERAL if interaction.is_ephemeral else 0) | (LOADING if is_later else 0)
        message = make_message(
            self._world, self._world.bot, interaction.channel_id, sent, answering=interaction, flags=flags
        )
        interaction.original_id = message["id"]
        await self._publisher.publish(message)
        return message

    def _find_answered(self, exchange: Exchange) -> Interaction | Answer:
        interaction = self._interactions.find_live(exchange.parameters["webhook_token"])
        if interaction is None:
            return refuse(401, 50027, "Invalid Webhook Token")
        return refuse(404, 10015, "Unknown Webhook") if interaction.callback is None else interaction

    def _find_original(self, exchange: Exchange) -> tuple[Interaction, Json] | Answer:
        interaction = self._find_answered(exchange)
        if isinstance(interaction, Answer):
            return interaction
        message = self._world.messages.get(interaction.original_id or "")
        return refuse(404, 10008, "Unknown Message") if message is None else (interaction, message)
