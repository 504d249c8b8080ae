"""The bot's connection to Discord: it reads slash commands and mentions and answers from the API."""

import logging
import re

import discord
from discord import app_commands

from bots.client import PlannerClient, PlannerError
from bots.discord.commands import add_help_command, add_plan_command
from bots.discord.embeds import to_embeds
from bots.discord.work import Work
from bots.message import Message
from bots.replies import LONGEST_QUESTION, help_message, reply_to_error, reply_to_question, reply_to_too_long
from bots.suggestions import Suggestions

# containers are given 10 s between SIGTERM and SIGKILL
WRAP_UP_SECONDS = 8.0

_UNKNOWN_INTERACTION = 10062
_log = logging.getLogger(__name__)


class R1planBot(discord.Client):
    """A client without privileged intents that pings nobody."""

    def __init__(self, planner: PlannerClient) -> None:
        """Answer from `planner`, which the caller opens and closes."""
        intents = discord.Intents.none()
        intents.guilds = True
        # what a message says is told only where it mentions the bot, or in private: no privileged intent is needed
        intents.guild_messages = True
        intents.dm_messages = True
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none(), max_messages=None)
        self._planner = planner
        self._work = Work()
        self._plan_mention = "/plan"
        self.tree = _Tree(
            self,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        add_plan_command(self.tree, planner=planner, suggestions=Suggestions(planner), work=self._work)
        add_help_command(self.tree, compose_help=self._compose_help)

    async def setup_hook(self) -> None:
        """Tell Discord which commands there are."""
        for command in await self.tree.sync():
            if command.name == "plan":
                self._plan_mention = command.mention

    async def on_ready(self) -> None:
        """Log that the bot can be asked."""
        _log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that mentions the bot or was sent to it in private."""
        me = self.user
        if me is None or message.author.bot:
            return
        question = _without_mentions(message.content, of=me.id)
        is_addressed = question != message.content.strip() or message.guild is None
        if not is_addressed:
            return
        with self._work.under_way():
            try:
                async with message.channel.typing():
                    reply = await self._answer(question)
                await message.reply(reply.content, embeds=to_embeds(reply), mention_author=False)
            except discord.HTTPException as error:
                _log.warning("a mention could not be answered: %s", error)

    async def finish_work(self) -> None:
        """Wait for answers that are under way, for at most `WRAP_UP_SECONDS`."""
        if not await self._work.finish(within_seconds=WRAP_UP_SECONDS):
            _log.warning("stopping with an answer still under way")

    async def _answer(self, question: str) -> Message:
        if not question:
            return self._compose_help()
        if len(question) > LONGEST_QUESTION:
            return reply_to_too_long(question)
        try:
            return reply_to_question(await self._planner.ask(question))
        except PlannerError as error:
            return reply_to_error(error)

    def _compose_help(self) -> Message:
        return help_message(mention=self.user.mention if self.user else "@r1plan", plan_command=self._plan_mention)


class _Tree(app_commands.CommandTree[R1planBot]):
    """The commands; an error that nobody expected is logged and told privately."""

    async def on_error(self, interaction: discord.Interaction[R1planBot], error: app_commands.AppCommandError) -> None:
        """Log the error and tell the person who asked that there was one."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(cause, discord.NotFound) and cause.code == _UNKNOWN_INTERACTION:
            _log.warning("Discord gave up waiting before interaction %s was answered", interaction.id)
            return
        _log.error("interaction %s failed", interaction.id, exc_info=cause)
        text = f"Something went wrong on my side; it has been logged under {interaction.id}."
        try:
            if interaction.response.is_done():
                await interaction.followup.send(text, ephemeral=True)
            else:
                await interaction.response.send_message(text, ephemeral=True)
        except discord.HTTPException as failure:
            _log.warning("the person who asked could not be told: %s", failure)


def _without_mentions(text: str, *, of: int) -> str:
    """Return `text` without the mentions of the user with the id `of`."""
    return re.sub(rf"<@!?{of}>", " ", text).strip()
