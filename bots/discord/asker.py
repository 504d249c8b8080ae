"""Who asks, and in which language and with which defaults they are answered: the one place that decides."""

import discord
from msgspec import Struct

from bots.words import Language, Words, language_of, words_for


class Asker(Struct, frozen=True, kw_only=True):
    """The person who used a command, a button or a form."""

    user_id: int
    language: Language

    @property
    def words(self) -> Words:
        """The words of their language."""
        return words_for(self.language)


def asker_of(interaction: discord.Interaction) -> Asker:
    """Return who used `interaction`, with the language that their Discord is set to."""
    return Asker(user_id=interaction.user.id, language=language_of(interaction.locale.value))
