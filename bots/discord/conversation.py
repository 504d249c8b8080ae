"""Mentions, private messages and replies: questions in people's own words, each on its own or about the last answer."""

import logging
import re

import discord
import msgspec

from bots.custom_ids import read_custom_id, read_state
from bots.discord.admission import Refusal
from bots.discord.asker import settings_of
from bots.discord.delivery import custom_ids_of, send_reply
from bots.discord.office import Office
from bots.message import Message
from bots.replies import reply_to_lost
from bots.words import words_for
from bots.written_language import language_of_text

_log = logging.getLogger(__name__)


def is_addressed(message: discord.Message, *, me: discord.ClientUser) -> bool:
    """Return whether a person speaks to the bot: mentions it, replies to it or writes to it in private."""
    if message.author.bot or message.guild is None:
        return not message.author.bot
    mentioned = [each.id for each in (*message.mentions, *message.role_mentions)]
    return me.id in mentioned or _own_role_id(message) in mentioned


class Conversation:
    """Answers messages that are addressed to the bot."""

    def __init__(self, office: Office) -> None:
        """Answer from the desk of `office`."""
        self._office = office

    async def handle(self, message: discord.Message, *, me: discord.ClientUser) -> None:
        """Answer a message that is addressed to the bot."""
        with self._office.work.under_way("message") as job:
            try:
                async with message.channel.typing():
                    job.note_first_answer()
                    answer = await self._answer(message, me=me)
                job.outcome = answer.outcome
                await send_reply(message, answer, owner_id=message.author.id, states=self._office.states)
            except discord.HTTPException as error:
                job.outcome = "not_delivered"
                _log.warning("a mention could not be answered: %s", error)

    async def turn_away(self, message: discord.Message, refusal: Refusal) -> None:
        """Tell that a message is not answered now."""
        with self._office.work.busy():
            try:
                await message.reply(refusal.say(words_for(language_of_text(message.content))), mention_author=False)
            except discord.HTTPException as error:
                _log.warning("who is not answered could not be told: %s", error)

    async def _answer(self, message: discord.Message, *, me: discord.ClientUser) -> Message:
        question = re.sub(rf"<@(!?{me.id}|&{_own_role_id(message)})>", " ", message.content).strip()
        state = _previous_state(message, me=me)
        previous = None if state is None else await read_state(state, states=self._office.states)
        server = await settings_of(None if message.guild is None else message.guild.id, servers=self._office.servers)
        earlier = None if previous is None else previous.language
        language = language_of_text(question, expected=(earlier, server.language))
        if not question:
            return self._office.compose_help(language)
        if state is not None and previous is None:
            return msgspec.structs.replace(reply_to_lost(words=words_for(language)), outcome="lost")
        return await self._office.desk.ask(question, language=language, previous=previous, server=server)


def _own_role_id(message: discord.Message) -> int | None:
    """Return the role that Discord made for the bot: it bears its name, so people mention it instead."""
    role = None if message.guild is None else message.guild.self_role
    return None if role is None else role.id


def _previous_state(message: discord.Message, *, me: discord.ClientUser) -> str | None:
    """Return what the answer was about that this message replies to, as its button for words says it."""
    answered = message.reference and message.reference.resolved
    if not isinstance(answered, discord.Message) or answered.author.id != me.id:
        return None
    presses = filter(None, map(read_custom_id, custom_ids_of(answered)))
    return next((press.state for press in presses if press.action == "words"), None)
