"""How readings are held against expected ones."""

from __future__ import annotations

import pytest

from planner import InvalidRequest
from planner.question import Names, Question, accuracy


def test_a_field_that_was_not_said_is_a_silent_misreading(names: Names) -> None:
    found = accuracy([{"q": "8b at 32k", "intent": "plan", "context": 4096}], names)

    assert (found.questions, found.exact, found.silent_misreadings) == (1, 0, 1)
    assert found.failures[0].got["context"] == 32_768


def test_a_dropped_field_is_silent_only_where_nothing_was_listed(names: Names) -> None:
    listed = accuracy([{"q": "H20 at 32k", "context": 32_768, "gpu": "h20"}], names)
    dropped = accuracy([{"q": "8b at 32k", "context": 32_768, "gpu": "h20"}], names)

    assert (listed.exact, listed.silent_misreadings) == (0, 0)
    assert (dropped.exact, dropped.silent_misreadings) == (0, 1)


def test_the_order_of_a_list_means_nothing(names: Names) -> None:
    found = accuracy([{"q": "L4 vs T4 at 8k", "intent": "compare", "gpu": ["t4", "l4"], "context": 8192}], names)

    assert found.exact == 1
    assert found.field_accuracy == 1.0


@pytest.mark.parametrize(("fragment", "exact"), [("tomorrow", 1), ("next year", 0)])
def test_what_must_be_ignored_has_to_be_listed(fragment: str, exact: int, names: Names) -> None:
    line = {"q": "8b at 32k starting tomorrow", "context": 32_768, "ignored": [fragment]}

    assert accuracy([line], names).exact == exact


def test_the_error_that_must_come_back_is_that_of_the_callers_own_check(names: Names) -> None:
    def refuse(question: Question) -> None:
        if question.fields.get("batch") == 3:
            raise InvalidRequest("three is too many", code="invalid_batch", field="batch")

    line = {"q": "8b 32k batch 3", "error": "invalid_batch"}

    assert accuracy([line], names, validate=refuse).exact == 1
    assert accuracy([line], names).exact == 0


def test_no_questions_are_read_perfectly(names: Names) -> None:
    assert accuracy([], names).field_accuracy == 1.0
