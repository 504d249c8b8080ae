"""From how far context and batch reach on a machine to a message."""

from collections.abc import Mapping, Sequence
from typing import Final

from bots.answers import AskedAnswer, Frontier, Machine
from bots.enquiry import Enquiry
from bots.figures import show_count, show_tokens
from bots.message import Field, Message, compose, plain
from bots.option_words import bullets
from bots.plan_replies import model_field
from bots.readings import Reading, doubt_fields, understood_fields
from bots.tables import table
from bots.words import Words

FORMATS_ON_A_PAGE = 12

_GOOD_TIERS: Final = ("lossless", "near_lossless")
# every context and batch is in the answer
_BESIDE: Final = ("context", "batch")
_CONTEXTS_SHOWN: Final = (8192, 32768, 131_072)


def limits_message(answer: AskedAnswer, *, enquiry: Enquiry, reading: Reading, words: Words) -> Message:
    """Return the message with the largest context of one sequence and the largest batches, format by format."""
    pages = _pages(answer)
    if not pages:
        return compose(
            content=words.say("no_limits"),
            fields=[
                *doubt_fields(reading, words=words),
                *understood_fields(reading, answer, words=words, beside=_BESIDE),
            ],
        )
    machine, frontiers = pages[min(enquiry.page, len(pages) - 1)]
    name = _name(machine)
    heading = (
        words.say("column_weights"),
        words.say("column_one"),
        *(show_tokens(context) for context in _CONTEXTS_SHOWN),
    )
    rows = [heading, *map(_row, frontiers)]
    farthest = _farthest(machine)
    return compose(
        content=plain(
            words.say(
                "reaches",
                gpus=name,
                context=show_tokens(_reach(farthest)),
                weights=farthest.weight_format or "?",
                kv=farthest.kv_cache_dtype or "?",
            )
        ),
        title=words.say("limits_title", gpus=name),
        description=table(rows, right=range(1, len(heading)), elastic=0),
        fields=[
            *doubt_fields(reading, words=words),
            Field(name=words.say("how_to_read"), value=words.say("limits_legend")),
            *understood_fields(reading, answer, words=words, beside=_BESIDE),
            _others_field([one for one in answer.machines or [] if one is not machine], words=words),
            model_field(answer, words=words),
        ],
    )


def limits_pages(answer: AskedAnswer) -> int:
    """Return on how many pages the machines and their formats are shown."""
    return len(_pages(answer))


def _others_field(machines: Sequence[Machine], *, words: Words) -> Field | None:
    """Return how far the other machines of the name reach, which are on other pages."""
    lines = [
        words.say(
            "named",
            name=_name(machine),
            text=words.say("context_up_to", context=show_tokens(_reach(_farthest(machine)))),
        )
        for machine in machines
    ]
    return Field(name=words.say("others"), value=bullets(lines)) if lines else None


def _farthest(machine: Machine) -> Frontier:
    return max(_good(machine.frontiers or []), key=_reach, default=Frontier())


def _pages(answer: AskedAnswer) -> list[tuple[Machine, list[Frontier]]]:
    """Return machine by machine the formats that go onto a page, one row for a weight format: the one that reaches."""
    pages: list[tuple[Machine, list[Frontier]]] = []
    for machine in answer.machines or []:
        frontiers = _best_of_each_format(_good(machine.frontiers or []))
        pages += [
            (machine, frontiers[start : start + FORMATS_ON_A_PAGE])
            for start in range(0, len(frontiers), FORMATS_ON_A_PAGE)
        ]
    return pages


def _good(frontiers: list[Frontier]) -> list[Frontier]:
    """Return those of a quality that a plan would choose; all, where there is none."""
    return [one for one in frontiers if one.tier in _GOOD_TIERS] or frontiers


def _best_of_each_format(frontiers: list[Frontier]) -> list[Frontier]:
    best: dict[str, Frontier] = {}
    for frontier in frontiers:
        name = frontier.weight_format or "?"
        if name not in best or _reach(frontier) > _reach(best[name]):
            best[name] = frontier
    return list(best.values())


def _reach(frontier: Frontier) -> int:
    """Return the largest context of a single sequence."""
    return max((one.max_context or 0 for one in frontier.contexts or [] if one.batch == 1), default=0)


def _row(frontier: Frontier) -> tuple[str, ...]:
    batches: Mapping[int | None, int | None] = {one.context: one.max_batch for one in frontier.batches or []}
    return (
        frontier.weight_format or "?",
        show_tokens(_reach(frontier)) if _reach(frontier) else "-",
        *(show_count(batches.get(context)) if batches.get(context) else "-" for context in _CONTEXTS_SHOWN),
    )


def _name(machine: Machine) -> str:
    name = machine.gpu and (machine.gpu.name or machine.gpu.gpu_id)
    return f"{machine.gpu_count or '?'}x {name or '?'}"
