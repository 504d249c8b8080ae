"""Holds readings against expected ones: how many are exact, and whether anything was misread in silence."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

from msgspec import Struct

from planner.errors import InvalidRequest
from planner.question.names import Names
from planner.question.question import Question
from planner.question.reader import read_question
from planner.question.words import place_codes

_NO_FIELDS: Final = frozenset({"q", "intent", "language", "ignored", "error", "ambiguous"})


class QuestionFailure(Struct, frozen=True, kw_only=True):
    """A question that was not read as expected."""

    question: str
    expected: dict[str, object]
    got: dict[str, object]


class QuestionAccuracy(Struct, frozen=True, kw_only=True):
    """How well a set of questions was read.

    `exact` of `questions` agree in every field, the intent, the language, the error and the fragments that must be
    listed as ignored. `field_accuracy` is the share of expected or given fields that agree. A silent misreading is a
    field that is wrong, invented, or dropped while nothing was listed as ignored or asked back.
    """

    questions: int
    exact: int
    field_accuracy: float
    silent_misreadings: int
    failures: tuple[QuestionFailure, ...]


def accuracy(
    questions: Iterable[Mapping[str, object]],
    names: Names,
    *,
    validate: Callable[[Question], object] | None = None,
) -> QuestionAccuracy:
    """Read each question and compare it with the reading that stands beside it.

    An expected reading has the question under `q`, the API's fields under their names, and `intent` (absent: not
    compared), `language` (absent: "en"), `ignored` (fragments that must be listed) and `error` (the code of the error
    that must come back) and `ambiguous` (true, or the readings that must be asked back). `validate` makes a request of
    the question and raises InvalidRequest where it cannot; without it only a context beyond every model is an error.
    """
    count = exact = fields_right = fields_seen = silent = 0
    failures: list[QuestionFailure] = []
    for expected in questions:
        count += 1
        got, question = _read(str(expected["q"]), names, validate)
        wanted = {name: value for name, value in expected.items() if name not in _NO_FIELDS}
        given = dict(question.fields) if question is not None else {}
        has_error = expected.get("error") is not None or got.get("error") is not None
        if not has_error:
            compared = wanted.keys() | given.keys()
            fields_seen += len(compared)
            fields_right += sum(_is_same(wanted.get(name), given.get(name)) for name in compared)
        if _is_exact(expected, got, wanted, given, has_error=has_error):
            exact += 1
            continue
        failures.append(QuestionFailure(question=str(expected["q"]), expected={**expected}, got=got))
        silent += question is not None and not has_error and _is_silent(question, wanted)
    share = fields_right / fields_seen if fields_seen else 1.0
    return QuestionAccuracy(
        questions=count,
        exact=exact,
        field_accuracy=round(share, 6),
        silent_misreadings=silent,
        failures=tuple(failures),
    )


def _read(
    text: str, names: Names, validate: Callable[[Question], object] | None
) -> tuple[dict[str, object], Question | None]:
    try:
        question = read_question(text, names=names)
    except InvalidRequest as error:
        return {"error": error.code}, None
    got: dict[str, object] = {"intent": question.intent, "language": question.language, **question.fields}
    if question.ignored:
        got["ignored"] = list(question.ignored)
    if question.ambiguous:
        got["ambiguous"] = [list(doubt.readings) for doubt in question.ambiguous]
    error = _error_of(question, names, validate)
    if error is not None:
        got["error"] = error
    return got, question


def _error_of(question: Question, names: Names, validate: Callable[[Question], object] | None) -> str | None:
    if validate is None:
        context = question.fields.get("context")
        is_possible = not isinstance(context, int) or 1 <= context <= names.max_context
        return None if is_possible else "invalid_context"
    try:
        validate(question)
    except InvalidRequest as error:
        return error.code
    return None


def _is_exact(
    expected: Mapping[str, object],
    got: Mapping[str, object],
    wanted: Mapping[str, object],
    given: Mapping[str, object],
    *,
    has_error: bool,
) -> bool:
    if expected.get("error") != got.get("error"):
        return False
    if "intent" in expected and expected["intent"] != got.get("intent"):
        return False
    if has_error:
        return True
    if expected.get("language", "en") != got.get("language"):
        return False
    same = all(_is_same(wanted.get(name), given.get(name)) for name in wanted.keys() | given.keys())
    return (
        same
        and _asks_back(got.get("ambiguous"), expected.get("ambiguous"))
        and _lists(got.get("ignored"), expected.get("ignored"))
    )


def _is_same(one: object, other: object) -> bool:
    """Return whether two values agree; the order of a list means nothing, nor whether a place is a name or a code."""
    return one is not None and other is not None and _plain(one) == _plain(other)


def _plain(value: object) -> list[object]:
    """Return the value or values as numbers and words that can be held against others."""
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    codes = place_codes()
    return sorted((codes.get(str(one).casefold(), one) for one in values), key=str)


def _asks_back(got: object, expected: object) -> bool:
    """Return whether the readings that are asked back are the expected ones; not compared where none are."""
    if expected is None:
        return True
    readings = cast("list[list[object]]", got or [])
    return bool(readings) == bool(expected) if isinstance(expected, bool) else expected in readings


def _lists(got: object, expected: object) -> bool:
    """Return whether every fragment expected to be ignored is listed, be it within a longer fragment."""
    wanted = _fragments(expected)
    listed = _fragments(got)
    return all(any(fragment in other or other in fragment for other in listed) for fragment in wanted)


def _fragments(value: object) -> list[str]:
    items = cast("list[object]", value) if isinstance(value, list) else [] if value is None else [value]
    return [" ".join(str(item).casefold().split()) for item in items]


def _is_silent(question: Question, wanted: Mapping[str, object]) -> bool:
    """Return whether a field is wrong or invented, or one was dropped and nothing listed."""
    given = question.fields
    if any(not _is_same(wanted.get(name), value) for name, value in given.items()):
        return True
    is_dropped = any(name not in given for name in wanted)
    return is_dropped and not question.ignored and not question.ambiguous
