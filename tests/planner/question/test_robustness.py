"""No text breaks the reader."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import InvalidRequest
from planner.question import MAX_QUESTION_CHARACTERS, Names, Question, read_question
from tests.planner.question.longest import LONGEST_TEXTS
from tests.planner.question.test_reader import OWN_QUESTIONS, lines_of

SENTENCES = [str(line["q"]) for line in lines_of(OWN_QUESTIONS)]
PIECES = [
    *("8b", "32k", "4090", "a100-80gb", "two", "4x", "tp", "2", "fp8", "q4_k_m", "kv", "cache", "no", "not", "under"),
    *("$", "1", "/", "h", "max", "how", "many", "users", "context", "batch", "of", "24gb", "vs", "or", "and", ",", "."),
    *(
        "-",
        "=",
        ":",
        "(",
        ")",
        "~",
        "八",
        "个",
        "并发",
        "上下文",
        "显存",
        "不要",
        "最多",
        "k",
        "m",
        "b",
        "x",
        "in",
        "out",
    ),
    *("spot", "runpod", "eu", "1e9", "00", "99999999999999999999", "1.5", "0", "-1", "€", "块", "tok/s", "ms", "ttft"),
    *("llama", "qwen3", "0528", "70b", "H20", "laptop", "ti", "between", "to", "each", "only", "single", "一", "万"),
]


def insert(text: str, place: int, piece: str) -> str:
    cut = place % (len(text) + 1)
    return text[:cut] + piece + text[cut:]


words = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)
glued = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)
pieces = st.one_of(st.text(max_size=5), st.sampled_from(PIECES))
mutated = st.builds(insert, st.sampled_from(SENTENCES), st.integers(0, 200), pieces)


def read_or_refuse(text: str, names: Names) -> Question | None:
    try:
        return read_question(text, names=names)
    except InvalidRequest:
        return None


@settings(max_examples=1500)
@given(st.one_of(st.text(max_size=200), words, glued, mutated))
def test_no_text_raises_anything_but_a_refusal(names: Names, text: str) -> None:
    question = read_or_refuse(text, names)

    if question is not None:
        assert question.question == text
        assert all(fragment in text for fragment in question.ignored)
        assert all(doubt.text in text and len(doubt.readings) > 1 for doubt in question.ambiguous)


@settings(max_examples=300)
@given(st.one_of(words, mutated))
def test_the_same_text_is_read_the_same_way(names: Names, text: str) -> None:
    assert read_or_refuse(text, names) == read_or_refuse(text, names)


@settings(max_examples=300)
@given(st.sampled_from(SENTENCES), st.sampled_from([" ", "  ", "\n", "\t", "\u3000"]))
def test_space_around_a_question_changes_nothing(names: Names, text: str, space: str) -> None:
    plain, spaced = read_or_refuse(text, names), read_or_refuse(space + text + space, names)

    assert (plain is None) == (spaced is None)
    if plain is not None and spaced is not None:
        assert (plain.intent, plain.fields, plain.ignored) == (spaced.intent, spaced.fields, spaced.ignored)


@settings(max_examples=300)
@given(st.sampled_from(SENTENCES))
def test_capitals_and_full_width_characters_change_no_field(names: Names, text: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)
    plain, widened = read_or_refuse(text, names), read_or_refuse(wide, names)

    assert (plain is None) == (widened is None)
    if plain is not None and widened is not None:
        assert plain.fields == widened.fields


@settings(max_examples=500)
@given(st.sampled_from(SENTENCES), st.integers(0, 200), st.sampled_from(["zyxq", "€7", "H21", "4091d", "3 zorkmids"]))
def test_a_foreign_word_anywhere_in_a_question_is_listed(names: Names, text: str, place: int, stranger: str) -> None:
    words = text.split()
    at = place % (len(words) + 1)
    question = read_or_refuse(" ".join([*words[:at], stranger, *words[at:]]), names)

    if question is not None:
        listed = " ".join([*question.ignored, *(doubt.text for doubt in question.ambiguous)])
        assert stranger.rsplit(maxsplit=1)[-1] in listed


@pytest.mark.parametrize("text", LONGEST_TEXTS.values(), ids=LONGEST_TEXTS.keys())
def test_the_longest_texts_are_read_or_refused_and_longer_ones_refused(text: str, names: Names) -> None:
    read_or_refuse(text[:MAX_QUESTION_CHARACTERS], names)

    with pytest.raises(InvalidRequest):
        read_question(text.ljust(MAX_QUESTION_CHARACTERS, "x") + "x", names=names)
