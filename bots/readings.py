"""How a question was read, in words: what was ignored and doubtful, what was understood, what was filled in."""

from collections.abc import Mapping, Sequence

import msgspec

from bots.answers import Ambiguity, AskAnswer, PlanAnswer
from bots.enquiry import Enquiry
from bots.figures import is_given, show_field
from bots.message import Field, plain
from bots.option_words import bullets
from bots.words import Words

# fields of a request that shape the list, not the deployment
_LIST_FIELDS = ("assumed", "limit", "group")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was said: fields by name, those of them that do not apply, and the fragments that were not taken.

    `from_server` are fields that the server's settings filled in, `price_note` what the server says about prices.
    """

    understood: Mapping[str, object] = {}
    not_applied: Sequence[str] = ()
    ignored: Sequence[str] = ()
    ambiguous: Sequence[Ambiguity] = ()
    from_server: Mapping[str, object] = {}
    price_note: str = ""


def reading_of_enquiry(enquiry: Enquiry) -> Reading:
    """Return the reading of options that were filled in or pressed: all of them are understood."""
    return Reading(understood=enquiry.said, not_applied=tuple(enquiry.aside))


def reading_of_question(asked: AskAnswer) -> Reading:
    """Return the reading of a question, as the API tells it."""
    return Reading(
        understood=asked.understood or {},
        not_applied=asked.not_applied or (),
        ignored=asked.ignored or (),
        ambiguous=asked.ambiguous or (),
    )


def doubt_fields(reading: Reading, *, words: Words) -> list[Field]:
    """Return what was not taken: it stands before everything else."""
    fields: list[Field] = []
    if reading.ignored:
        quoted = words.say("semicolon").join(f'"{text}"' for text in reading.ignored)
        fields.append(Field(name=words.say("ignored"), value=plain(quoted)))
    if reading.ambiguous:
        lines = [ambiguity_words(doubt, words=words) for doubt in reading.ambiguous]
        fields.append(Field(name=words.say("ambiguous"), value=bullets(lines)))
    if reading.not_applied:
        named = words.say("comma").join(map(words.field, reading.not_applied))
        fields.append(Field(name=words.say("not_applied"), value=plain(named)))
    return fields


def understood_fields(reading: Reading, answer: PlanAnswer, *, words: Words, beside: Sequence[str] = ()) -> list[Field]:
    """Return what was understood, spelt as the answer's request has it, and what was filled in.

    On the fields `beside` the question the answer does not depend: that they were filled in tells nobody anything.
    """
    request = answer.request or {}
    # in the order of the request, which stays the same while a conversation goes on
    spelt = {name: value for name, value in request.items() if name in reading.understood and is_given(value)}
    said = {**spelt, **{name: value for name, value in reading.understood.items() if name not in spelt}}
    assumed = {name: request.get(name) for name in assumed_names(answer) if name not in {*said, *beside}}
    return [
        *_request_field("understood", said, words=words),
        *_request_field("from_server", reading.from_server, words=words),
        *_request_field("assumed", assumed, words=words),
    ]


def price_note_field(reading: Reading, *, words: Words) -> Field | None:
    """Return what the server says about prices, or None where it says nothing."""
    note = reading.price_note
    return Field(name=words.say("price_note"), value=plain(note)) if note else None


def assumed_names(answer: PlanAnswer) -> list[str]:
    """Return the names of the fields that the planner filled in."""
    names: object = (answer.request or {}).get("assumed")
    return [str(name) for name in names] if isinstance(names, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def ambiguity_words(doubt: Ambiguity, *, words: Words) -> str:
    """Return a fragment with what it may mean."""
    readings = words.say("or").join(fields_words(reading, words=words) for reading in doubt.readings or [])
    return f'"{doubt.text}": {readings}'


def fields_words(fields: Mapping[str, object], *, words: Words) -> str:
    """Return fields with their values, on one line."""
    return words.say("comma").join(show_field(name, value, words=words) for name, value in fields.items())


def _request_field(heading: str, values: Mapping[str, object], *, words: Words) -> list[Field]:
    said = [
        show_field(name, value, words=words)
        for name, value in values.items()
        # a switch that is off is how everybody has it
        if is_given(value) and value is not False and name not in _LIST_FIELDS
    ]
    return [Field(name=words.say(heading), value=plain(words.say("semicolon").join(said)))] if said else []
