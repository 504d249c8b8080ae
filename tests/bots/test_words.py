from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import bots
from bots.words import LANGUAGES, Language, language_of, words_for

_SAID = re.compile(r"say\(\s*\"(\w+)\"")
_QUOTED = re.compile(r"[\"'](\w+)[\"']")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_figures_in_it(language: Language) -> None:
    english, words = words_for("en"), words_for(language)

    assert words.language == language
    assert words.texts.keys() == english.texts.keys()
    assert words.commands.keys() == english.commands.keys()
    assert words.options.keys() == english.options.keys()
    assert words.choices.keys() == english.choices.keys()
    assert words.places.keys() == english.places.keys()
    assert {name: text for name, text in words.texts.items() if not text.strip()} == {}
    differing = {
        name: placeholders(text)
        for name, text in words.texts.items()
        if placeholders(text) != placeholders(english.texts[name])
    }
    # a Chinese reader counts in hundreds of millions
    differing.pop("parameters", None)
    assert differing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_on_buttons_and_forms_is_short_enough_for_discord(language: Language) -> None:
    texts = words_for(language).texts

    assert all(len(text) <= 70 for name, text in texts.items() if name.startswith("button_"))
    assert len(texts["form_title"]) <= 45
    assert len(texts["form_label"]) <= 45
    assert len(texts["form_example"]) <= 100


def test_the_texts_are_those_that_the_bot_says() -> None:
    folder = Path(next(iter(bots.__path__)))
    sources = [path for path in folder.rglob("*.py") if "mcp" not in path.parts]
    code = "\n".join(path.read_text() for path in sources)
    # these are put together: a part of the help, an objective
    written = {name for name in words_for("en").texts if not name.startswith(("help_", "first_"))}

    assert set(_SAID.findall(code)) <= set(words_for("en").texts)
    assert written - set(_QUOTED.findall(code)) == set()


def test_a_locale_without_words_of_its_own_is_answered_in_english() -> None:
    assert language_of("zh-TW") == "zh-TW"
    assert language_of("ja") == "en"


def test_a_code_word_that_nobody_has_translated_is_shown_as_it_is() -> None:
    words = words_for("zh-CN")

    assert words.value("something_new") == "something_new"
    assert words.field("something_new") == "something new"
