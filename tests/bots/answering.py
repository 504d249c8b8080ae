"""Messages from answers as a test writes them."""

from __future__ import annotations

from typing import Any

import msgspec

from bots.answers import AskAnswer, AskedAnswer
from bots.controls import Button, Link, Select
from bots.enquiry import Enquiry, Fields, Task
from bots.message import Message
from bots.readings import reading_of_enquiry, reading_of_question
from bots.replies import reply
from bots.words import Language, words_for
from tests.bots.planner_api import OPTION, PLAN, Json


def show(
    answer: Json,
    *,
    task: Task = "plan",
    fields: Fields | None = None,
    language: Language = "en",
    page: int = 0,
    link: str | None = None,
) -> Message:
    """Return the message for an answer to options that were filled in."""
    enquiry = Enquiry(task=task, fields={"context": "32k"} if fields is None else fields, page=page, language=language)
    read = msgspec.convert(answer, AskedAnswer)
    return reply(read, enquiry=enquiry, reading=reading_of_enquiry(enquiry), link=link, words=words_for(language))


def show_option(**changes: Any) -> Message:  # noqa: ANN401 - any JSON
    """Return the message for a plan of one option, changed so."""
    return show({**PLAN, "options": [{**OPTION, **changes}]})


def show_asked(asked: Json) -> Message:
    """Return the message for a question as the API read and answered it."""
    read = msgspec.convert(asked, AskAnswer)
    assert read.answer is not None
    enquiry = Enquiry(task="plan")
    return reply(read.answer, enquiry=enquiry, reading=reading_of_question(read), link=None, words=words_for("en"))


def field(message: Message, name: str) -> str:
    """Return the value of the field whose name begins with `name`."""
    return next(part.value for part in message.fields if part.name.startswith(name))


def names(message: Message) -> list[str]:
    """Return the names of the fields."""
    return [part.name for part in message.fields]


def button(message: Message, label: str) -> Button:
    """Return the button with that label."""
    return next(one for row in message.rows for one in row if isinstance(one, Button) and one.label.startswith(label))


def labels(message: Message) -> list[str]:
    """Return what stands on the buttons and links."""
    return [one.label for row in message.rows for one in row if isinstance(one, Button | Link)]


def select(message: Message) -> Select:
    """Return the select."""
    return next(one for row in message.rows for one in row if isinstance(one, Select))
