"""No text breaks the reader, and none takes it long."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import InvalidRequest
from planner.question import MAX_QUESTION_CHARACTERS, Names, Question, read_question
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
MOST_TIMES_A_PLAIN_LOOP = 4
ADDITIONS = 100_000
TRIES = 7


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


LONG = {
    "one sentence again and again": "4 users at 32k on two A100 80GB, fp8, under $1/h, no AMD. " * 40,
    "unknown words": "zyxwvutsr qponmlkji " * 110,
    "numbers": "12 " * 700,
    "glued": "1a" * 1000,
    "commas": "," * 2000,
    "comparators": "at most max about " * 120,
    "negations": "no not without AMD " * 110,
    "chinese": "两张显卡能跑多少并发上下文呢不要" * 130,
    "unknown chinese": "龘靐齉爩" * 500,
    "quantities": "32k 8b 24gb 4 bit $5 " * 100,
    "digits": "9" * 2000,
    "one letter": "a " * 1000,
}


def seconds_of(action: Callable[[], object]) -> float:
    began = time.thread_time()
    action()
    return time.thread_time() - began


def count_up() -> int:
    total = 0
    for number in range(ADDITIONS):
        total += number
    return total


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_the_longest_texts_are_read_at_once(text: str, names: Names) -> None:
    # Against a plain loop in the same moment, which takes 2 ms where the reader has 5: machines and their loads differ.
    text = text[:MAX_QUESTION_CHARACTERS]
    read_or_refuse("8b at 32k", names)
    pairs = [(seconds_of(lambda: read_or_refuse(text, names)), seconds_of(count_up)) for _ in range(TRIES)]
    reading, loop = (min(times) for times in zip(*pairs, strict=True))

    assert reading < MOST_TIMES_A_PLAIN_LOOP * loop
