"""Every word that the bot says, one file for each language; a native speaker corrects them there.

What the API writes itself (reasons, warnings, sources) is in English and is shown as it comes.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

import msgspec

Language: TypeAlias = Literal["en", "zh-CN", "zh-TW"]

LANGUAGES: tuple[Language, ...] = ("en", "zh-CN", "zh-TW")


class Described(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a command, or an option of one, is called and described in Discord's menus."""

    name: str
    description: str


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of one language.

    `texts` are sentences with `{names}` of what is put in; `fields` name the fields of a request, `values` their
    values and the API's other code words, `places` the continents. What is not in them is shown as the API spells it.
    """

    language: Language
    commands: dict[str, Described]
    options: dict[str, Described]
    choices: dict[str, str]
    fields: dict[str, str]
    values: dict[str, str]
    places: dict[str, str]
    texts: dict[str, str]

    def say(self, name: str, /, **values: object) -> str:
        """Return the text called `name` with `values` put in."""
        return self.texts[name].format_map(values)

    def list(self, things: Sequence[str], /) -> str:
        """Return several things as one says them: "a, b and c"."""
        *others, last = things or ("",)
        return self.say("comma").join(others) + (self.say("and") if others else "") + last

    def field(self, name: str) -> str:
        """Return what a field of a request is called."""
        return self.fields.get(name) or name.replace("_", " ")

    def value(self, code: str) -> str:
        """Return what a code word of the API means."""
        return self.values.get(code, code)


@cache
def words_for(language: Language) -> Words:
    """Return the words of a language."""
    text = files(__name__).joinpath(f"{language}.json").read_bytes()
    return msgspec.json.decode(text, type=Words)


def language_of(locale: str) -> Language:
    """Return the language for one of Discord's locales: English where there are no words of that one."""
    known: Mapping[str, Language] = {language: language for language in LANGUAGES}
    return known.get(locale, "en")
