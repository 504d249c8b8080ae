"""Questions as people write them, and how each is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from planner import InvalidRequest
from planner.question import MAX_QUESTION_CHARACTERS, Names, QuestionNotUnderstood, accuracy, read_question

OWN_QUESTIONS = Path(__file__).with_name("questions.jsonl")


def lines_of(path: Path) -> list[Mapping[str, object]]:
    return [msgspec.json.decode(line, type=dict[str, object]) for line in path.read_bytes().splitlines() if line]


def test_the_sample_questions_are_read_exactly(shared_folder: Path, names: Names) -> None:
    found = accuracy(lines_of(shared_folder / "data" / "questions.jsonl"), names)

    assert found.failures == ()
    assert found.exact == found.questions > 30


def test_our_own_questions_are_read_exactly(names: Names) -> None:
    questions = lines_of(OWN_QUESTIONS)
    found = accuracy(questions, names)

    assert found.failures == ()
    assert found.exact == found.questions >= 200
    assert found.silent_misreadings == 0


def test_nothing_is_listed_as_ignored_that_was_not_expected(names: Names) -> None:
    surplus: dict[str, tuple[str, ...]] = {}
    for line in lines_of(OWN_QUESTIONS):
        if not line.keys().isdisjoint({"ignored", "error", "ambiguous"}):
            continue
        question = read_question(str(line["q"]), names=names)
        if question.ignored or question.ambiguous:
            surplus[question.question] = question.ignored

    assert surplus == {}


@pytest.mark.parametrize("text", ["hello", "", "   ", "tell me a joke", "你好", "what time is it?", "🙂", "?!"])
def test_what_is_no_question_for_the_planner_is_refused_with_examples(text: str, names: Names) -> None:
    with pytest.raises(QuestionNotUnderstood) as caught:
        read_question(text, names=names)

    assert caught.value.code == "not_understood"
    assert "what GPU for 8B at 32k?" in caught.value.allowed


def test_a_text_that_is_too_long_is_refused(names: Names) -> None:
    with pytest.raises(InvalidRequest, match="2,001 characters") as caught:
        read_question("8" * (MAX_QUESTION_CHARACTERS + 1), names=names)

    assert caught.value.code == "question_too_long"


@pytest.mark.parametrize(
    "template", ["in {} out 5", "8b {} context", "batch {}", "{} users", "${}/h 8b", "{}gb card", "{}k 8b"]
)
def test_a_number_beyond_all_quantities_is_listed_and_not_reckoned_with(template: str, names: Names) -> None:
    digits = "9" * 400
    question = read_question("8b at 32k, " + template.format(digits), names=names)

    assert all(value != float("inf") for value in question.fields.values())
    assert any(digits in fragment for fragment in question.ignored)
