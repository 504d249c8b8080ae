"""The words of the question reader, from its data files: phrases by what they mean."""

import importlib.resources
from functools import cache
from typing import TypeAlias

import msgspec
from msgspec import Struct

Meanings: TypeAlias = dict[str, dict[str, tuple[str, ...]]]
"""Kind -> which one of that kind ("" where there is but one) -> phrases."""


class Fillers(Struct, frozen=True, kw_only=True):
    """Words that change nothing about a question, as a closed list: every other unknown word is listed as ignored."""

    english: tuple[str, ...]
    chinese: tuple[str, ...]


class Places(Struct, frozen=True, kw_only=True):
    """Countries and continents by the code that offers bear, and parts of countries that regions are named by.

    `capital_codes` are read as places only when written in capitals: many are words when they are not.
    """

    places: dict[str, tuple[str, ...]]
    states: tuple[str, ...]
    capital_codes: dict[str, str]


class Condition(Struct, frozen=True, kw_only=True):
    """What a follow-up may take back as one: the fields, and the nouns that name them."""

    fields: tuple[str, ...]
    nouns: tuple[str, ...]


class Following(Struct, frozen=True, kw_only=True):
    """Words that have a meaning only behind an earlier question: conditions taken back, and numbers scaled."""

    conditions: dict[str, Condition]
    scaled: dict[str, tuple[str, ...]]
    factors: dict[str, tuple[str, ...]]


class Story(Struct, frozen=True, kw_only=True):
    """Words by which a text tells of what was or is, and words by which it turns to what is wanted."""

    told: tuple[str, ...]
    turns: tuple[str, ...]


class SettingWords(Struct, frozen=True, kw_only=True):
    """How people spell the options of engines, by field, and their flags of one dash ("no " before what one denies)."""

    spellings: dict[str, tuple[str, ...]]
    flags: dict[str, str]


class Nicknames(Struct, frozen=True, kw_only=True):
    """What people call things that the inventory and the planner's facts know by an identifier of their own.

    A nickname counts only where its identifier is known. `weight_bits` are the widths of a weight where no one format
    is named: "q4" may be any of four bits. `weight_choices` name several formats, apart by "|". `families` are the
    parts of a name in the default family of models, said in any order. Who says one of `default_model_spellings` has
    not chosen between the two models that bear it.
    """

    providers: dict[str, tuple[str, ...]]
    engines: dict[str, tuple[str, ...]]
    weight_formats: dict[str, tuple[str, ...]]
    weight_bits: dict[str, tuple[str, ...]]
    weight_choices: dict[str, tuple[str, ...]]
    gpus: dict[str, tuple[str, ...]]
    families: dict[str, tuple[str, ...]]
    default_model_spellings: tuple[str, ...]


def _read(name: str) -> bytes:
    return importlib.resources.files(__package__ or "").joinpath(name).read_bytes()


@cache
def meanings() -> tuple[Meanings, ...]:
    """Return the words that mean something to the planner: English, then Chinese."""
    return tuple(msgspec.json.decode(_read(f"words_{name}.json"), type=Meanings) for name in ("english", "chinese"))


@cache
def fillers() -> Fillers:
    """Return the words that change nothing."""
    return msgspec.json.decode(_read("words_filler.json"), type=Fillers)


@cache
def places() -> Places:
    """Return the names of places."""
    return msgspec.json.decode(_read("words_places.json"), type=Places)


@cache
def place_codes() -> dict[str, str]:
    """Return the code of each place by its names."""
    return {name: code for code, spoken in places().places.items() for name in spoken}


@cache
def nicknames() -> Nicknames:
    """Return the nicknames of GPUs, models, formats, engines and providers."""
    return msgspec.json.decode(_read("words_names.json"), type=Nicknames)


@cache
def following() -> Following:
    """Return the words of follow-ups."""
    return msgspec.json.decode(_read("words_following.json"), type=Following)


@cache
def setting_words() -> SettingWords:
    """Return the spellings of engine options."""
    return msgspec.json.decode(_read("words_settings.json"), type=SettingWords)


@cache
def story() -> Story:
    """Return the words of stories."""
    return msgspec.json.decode(_read("words_told.json"), type=Story)
