"""The bot's connection to Discord: what happens there goes to commands, presses and conversation."""

import logging
from typing import Any

import discord
from discord import app_commands

from bots.client import PlannerClient
from bots.desk import Desk
from bots.discord.asker import asker_of
from bots.discord.commands import Commands
from bots.discord.conversation import Conversation
from bots.discord.presses import Presses
from bots.discord.translations import Translations
from bots.discord.work import Work
from bots.message import Message
from bots.replies import help_message
from bots.states import States
from bots.suggestions import Suggestions
from bots.words import Language, words_for

# containers are given 10 s between SIGTERM and SIGKILL
WRAP_UP_SECONDS = 8.0

# "unknown interaction" after 3 s without a first answer, "invalid webhook token" after 15 min
_NO_LONGER_TAKEN = (10062, 50027)
_log = logging.getLogger(__name__)


class R1planBot(discord.Client):
    """A client without privileged intents that pings nobody."""

    def __init__(self, planner: PlannerClient, *, states: States, public_url: str | None = None) -> None:
        """Answer from `planner`; the caller opens and closes it and `states`. `public_url` is where links lead to."""
        intents = discord.Intents.none()
        intents.guilds = True
        # what a message says is told only where it mentions the bot, or in private: no privileged intent is needed
        intents.guild_messages = True
        intents.dm_messages = True
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none(), max_messages=None)
        self._work = Work()
        self._plan_mention = "/plan"
        desk = Desk(planner, public_url=public_url)
        self._presses = Presses(desk=desk, states=states, work=self._work)
        self._conversation = Conversation(desk=desk, states=states, work=self._work, compose_help=self._compose_help)
        self.tree = _Tree(
            self,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        commands = Commands(desk=desk, states=states, work=self._work, compose_help=self._compose_help)
        commands.add_to(self.tree, suggestions=Suggestions(planner))

    async def setup_hook(self) -> None:
        """Tell Discord which commands there are, in every language."""
        await self.tree.set_translator(Translations())
        for command in await self.tree.sync():
            if command.name == "plan":
                self._plan_mention = command.mention

    async def on_ready(self) -> None:
        """Log that the bot can be asked."""
        _log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer a button, a select or a form; commands go to the tree."""
        try:
            await self._presses.handle(interaction)
        except Exception as error:  # noqa: BLE001 - whoever pressed is told, whatever it was
            await _explain(interaction, error)

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that is addressed to the bot."""
        if self.user is not None:
            await self._conversation.handle(message, me=self.user)

    async def finish_work(self) -> None:
        """Wait for answers that are under way, for at most `WRAP_UP_SECONDS`."""
        if not await self._work.finish(within_seconds=WRAP_UP_SECONDS):
            _log.warning("stopping with an answer still under way")

    def _compose_help(self, language: Language) -> Message:
        mention = self.user.mention if self.user else "@r1plan"
        return help_message(mention=mention, plan_command=self._plan_mention, words=words_for(language))


class _Tree(app_commands.CommandTree[R1planBot]):
    """The commands; an error that nobody expected is logged and told privately."""

    async def on_error(self, interaction: discord.Interaction[R1planBot], error: app_commands.AppCommandError) -> None:
        """Log the error and tell the person who asked that there was one."""
        await _explain(interaction, error.original if isinstance(error, app_commands.CommandInvokeError) else error)


async def _explain(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Log an error and tell the person who asked, unless Discord no longer lets them be told."""
    if isinstance(error, discord.HTTPException) and error.code in _NO_LONGER_TAKEN:
        _log.warning("Discord gave up waiting before interaction %s was answered", interaction.id)
        return
    _log.error("interaction %s failed", interaction.id, exc_info=error)
    text = asker_of(interaction).words.say("failed", number=interaction.id)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except discord.HTTPException as failure:
        _log.warning("the person who asked could not be told: %s", failure)
