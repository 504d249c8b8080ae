"""Names and descriptions of the commands in the languages that the bot has words for."""

from typing import Any

from discord import Locale, app_commands

from bots.words import LANGUAGES, Described, Language, words_for

_LANGUAGE_OF: dict[str, Language] = {language: language for language in LANGUAGES if language != "en"}


class Translations(app_commands.Translator):
    """Tells Discord how a command, an option and a choice are called in a language; English is what it falls back to.

    What is to be translated carries its place among the words: `commands/plan/name`.
    """

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,
        context: app_commands.TranslationContext[Any, Any],
    ) -> str | None:
        """Return the translation of `string`, or None where the language has no words or calls it the same."""
        del context
        language, place = _LANGUAGE_OF.get(locale.value), string.extras.get("place")
        if language is None or not isinstance(place, str):
            return None
        translated = _find(language, place)
        return translated if translated != string.message else None


def translatable(place: str) -> app_commands.locale_str:
    """Return the English text at `place` among the words, which `Translations` finds in the other languages."""
    return app_commands.locale_str(_find("en", place), place=place)


def _find(language: Language, place: str) -> str:
    words = words_for(language)
    section, key, *part = place.split("/")
    if section == "choices":
        return words.choices[key]
    described: Described = (words.commands if section == "commands" else words.options)[key]
    return described.name if part == ["name"] else described.description
