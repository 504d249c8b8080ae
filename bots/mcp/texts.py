"""From an answer of the API to the text of a tool's result: what the Discord bot would say, without its markup."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, cast

from msgspec import Struct

from bots.answers import AskAnswer, AskedAnswer, Problem
from bots.client import PlannerError, PlannerRefused, decode
from bots.enquiry import Enquiry, as_task
from bots.figures import is_given
from bots.launch_replies import launch_message
from bots.message import as_text, cut
from bots.questions import enquiry_of
from bots.readings import Reading, reading_of_question
from bots.replies import ask_back, pages_of, reply, reply_to_error
from bots.words import words_for

LONGEST_LIST: Final = 2000
_WORDS: Final = words_for("en")


class Answered(Struct, frozen=True, kw_only=True):
    """What a tool's path answered to which enquiry; `asked` is the question where there was one.

    The enquiry's fields are those of a question only: nothing else is asked again.
    """

    enquiry: Enquiry
    answer: AskedAnswer
    asked: AskAnswer | None = None


def read_answer(tool: str, body: bytes) -> Answered:
    """Return what is in the `body` that the tool's path gave.

    Raises:
        PlannerUnreadable: the body is no such answer.
    """
    if tool != "ask":
        return Answered(enquiry=Enquiry(task=as_task(tool) or "plan"), answer=decode(body, AskedAnswer))
    asked = decode(body, AskAnswer)
    return Answered(enquiry=enquiry_of(asked, language="en"), answer=asked.answer or AskedAnswer(), asked=asked)


def describe(answered: Answered) -> str:
    """Return the text of an answer, with the launch command where there is one."""
    enquiry, answer, asked = answered.enquiry, answered.answer, answered.asked
    if asked is not None and (asked.ambiguous or asked.answer is None):
        return as_text(ask_back(asked, enquiry=enquiry, words=_WORDS))
    reading = Reading() if asked is None else reading_of_question(asked)
    texts = [as_text(reply(answer, enquiry=enquiry, reading=reading, link=None, words=_WORDS))]
    if answer.outcome in ("plan", "judgement") and answer.verdict in (None, "fits", "tight"):
        texts.append(as_text(launch_message(answer, words=_WORDS)))
    if (pages := pages_of(answer)) > 1:
        texts.append(f"This text is page 1 of {pages}: the structured content holds everything.")
    return "\n\n".join(texts)


def describe_error(error: PlannerError) -> str:
    """Return what was wrong and what is allowed, in the API's own words and values."""
    if isinstance(error, PlannerRefused) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _describe_problem(error.problem, status=error.status)
    return as_text(reply_to_error(error, words=_WORDS))


def _describe_problem(problem: Problem, *, status: int) -> str:
    text = problem.detail or problem.title or f"the API refused this with status {status} and without a reason"
    for name, value in (("Nearest", problem.nearest), ("Allowed", problem.allowed)):
        values = _join(value)
        # the detail often says it already
        if values and values not in text:
            text += f"\n{name}: {cut(values, LONGEST_LIST)}"
    return text


def _join(value: object) -> str:
    values = cast("Sequence[object]", value) if isinstance(value, list) else [value]
    return ", ".join(str(one) for one in values if is_given(one))
