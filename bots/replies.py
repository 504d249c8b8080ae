"""From an answer of the API, or the lack of one, to a message. Pure: no network, no clock, no Discord."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import cast

from bots.answers import Ambiguity, AskAnswer, Option, PlanAnswer, Problem
from bots.client import PlannerError, PlannerRefused, PlannerSlow, PlannerUnreachable, PlannerUnreadable
from bots.figures import is_given, show_field, show_value
from bots.fit_replies import comparison_message, judgement_message, requirements_message
from bots.message import Field, Message, compose, cut, plain
from bots.option_words import (
    bullets,
    gpu_words,
    headline,
    launch_fields,
    limits_field,
    memory_field,
    options_table,
    price_field,
    price_words,
    provider_words,
    quality_field,
    request_words,
)
from bots.refusal_words import REJECTIONS_SHOWN, change_words, refused_field, rejection_field

LONGEST_ALLOWED = 300
LONGEST_QUESTION = 1000

# fields of a request that shape the list, not the deployment
_LIST_FIELDS = ("assumed", "limit", "group")
# what every request says unless it was told otherwise, and no plan says it assumed
_DEFAULTS = {"objective": "cheapest", "electricity_usd_per_kwh": 0.15, "utilization": 1.0, "allow_tight": False}


def reply_to_plan(answer: PlanAnswer) -> Message:
    """Return the message for a plan: what was understood is the request less what was assumed."""
    request = answer.request or {}
    given = {
        name: value
        for name, value in request.items()
        if name not in _assumed(answer) and (name not in _DEFAULTS or value != _DEFAULTS[name])
    }
    return _plan_message(answer, given=given)


def reply_to_question(asked: AskAnswer) -> Message:
    """Return the message for a question asked in a sentence."""
    understood = asked.understood or {}
    doubts = [*_ambiguous_fields(asked.ambiguous or []), *_ignored_fields(asked.ignored or [])]
    answer = asked.answer
    if answer is not None and answer.outcome in ("plan", "infeasible"):
        return _plan_message(answer, given=understood, assumed=asked.assumed, doubts=doubts)
    reading = [*_request_fields("Understood", understood), *doubts]
    if answer is not None:
        assumed = {name: (answer.request or {}).get(name) for name in asked.assumed or []}
        reading[1:1] = _request_fields("Assumed", assumed)
        match answer.outcome:
            case "judgement":
                return judgement_message(answer, reading)
            case "comparison":
                return comparison_message(answer, reading)
            case "requirements":
                return requirements_message(answer, reading)
            case _:
                pass
    return compose(content="I read the question, but there is no plan to show for it.", fields=reading, is_private=True)


def reply_to_error(error: PlannerError) -> Message:
    """Return the private message for an API that gave no answer."""
    match error:
        case PlannerRefused(problem=problem, status=status) if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _refusal_message(problem)
        case PlannerRefused(problem=problem):
            detail = f" It says: {plain(problem.detail)}" if problem.detail else ""
            return _apology(f"The planner is in trouble and cannot answer now.{detail} Try again in a minute.")
        case PlannerUnreachable():
            return _apology(
                "The planner cannot be reached. Nothing is wrong with your question: try again in a minute."
            )
        case PlannerSlow(seconds=seconds):
            return _apology(f"The planner took longer than {seconds:g} seconds and I stopped waiting. Try again later.")
        case PlannerUnreadable():
            return _apology("The planner's answer could not be read: bot and planner may be of different versions.")
        case _:
            return _apology("The planner gave no answer. Try again in a minute.")


def reply_to_too_long(question: str) -> Message:
    """Return the private message for a question over `LONGEST_QUESTION` characters."""
    return _apology(f"The question has {len(question):,} characters; I read at most {LONGEST_QUESTION:,}.")


def help_message(*, mention: str, plan_command: str) -> Message:
    """Return what the bot can do; `mention` is how it is addressed, `plan_command` how its command is shown."""
    return compose(
        content="I find the cheapest GPU and quantization that will serve DeepSeek-R1 8B.",
        fields=[
            Field(
                name="Fill in what you know",
                value=f"{plan_command}: the context (tokens of one sequence, such as 32k) and what else matters: batch,"
                " model, weight format, GPU, provider, pricing, price ceiling, quality floor. What you leave out is"
                " assumed, and the answer says so.",
            ),
            Field(
                name="Or ask in a sentence",
                value=f"{mention} what GPU for 8B at 32k?\n{mention} 128k context, batch 4, under $1/h\n"
                f"{mention} does 8B in fp8 fit on an L4 at 16k?\n{mention} max context on a 3090 with fp16 weights",
            ),
            Field(
                name="How to read the answer",
                value="Prices are per hour for the whole instance, with their date. Memory is per GPU, part by part."
                " Quality never falls below near-lossless unless you ask for it.",
            ),
        ],
        is_private=True,
    )


def _plan_message(
    answer: PlanAnswer,
    *,
    given: dict[str, object],
    assumed: Sequence[str] | None = None,
    doubts: Sequence[Field] = (),
) -> Message:
    request = answer.request or {}
    names = _assumed(answer) if assumed is None else assumed
    reading = [
        *_request_fields("Understood", given),
        *_request_fields("Assumed", {name: request.get(name) for name in names}),
        *doubts,
    ]
    if answer.outcome == "plan" and answer.options:
        return _options_message(answer, answer.options, reading)
    return _infeasible_message(answer, reading)


def _options_message(answer: PlanAnswer, options: list[Option], reading: list[Field]) -> Message:
    best = options[0]
    parts = [
        *launch_fields(best),
        price_field(best),
        memory_field(best),
        limits_field(best),
        quality_field(best),
        Field(name="Warnings", value=bullets(best.warnings)) if best.warnings else None,
        *reading,
        _model_field(answer),
        _indicative_field(answer),
        refused_field(answer.rejections or []),
    ]
    return compose(
        content=headline(best, answer),
        title=f"Cheapest GPU for {request_words(answer)}",
        description=options_table(options),
        fields=[part for part in parts if part is not None],
        footer=_inventory_words(answer),
    )


def _infeasible_message(answer: PlanAnswer, reading: list[Field]) -> Message:
    rejections = answer.rejections or []
    changes = [words for rejection in rejections if (words := change_words(rejection))]
    way_out = f" Smallest change that would fit: {plain(changes[0])}" if changes else ""
    parts = [
        *reading,
        *(rejection_field(rejection) for rejection in rejections[:REJECTIONS_SHOWN]),
        _model_field(answer),
        _indicative_field(answer),
    ]
    return compose(
        content=f"Nothing fits {request_words(answer)}.{way_out}",
        title=f"No deployment for {request_words(answer)}",
        fields=[part for part in parts if part is not None],
        footer=_inventory_words(answer),
    )


def _refusal_message(problem: Problem) -> Message:
    detail = problem.detail or problem.title or "The planner refused the request without a reason."
    fields: list[Field] = []
    for name, value in (("Nearest", problem.nearest), ("Allowed", problem.allowed)):
        words = show_value(problem.field or "", value)
        # the detail often says it already
        if is_given(value) and words not in detail:
            fields.append(Field(name=name, value=plain(cut(words, LONGEST_ALLOWED))))
    return compose(content=plain(detail), fields=fields, is_private=True)


def _apology(text: str) -> Message:
    return compose(content=text, is_private=True)


def _request_fields(heading: str, values: Mapping[str, object]) -> list[Field]:
    words = [
        show_field(name, value)
        for name, value in values.items()
        # a switch that is off is how everybody has it
        if is_given(value) and value is not False and name not in _LIST_FIELDS
    ]
    return [Field(name=heading, value=plain("; ".join(words)))] if words else []


def _ambiguous_fields(ambiguous: Sequence[Ambiguity]) -> list[Field]:
    lines = [f'"{doubt.text}": {" or ".join(map(_reading_words, doubt.readings or []))}' for doubt in ambiguous]
    return [Field(name="Could mean several things, ignored", value=bullets(lines))] if lines else []


def _reading_words(reading: Mapping[str, object]) -> str:
    return ", ".join(show_field(name, value) for name, value in reading.items())


def _ignored_fields(ignored: Sequence[str]) -> list[Field]:
    quoted = "; ".join(f'"{text}"' for text in ignored)
    return [Field(name="Not understood, ignored", value=plain(quoted))] if quoted else []


def _model_field(answer: PlanAnswer) -> Field | None:
    reason = answer.model.reason if answer.model is not None else None
    return Field(name="Model", value=plain(reason)) if reason else None


def _indicative_field(answer: PlanAnswer) -> Field | None:
    option = answer.indicative
    if option is None:
        return None
    text = (
        f"{gpu_words(option)} at {provider_words(option)}, {price_words(option)}: a price seen, "
        "not one that can be ordered as it stands"
    )
    return Field(name="Cheapest indicative price", value=plain(text))


def _inventory_words(answer: PlanAnswer) -> str:
    inventory = answer.inventory
    if inventory is None:
        return ""
    words: list[str] = []
    if inventory.offers is not None:
        words.append(f"{inventory.offers:,} offers")
    if inventory.oldest_price and inventory.newest_price:
        words.append(f"prices of {inventory.oldest_price} to {inventory.newest_price}")
    if inventory.revision is not None:
        words.append(f"inventory revision {inventory.revision}")
    return ", ".join(words)


def _assumed(answer: PlanAnswer) -> list[str]:
    names = (answer.request or {}).get("assumed")
    return [str(name) for name in cast("list[object]", names)] if isinstance(names, list) else []
