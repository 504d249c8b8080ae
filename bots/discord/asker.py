"""Who asks, and in which language and with which defaults they are answered: the one place that decides."""

import logging

import discord
from msgspec import Struct

from bots.server_settings import NO_SETTINGS, ServerSettings
from bots.servers import Servers, ServersUnavailable
from bots.words import Language, Words, language_of, words_for

_log = logging.getLogger(__name__)


class Asker(Struct, frozen=True, kw_only=True):
    """The person who used a command, a button or a form, and what the server where they ask fills in."""

    user_id: int
    language: Language
    server: ServerSettings = NO_SETTINGS

    @property
    def words(self) -> Words:
        """The words of their language."""
        return words_for(self.language)


def asker_of(interaction: discord.Interaction) -> Asker:
    """Return who used `interaction`, with the language that their Discord is set to."""
    return Asker(user_id=interaction.user.id, language=language_of(interaction.locale.value))


async def asker_in_server(interaction: discord.Interaction, *, servers: Servers, is_public: bool) -> Asker:
    """Return who used `interaction` with the settings of the server; its language is that of `is_public` answers.

    This may wait for Redis: give Discord its first answer before.
    """
    own = asker_of(interaction)
    server = await settings_of(interaction.guild_id, servers=servers)
    language = server.language if is_public and server.language else own.language
    return Asker(user_id=own.user_id, language=language, server=server)


async def settings_of(server_id: int | None, *, servers: Servers) -> ServerSettings:
    """Return the settings of a server; in private there are none, nor where they cannot be read."""
    if server_id is None:
        return NO_SETTINGS
    try:
        return await servers.read(server_id)
    except ServersUnavailable as error:
        _log.warning("a question is answered without its server's settings: %s", error)
        return NO_SETTINGS
