"""A follow-up ("and at 64k?", "without AMD", "那 128k 呢?"): not a question, but a change of the one before."""

from typing import Final

from msgspec import Struct

from planner.question.intent import find_said_intent, seeks_machine
from planner.question.leftovers import list_ignored
from planner.question.lifting import lift
from planner.question.names import Names
from planner.question.question import Ambiguity, FieldValue, Intent, Language, QuestionNotUnderstood
from planner.question.reader import read_sentence
from planner.question.reading import Reading
from planner.question.text import language_of

_ARTICLES: Final = frozenset({"a", "an", "one"})


class Fragment(Struct, frozen=True, kw_only=True):
    """A follow-up as read: what it changes of an earlier question.

    `fields` is what it says anew, in the API's field names; `lifted` the fields that it takes back ("any GPU"),
    `factors` the numbers that it multiplies ("double the context"). With `adds`, what it names comes beside what was
    named before ("the L40S too"); with `seeks_machine` it asks which to take ("the cheapest?"). `allowed` is what is
    welcome again, by field ("AMD is fine"). `intent` is None where it asks for the same as before.
    """

    text: str
    intent: Intent | None
    language: Language
    fields: dict[str, FieldValue]
    lifted: tuple[str, ...] = ()
    factors: dict[str, float] = {}
    adds: bool = False
    allowed: dict[str, list[str]] = {}
    ignored: tuple[str, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    seeks_machine: bool = False


def read_fragment(text: str, *, names: Names) -> Fragment:
    """Return what the follow-up `text` changes; nothing is assumed.

    Raises:
        QuestionNotUnderstood: it changes nothing that a request has.
        InvalidRequest: it is longer than 2,000 characters (code `question_too_long`).
    """
    lifted = lift(text)
    reading = read_sentence(lifted.rest, names=names)
    _read_count(reading)
    intent = find_said_intent(reading)
    fields = reading.fields()
    if not (fields or intent or lifted.fields or lifted.factors or reading.permitted or reading.ambiguous):
        raise QuestionNotUnderstood(text)
    return Fragment(
        text=text,
        intent=intent,
        language=language_of(text),
        fields=fields,
        lifted=tuple(field for field in lifted.fields if field not in fields),
        factors={field: factor for field, factor in lifted.factors.items() if field not in fields},
        adds=lifted.adds,
        allowed=_allowed(reading),
        ignored=list_ignored(reading),
        ambiguous=tuple(reading.ambiguous),
        seeks_machine=seeks_machine(reading),
    )


def _read_count(reading: Reading) -> None:
    """Read "on a 4090" as one of them, behind a question about two; and "two of them" behind one about one."""
    sentence = reading.sentence
    for match in sentence.find("pair"):
        reading.say_whole("gpu_count", sentence.number(match.start), start=match.start)
    if not reading.has("gpu") or reading.has("gpu_count") or len(reading.values("gpu")) > 1:
        return
    first = reading.places("gpu")[0]
    before = sentence.text[: first[0]].casefold().split()
    if reading.is_single or (before and before[-1] in _ARTICLES):
        reading.replace("gpu_count", [1])


def _allowed(reading: Reading) -> dict[str, list[str]]:
    allowed: dict[str, list[str]] = {}
    for field, value in reading.permitted:
        if field != "pricing":
            allowed.setdefault(field, []).append(value)
    return allowed
