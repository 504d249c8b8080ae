"""What a sentence says to the planner: the reading, its doubts, and the refusal to read."""

from typing import Literal, TypeAlias

from msgspec import Struct

from planner.errors import InvalidRequest

Intent: TypeAlias = Literal["plan", "fit", "max_context", "max_batch", "memory", "compare"]
Language: TypeAlias = Literal["en", "zh"]
Value: TypeAlias = float | str | bool
FieldValue: TypeAlias = Value | list[Value]

EXAMPLES = (
    "what GPU for 8B at 32k?",
    "8b fp8 on L4, 16k, batch 8 - does it fit?",
    "max context on a 24GB 3090 with fp16 weights",
    "4090 能跑 8b fp16 32k 吗",
)


class Ambiguity(Struct, frozen=True, kw_only=True):
    """A fragment of the question that can be read in ways that differ: for each reading, the fields it would set."""

    text: str
    readings: tuple[dict[str, FieldValue], ...]


class Question(Struct, frozen=True, kw_only=True):
    """A question as read.

    `fields` holds what the person said, in the API's field names and identifiers, one value or a list; nothing in it
    is assumed. `ignored` are the fragments that matter and were not understood, word for word; `ambiguous` the ones
    with several readings, none of which is in `fields`.
    """

    question: str
    intent: Intent
    language: Language
    fields: dict[str, FieldValue]
    ignored: tuple[str, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()


class QuestionNotUnderstood(InvalidRequest):
    """Nothing in the sentence is a question that this planner answers; `allowed` shows some that are."""

    def __init__(self, text: str) -> None:
        """Quote the beginning of what was said and show examples."""
        shown = text.strip()[:80]
        said = f"{shown!r} is no question about" if shown else "An empty question says nothing about"
        super().__init__(
            f"{said} a model on a GPU that could be read. Ask for example: {EXAMPLES[0]!r} or {EXAMPLES[1]!r}.",
            code="not_understood",
            field="question",
            allowed=" | ".join(EXAMPLES),
            nearest=EXAMPLES[:1],
        )
