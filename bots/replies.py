"""From an answer of the API, or the lack of one, to a message. Pure: no network, no clock, no Discord."""

import re
from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from bots.answers import AskAnswer, AskedAnswer, Problem
from bots.client import PlannerError, PlannerRefused, PlannerSlow, PlannerUnreachable, PlannerUnreadable
from bots.deployments import Option
from bots.enquiry import SOUGHT, Enquiry
from bots.figures import is_given, show_value
from bots.fit_replies import comparison_message, judgement_message, requirements_message, requirements_pages
from bots.limits_replies import limits_message, limits_pages
from bots.message import Field, Message, compose, cut, plain
from bots.most import at_the_most
from bots.most_replies import most_message
from bots.plan_replies import plan_message, plan_pages
from bots.readings import Reading, ambiguity_words, doubt_fields, reading_of_question, understood_fields
from bots.refinements import LARGEST_CONTEXT, fit_rows, plan_rows, reading_rows
from bots.words import Words

LONGEST_ALLOWED = 300
LONGEST_QUESTION = 1000


def reply(
    answer: AskedAnswer,
    *,
    enquiry: Enquiry,
    reading: Reading,
    link: str | None,
    has_own_machines: bool | None = None,
    longest_context: int = LARGEST_CONTEXT,
    words: Words,
) -> Message:
    """Return the message that shows `answer`; `link` is the address of the API request that gives the same.

    `has_own_machines` tells whether the inventory holds machines of one's own, None where that is not known;
    `longest_context` is the longest that the model can hold.
    """
    match answer.outcome:
        case "plan" | "infeasible":
            message = plan_message(
                answer, enquiry=enquiry, reading=reading, has_own_machines=has_own_machines, words=words
            )
            rows = plan_rows(
                enquiry,
                answer,
                pages=pages_of(answer),
                link=link,
                has_own_machines=has_own_machines,
                longest_context=longest_context,
                words=words,
            )
            return msgspec.structs.replace(message, rows=rows)
        case "judgement" if enquiry.task in SOUGHT:
            message = most_message(answer, enquiry=enquiry, reading=reading, words=words)
        case "judgement":
            message = judgement_message(answer, reading=reading, words=words)
        case "comparison":
            message = comparison_message(answer, reading=reading, words=words)
        case "requirements":
            message = requirements_message(answer, enquiry=enquiry, reading=reading, words=words)
        case "limits":
            message = limits_message(answer, enquiry=enquiry, reading=reading, words=words)
        case _:
            fields = [*doubt_fields(reading, words=words), *understood_fields(reading, answer, words=words)]
            return compose(content=words.say("nothing_to_show"), fields=fields, is_private=True)
    rows = fit_rows(
        enquiry,
        answer,
        changes=answer.changes or (),
        others=_machines_named(answer),
        launched=_launched(enquiry, answer),
        pages=pages_of(answer),
        link=link,
        longest_context=longest_context,
        words=words,
    )
    return msgspec.structs.replace(message, rows=rows)


def pages_of(answer: AskedAnswer) -> int:
    """Return on how many pages an answer is shown."""
    match answer.outcome:
        case "plan" | "infeasible":
            return plan_pages(answer)
        case "requirements":
            return requirements_pages(answer)
        case "limits":
            return limits_pages(answer)
        case _:
            return 1


def ask_back(asked: AskAnswer, *, enquiry: Enquiry, words: Words) -> Message:
    """Return the message that asks which reading of an ambiguous question is meant."""
    reading = reading_of_question(asked)
    doubts = words.say("semicolon").join(ambiguity_words(doubt, words=words) for doubt in reading.ambiguous)
    certain = msgspec.structs.replace(reading, ambiguous=())
    answer = AskedAnswer(request=dict(enquiry.fields))
    return msgspec.structs.replace(
        compose(
            content=plain(words.say("which_reading", doubts=doubts)),
            fields=[*doubt_fields(certain, words=words), *understood_fields(certain, answer, words=words)],
        ),
        rows=reading_rows(enquiry, asked, words=words),
    )


def reply_to_error(error: PlannerError, *, words: Words) -> Message:
    """Return the private message for an API that gave no answer."""
    match error:
        case PlannerRefused(problem=problem, status=status) if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _refusal_message(problem, words=words)
        case PlannerRefused(problem=problem):
            detail = f" {plain(problem.detail)}" if problem.detail else ""
            return apology(words.say("in_trouble") + detail)
        case PlannerUnreachable():
            return apology(words.say("unreachable"))
        case PlannerSlow(seconds=seconds):
            return apology(words.say("slow", seconds=f"{seconds:g}"))
        case PlannerUnreadable():
            return apology(words.say("unreadable"))
        case _:
            return apology(words.say("in_trouble"))


def reply_to_too_long(question: str, *, words: Words) -> Message:
    """Return the private message for a question over `LONGEST_QUESTION` characters."""
    return apology(words.say("too_long", count=f"{len(question):,}", most=f"{LONGEST_QUESTION:,}"))


def reply_to_lost(*, words: Words) -> Message:
    """Return the private message for a button whose enquiry is not kept any more."""
    return apology(words.say("lost", **_named({}, words=words)))


def apology(text: str) -> Message:
    """Return a private message of one line."""
    return compose(content=text, is_private=True)


def help_message(*, mention: str, commands: Mapping[str, str], words: Words) -> Message:
    """Return what the bot can do; `mention` is how it is addressed, `commands` are those that can be clicked, by name.

    A command that is not among them is called what the reader's Discord calls it.
    """
    parts = ("commands", "sentence", "refine", "read")
    values = {"mention": mention, **_named(commands, words=words)}
    return compose(
        content=words.say("help"),
        fields=[
            Field(name=words.say(f"help_{part}"), value=words.say(f"help_{part}_text", **values)) for part in parts
        ],
        is_private=True,
    )


def _named(commands: Mapping[str, str], *, words: Words) -> dict[str, str]:
    return {name: commands.get(name, f"/{command.name}") for name, command in words.commands.items()}


def _machines_named(answer: AskedAnswer) -> list[Option]:
    """Return the machines that the name asked for may mean: of a verdict, or of limits."""
    judged: list[Option] = [answer.judgement, *(answer.others or [])]
    reaching = [Option(gpu=one.gpu, gpu_count=one.gpu_count) for one in answer.machines or []]
    return [one for one in (*judged, *reaching) if one.gpu is not None]


def _launched(enquiry: Enquiry, answer: AskedAnswer) -> Enquiry | None:
    """Return the enquiry that the launch command answers: what was judged, or the most that the machine holds."""
    if answer.verdict not in ("fits", "tight") or answer.launch is None:
        return None
    return at_the_most(enquiry, answer) or enquiry


def _refusal_message(problem: Problem, *, words: Words) -> Message:
    if problem.code == "not_understood":
        return apology(words.say("not_understood"))
    detail = problem.detail or problem.title or words.say("no_reason")
    # the API's own sentence is in English
    named = (
        words.say("refused", field=words.field(problem.field)) + "\n"
        if problem.field and words.language != "en"
        else ""
    )
    fields: list[Field] = []
    for name, value in (("nearest", problem.nearest), ("allowed", problem.allowed)):
        said = show_value(problem.field or "", value, words=words)
        # the detail often says it already
        if is_given(value) and said not in detail:
            fields.append(Field(name=words.say(name), value=plain(_cut_list(said, LONGEST_ALLOWED))))
    return compose(content=plain(named + detail), fields=fields, is_private=True)


def _cut_list(listed: str, limit: int) -> str:
    """Return a list, or as many of its items as fit `limit` with an ellipsis."""
    kept = cut(listed, limit)
    whole = re.match(r"(.+[,\uff0c]\s*)", kept, re.DOTALL)
    return kept if kept == listed or whole is None else f"{whole[1].rstrip()} …"
