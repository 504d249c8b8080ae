"""The bot's connection to Discord: what happens there goes to commands, presses and conversation."""

import logging
from typing import Any

import discord
from discord import app_commands

from bots.client import PlannerClient
from bots.desk import Desk
from bots.discord.admission import Admission
from bots.discord.asker import asker_of
from bots.discord.commands import Commands
from bots.discord.conversation import Conversation, is_addressed
from bots.discord.cooldowns import Cooldowns
from bots.discord.office import Office
from bots.discord.presses import Presses, opens_form, said_in
from bots.discord.settings_command import SettingsCommand
from bots.discord.translations import Translations
from bots.discord.watching import watch_discord
from bots.discord.work import Work
from bots.message import Message, code_block
from bots.metrics import Metrics
from bots.replies import help_message
from bots.servers import Servers
from bots.states import States
from bots.suggestions import Suggestions
from bots.words import Language, words_for

# "unknown interaction" after 3 s without a first answer, "invalid webhook token" after 15 min
_NO_LONGER_TAKEN = (10062, 50027)
_log = logging.getLogger(__name__)


class R1planBot(discord.Client):
    """A client without privileged intents that pings nobody."""

    def __init__(
        self,
        planner: PlannerClient,
        *,
        states: States,
        servers: Servers,
        metrics: Metrics,
        cooldowns: Cooldowns,
        public_url: str | None = None,
        shards: int | None = 1,
    ) -> None:
        """Answer from `planner`; the caller opens and closes it, `states` and `servers`.

        `public_url` is where links lead to; `shards` is how many connections a sharded bot opens, None as many as
        Discord advises.
        """
        intents = discord.Intents.none()
        intents.guilds = True
        # what a message says is told only where it mentions the bot, or in private: no privileged intent is needed
        intents.guild_messages = True
        intents.dm_messages = True
        nobody = discord.AllowedMentions.none()
        super().__init__(
            intents=intents,
            allowed_mentions=nobody,
            max_messages=None,
            shard_count=shards,
            http_trace=watch_discord(metrics),
        )
        self._is_connected = False
        self._heard_shards: set[int] = set()
        metrics.servers.set_function(lambda: len(self.guilds))
        metrics.is_connected.set_function(self.is_heard)
        self.work = Work(metrics)
        self._admission = Admission(cooldowns=cooldowns, work=self.work, metrics=metrics)
        self._command_mentions: dict[str, str] = {}
        office = Office(
            desk=Desk(planner, public_url=public_url, on_trouble=metrics.count_trouble),
            states=states,
            servers=servers,
            work=self.work,
            compose_help=self._compose_help,
        )
        self._presses = Presses(office)
        self._conversation = Conversation(office)
        self.tree = _Tree(
            self,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        suggestions = Suggestions(planner)
        Commands(office).add_to(self.tree, suggestions=suggestions)
        SettingsCommand(servers=servers, suggestions=suggestions, work=self.work).add_to(self.tree)

    async def setup_hook(self) -> None:
        """Tell Discord which commands there are, in every language."""
        await self.tree.set_translator(Translations())
        self._command_mentions = {command.name: command.mention for command in await self.tree.sync()}

    async def on_ready(self) -> None:
        """Log that the bot can be asked, and how it is invited."""
        _log.info("ready user=%r servers=%d", str(self.user), len(self.guilds))
        if self.application_id is not None:
            for place, url in invite_links(self.application_id).items():
                _log.info("invite to=%s url=%s", place, url)

    async def on_connect(self) -> None:
        """Note that Discord is heard."""
        self._is_connected = True

    async def on_resumed(self) -> None:
        """Note that Discord is heard again."""
        self._is_connected = True

    async def on_disconnect(self) -> None:
        """Note that Discord is not heard."""
        self._is_connected = False

    def is_heard(self) -> bool:
        """Return whether what happens on Discord reaches the bot."""
        return self._is_connected

    async def may_ask(self, interaction: discord.Interaction[Any]) -> bool:
        """Count one question and return whether it is answered now.

        Who is not answered is told so privately, and gets back what they typed into a form.
        """
        refusal = self._admission.refuse(user_id=interaction.user.id, server_id=interaction.guild_id)
        if refusal is None:
            return True
        text, said = refusal.say(asker_of(interaction).words), said_in(interaction)
        with self.work.busy():
            await interaction.response.send_message(f"{text}\n{code_block(said)}" if said else text, ephemeral=True)
        return False

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer a button, a select or a form; commands go to the tree."""
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        try:
            if opens_form(interaction) or await self.may_ask(interaction):
                await self._presses.handle(interaction)
        except Exception as error:  # noqa: BLE001 - whoever pressed is told, whatever it was
            await _explain(interaction, error)

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that is addressed to the bot; who is refused is told once, then left without answer."""
        if self.user is None or not is_addressed(message, me=self.user):
            return
        server_id = None if message.guild is None else message.guild.id
        refusal = self._admission.refuse(user_id=message.author.id, server_id=server_id)
        if refusal is None:
            await self._conversation.handle(message, me=self.user)
        elif self._admission.is_first_refusal(message.author.id):
            await self._conversation.turn_away(message, refusal)

    def _compose_help(self, language: Language) -> Message:
        mention = self.user.mention if self.user else "@r1plan"
        return help_message(mention=mention, commands=self._command_mentions, words=words_for(language))


class ShardedR1planBot(R1planBot, discord.AutoShardedClient):
    """The same over several connections, for a bot in thousands of servers; it is heard where each of them is."""

    def is_heard(self) -> bool:
        """Return whether what happens on Discord reaches the bot, in all of its servers."""
        return len(self._heard_shards) == self.shard_count

    async def on_shard_connect(self, shard_id: int) -> None:
        """Note that Discord is heard over one connection."""
        self._heard_shards.add(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Note that Discord is heard again over one connection."""
        self._heard_shards.add(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Note that Discord is not heard over one connection."""
        self._heard_shards.discard(shard_id)


def invite_links(application_id: int) -> dict[str, str]:
    """Return the links by which the bot comes to a server and to a person, with no more than what it needs."""
    permissions = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        embed_links=True,
        attach_files=True,
        read_message_history=True,
    )
    scopes = ("bot", "applications.commands")
    server = discord.utils.oauth_url(application_id, permissions=permissions, scopes=scopes)
    person = discord.utils.oauth_url(application_id, scopes=("applications.commands",))
    return {"server": f"{server}&integration_type=0", "person": f"{person}&integration_type=1"}


class _Tree(app_commands.CommandTree[R1planBot]):
    """The commands; an error that nobody expected is logged and told privately."""

    async def interaction_check(self, interaction: discord.Interaction[R1planBot]) -> bool:
        """Return whether the command may be answered now; suggestions always are."""
        is_typing = interaction.type is discord.InteractionType.autocomplete
        return is_typing or await interaction.client.may_ask(interaction)

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
    with interaction.client.work.busy():
        try:
            if interaction.response.is_done():
                await interaction.followup.send(text, ephemeral=True)
            else:
                await interaction.response.send_message(text, ephemeral=True)
        except discord.HTTPException as failure:
            _log.warning("the person who asked could not be told: %s", failure)
