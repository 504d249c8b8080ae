"""From an answer of the API to the text of a tool's result: what the Discord bot would say, without its markup."""

from bots.answers import AskAnswer, AskedAnswer
from bots.client import PlannerError, decode
from bots.enquiry import Enquiry, as_task
from bots.launch_replies import launch_message
from bots.message import Message, as_text
from bots.readings import Reading, reading_of_question
from bots.replies import ask_back, reply, reply_to_error
from bots.words import words_for

_WORDS = words_for("en")


def describe(tool: str, body: bytes) -> str:
    """Return the text of the answer `body` that the tool's path gave, with the launch command where there is one.

    Raises:
        PlannerUnreadable: the body is no such answer.
    """
    if tool != "ask":
        return "\n\n".join(map(as_text, _messages(decode(body, AskedAnswer), reading=Reading(), tool=tool)))
    asked = decode(body, AskAnswer)
    if asked.ambiguous or asked.answer is None:
        return as_text(ask_back(asked, enquiry=Enquiry(task="plan"), words=_WORDS))
    return "\n\n".join(map(as_text, _messages(asked.answer, reading=reading_of_question(asked), tool=tool)))


def describe_error(error: PlannerError) -> str:
    """Return what was wrong, in the API's words."""
    return as_text(reply_to_error(error, words=_WORDS))


def _messages(answer: AskedAnswer, *, reading: Reading, tool: str) -> list[Message]:
    # The enquiry makes buttons and pages, which a text has none of.
    enquiry = Enquiry(task=as_task(tool) or "plan")
    messages = [reply(answer, enquiry=enquiry, reading=reading, link=None, words=_WORDS)]
    if answer.outcome in ("plan", "judgement") and answer.verdict in (None, "fits", "tight"):
        messages.append(launch_message(answer, words=_WORDS))
    return messages
