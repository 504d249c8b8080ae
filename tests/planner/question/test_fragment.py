"""Follow-ups as people write them under an answer, and what each changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from planner import QuestionNotUnderstood, read_fragment
from planner.question import Names
from tests.planner.question.test_reader import lines_of

FRAGMENTS = lines_of(Path(__file__).with_name("fragments.jsonl"))


@pytest.mark.parametrize("line", FRAGMENTS, ids=[str(line["text"]) for line in FRAGMENTS])
def test_a_follow_up_is_read_as_a_bare_change(line: Mapping[str, Any], names: Names) -> None:
    fragment = read_fragment(line["text"], names=names)

    assert fragment.fields == line.get("fields", {})
    assert fragment.intent == line.get("intent")
    assert list(fragment.lifted) == line.get("lifted", [])
    assert fragment.factors == line.get("factors", {})
    assert fragment.allowed == line.get("allowed", {})
    assert fragment.adds == line.get("adds", False)
    assert list(fragment.ignored) == line.get("ignored", [])
    assert fragment.ambiguous == ()


@pytest.mark.parametrize("text", ["thanks", "", "tell me a joke", "谢谢", "lol ok", "?"])
def test_what_changes_nothing_is_refused(text: str, names: Names) -> None:
    with pytest.raises(QuestionNotUnderstood):
        read_fragment(text, names=names)


def test_a_follow_up_with_two_readings_asks_back(names: Names) -> None:
    fragment = read_fragment("what about 16-32k context?", names=names)

    assert [list(doubt.readings) for doubt in fragment.ambiguous] == [[{"context": 16_384}, {"context": 32_768}]]
