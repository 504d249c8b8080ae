"""From the verdict on a machine to a message that says the most that it holds: of context, or of sequences."""

from collections.abc import Sequence

from bots.answers import AskedAnswer, Judgement
from bots.enquiry import SOUGHT, Enquiry
from bots.figures import show_count, show_tokens
from bots.message import Field, Message, compose, plain
from bots.most import most_of
from bots.option_words import (
    bullets,
    deployment_words,
    gpu_words,
    memory_field,
    quality_field,
    rate_words,
    speed_field,
    warnings_field,
)
from bots.plan_replies import model_field
from bots.readings import Reading, doubt_fields, understood_fields
from bots.refusal_words import change_words
from bots.words import Words


def most_message(answer: AskedAnswer, *, enquiry: Enquiry, reading: Reading, words: Words) -> Message:
    """Return the message with the largest context or batch, and the memory that it takes."""
    one, most = answer.judgement, most_of(enquiry, answer)
    changes = [] if most else [change_words(change, words=words) for change in one.changes or []]
    return compose(
        content=plain(_sentence(one, answer, most=most, enquiry=enquiry, words=words)),
        title=words.say("limits_title", gpus=gpu_words(one)),
        fields=[
            *doubt_fields(reading, words=words),
            Field(name=words.say("why"), value=plain(one.reason)) if one.reason and not most else None,
            Field(name=words.say("would_fit"), value=bullets(changes)) if changes else None,
            memory_field(one, words=words),
            speed_field(one, words=words) if most else None,
            *understood_fields(reading, answer, words=words, beside=(SOUGHT[enquiry.task],)),
            quality_field(one, words=words),
            warnings_field(one.warnings, words=words),
            _others_field(answer.others or [], enquiry=enquiry, words=words),
            model_field(answer, words=words),
        ],
    )


def _sentence(one: Judgement, answer: AskedAnswer, *, most: int | None, enquiry: Enquiry, words: Words) -> str:
    request = answer.request or {}
    context, batch = request.get("context"), request.get("batch")
    values = {
        "gpus": gpu_words(one),
        "deployment": deployment_words(one, answer, words=words),
        "context": show_tokens(context) if isinstance(context, int) else "?",
        "batch": show_count(batch) if isinstance(batch, int) else "?",
    }
    is_batch = SOUGHT[enquiry.task] == "batch"
    if not most:
        return words.say("not_even_one" if is_batch else "no_context", **values)
    speed = rate_words(one, "verdict_speed", words=words)
    if is_batch:
        return words.say("most_batch", **{**values, "batch": show_count(most)}) + speed
    values["context"] = show_tokens(most)
    return words.say("most_context" if batch == 1 else "most_context_of_each", **values) + speed


def _others_field(others: Sequence[Judgement], *, enquiry: Enquiry, words: Words) -> Field | None:
    is_batch = SOUGHT[enquiry.task] == "batch"
    lines = [
        f"{gpu_words(one)}: {show_count(one.max_batch) if is_batch else show_tokens(one.max_context)}" for one in others
    ]
    return Field(name=words.say("others"), value=bullets(lines)) if lines else None
