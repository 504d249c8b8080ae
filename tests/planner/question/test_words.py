"""The small parts of reading: tokens, numbers in words, slips of the finger, patterns over kinds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.question.numbers import read_chinese_number, read_english_number
from planner.question.sentence import KINDS
from planner.question.text import cut
from planner.question.typos import Spelling
from planner.question.words import fillers, meanings


def texts(sentence: str) -> list[str]:
    return [token.text for token in cut(sentence)]


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        ("A100-80GB", ["a", "100", "80", "gb"]),
        ("4xL4", ["4", "x", "l", "4"]),
        ("7900xtx", ["7900", "xtx"]),
        ("q4_k_m", ["q", "4", "k", "m"]),
        ("llama.cpp", ["llama", "cpp"]),
        ("context=8192", ["context", "8192"]),
        ("20,000 tokens", ["20,000", "tokens"]),
        ("batch 4,128k", ["batch", "4", ",", "128", "k"]),
        ("don't", ["dont"]),
        ("３２Ｋ，显卡", ["32", "k", ",", "显", "卡"]),  # noqa: RUF001  (full width on purpose)
        ("顯卡", ["显", "卡"]),
        ("0,5 $/h", ["0,5", "$", "/", "h"]),
    ],
)
def test_a_sentence_is_cut_where_letters_digits_and_characters_meet(sentence: str, tokens: list[str]) -> None:
    assert texts(sentence) == tokens


@given(st.text(max_size=100))
def test_every_token_knows_its_place_in_the_original(sentence: str) -> None:
    end = 0
    for token in cut(sentence):
        assert 0 <= token.start < token.end <= len(sentence)
        assert token.start >= end or token.start == end - 1
        end = token.end


@pytest.mark.parametrize(
    ("said", "number", "words"),
    [
        ("two hundred users", 200, 2),
        ("twenty five", 25, 2),
        ("one hundred and twenty users", 120, 4),
        ("a dozen", None, 0),
        ("dozen users", 12, 1),
        ("five thousand tokens", 5000, 2),
        ("one two", 1, 1),
        ("thousand", None, 0),
    ],
)
def test_english_numbers_are_read_as_far_as_they_go(said: str, number: int | None, words: int) -> None:
    assert read_english_number(said.split()) == (None if number is None else (number, words))


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("十六", 16),
        ("两", 2),
        ("一百", 100),
        ("三十二", 32),
        ("一万", 10_000),
        ("两百五十", 250),
        ("一二", None),
        ("十百", None),
    ],
)
def test_chinese_numbers_are_read_whole_or_not_at_all(said: str, number: int | None) -> None:
    assert read_chinese_number(said) == number


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("contxt", ["context"]),
        ("contexxt", ["context"]),
        ("cnotext", ["context"]),
        ("kontext", []),
        ("cont", []),
        ("context", ["context"]),
        ("conntexxt", []),
    ],
)
def test_one_slip_of_the_finger_is_mended_but_never_the_first_letter(slip: str, meant: list[str]) -> None:
    assert Spelling(["context", "batch"]).mend(slip) == meant


def test_every_kind_of_the_word_files_can_be_named_in_a_pattern() -> None:
    named = {kind for table in meanings() for kind in table}

    assert named <= set(KINDS)
    assert len(KINDS) == len(set(KINDS))


def test_no_filler_hides_a_number_or_a_negation() -> None:
    negations = {"no", "not", "without", "except", "never", "不", "不要", "别", "除了", "没"}
    numbers = [word for word in (*fillers().english, *fillers().chinese) if any(map(str.isdecimal, word))]

    assert negations.isdisjoint({*fillers().english, *fillers().chinese})
    assert set(numbers) <= {"24/7", "r1planner", "r1plan", "k8s"}
