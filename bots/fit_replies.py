"""From the verdict on a machine, several machines side by side or what formats need, to a message."""

from collections.abc import Sequence

from bots.answers import AskedAnswer, Judgement, Machine, Requirement
from bots.enquiry import Enquiry
from bots.figures import show_count, show_gib, show_tokens, show_usd
from bots.message import Field, Message, compose, plain
from bots.option_words import (
    bullets,
    deployment_words,
    gpu_words,
    limits_field,
    memory_field,
    quality_field,
    rate_words,
    request_words,
    speed_field,
    warnings_field,
)
from bots.plan_replies import model_field
from bots.readings import Reading, doubt_fields, price_note_field, understood_fields
from bots.refusal_words import change_words
from bots.tables import table
from bots.words import Words

PAIRS_ON_A_PAGE = 12


def judgement_message(answer: AskedAnswer, *, reading: Reading, words: Words) -> Message:
    """Return the message that says whether it fits, how far it reaches, and what would make it fit."""
    one = answer.judgement
    changes = [change_words(change, words=words) for change in one.changes or []]
    return compose(
        content=_sentence(one, answer, words=words),
        title=words.say("fit_title", load=request_words(answer, words=words)),
        fields=[
            *doubt_fields(reading, words=words),
            Field(name=words.say("why"), value=plain(one.reason)) if one.reason else None,
            Field(name=words.say("would_fit"), value=bullets(changes)) if changes else None,
            memory_field(one, words=words),
            speed_field(one, words=words),
            limits_field(one, words=words),
            *understood_fields(reading, answer, words=words),
            quality_field(one, words=words),
            warnings_field(one.warnings, words=words),
            _others_field(answer.others or [], words=words),
            model_field(answer, words=words),
        ],
    )


def comparison_message(answer: AskedAnswer, *, reading: Reading, words: Words) -> Message:
    """Return the message with the machines side by side."""
    machines = answer.machines or []
    heading = ("GPU", "", words.say("column_context"), words.say("column_batch"), "$/h")
    rows = [heading, *(_machine_row(machine) for machine in machines)]
    load = request_words(answer, words=words)
    return compose(
        content=plain(_holding_words(machines, load=load, words=words) + _cheapest_words(machines, words=words)),
        title=words.say("comparison_title", count=len(machines), load=load),
        description=table(rows, right=(2, 3, 4), elastic=0),
        fields=[
            *doubt_fields(reading, words=words),
            *(_machine_field(machine, answer, words=words) for machine in machines),
            price_note_field(reading, words=words),
            *understood_fields(reading, answer, words=words),
            warnings_field(answer.warnings, words=words),
            model_field(answer, words=words),
        ],
    )


def requirements_message(answer: AskedAnswer, *, enquiry: Enquiry, reading: Reading, words: Words) -> Message:
    """Return the message with what each pair of formats needs, the least first."""
    pairs = answer.requirements or []
    start = enquiry.page * PAIRS_ON_A_PAGE
    heading = (words.say("column_weights"), "KV", "GiB", words.say("column_smallest"))
    rows = [heading, *map(_pair_row, pairs[start : start + PAIRS_ON_A_PAGE])]
    load = request_words(answer, words=words)
    least = _least_words(pairs[0], load=load, words=words) if pairs else ""
    return compose(
        content=plain(least or words.say("nothing_runs", load=load)),
        title=words.say("memory_title", load=load),
        description=table(rows, right=(2,), elastic=3) if pairs else "",
        fields=[
            *doubt_fields(reading, words=words),
            *understood_fields(reading, answer, words=words),
            model_field(answer, words=words),
        ],
        footer=words.say("pairs", count=len(pairs)),
    )


def requirements_pages(answer: AskedAnswer) -> int:
    """Return on how many pages the pairs of formats are shown."""
    return -(-len(answer.requirements or []) // PAIRS_ON_A_PAGE)


def _sentence(one: Judgement, answer: AskedAnswer, *, words: Words) -> str:
    verdict = words.say(
        "verdict",
        gpus=gpu_words(one),
        deployment=deployment_words(one, answer, words=words),
        load=request_words(answer, words=words),
        verdict=words.value(f"it_{one.verdict or 'has_no_verdict'}"),
    )
    # what holds nothing reaches nowhere
    reach = ("verdict_reach" if one.max_batch else "verdict_context") if one.max_context else ""
    values = {"context": show_tokens(one.max_context), "batch": show_count(one.max_batch)}
    return plain(
        verdict + (words.say(reach, **values) if reach else "") + rate_words(one, "verdict_speed", words=words)
    )


def _others_field(others: Sequence[Judgement], *, words: Words) -> Field | None:
    lines = [words.say("named", name=gpu_words(one), text=words.value(one.verdict or "?")) for one in others]
    return Field(name=words.say("others"), value=bullets(lines)) if lines else None


def _holding_words(machines: Sequence[Machine], *, load: str, words: Words) -> str:
    """Return which machines hold the load, and on which it is tight."""
    judged = [one.judgement for one in machines if one.judgement is not None]
    fitting, tight = ([gpu_words(one) for one in judged if one.verdict == verdict] for verdict in ("fits", "tight"))
    if fitting:
        also = words.say("tight_too", gpus=words.list(tight)) if tight else ""
        return words.say("some_hold", load=load, gpus=words.list(fitting)) + also
    return words.say("tight_on", load=load, gpus=words.list(tight)) if tight else words.say("none_holds", load=load)


def _cheapest_words(machines: Sequence[Machine], *, words: Words) -> str:
    """Return which of several machines that hold the load costs least; nothing where that is no question."""
    prices = [
        (machine.cheapest.usd_per_hour, number)
        for number, machine in enumerate(machines)
        if machine.judgement is not None
        and machine.judgement.verdict == "fits"
        and machine.cheapest is not None
        and machine.cheapest.usd_per_hour is not None
    ]
    if len(prices) < 2:  # noqa: PLR2004 - one alone is not the cheapest of anything
        return ""
    price, number = min(prices)
    offer, judgement = machines[number].cheapest, machines[number].judgement or Judgement()
    return words.say(
        "cheapest_of_them",
        gpus=gpu_words(judgement),
        price=f"{show_usd(price)}/h",
        provider=(offer and offer.provider) or "?",
    )


def _machine_row(machine: Machine) -> tuple[str, ...]:
    one = machine.judgement or Judgement()
    price = machine.cheapest and machine.cheapest.usd_per_hour
    sign = {"fits": "✓", "tight": "~"}.get(one.verdict or "", "✗")
    return (
        gpu_words(one),
        sign,
        show_tokens(one.max_context) if one.max_context != 0 else "-",
        show_count(one.max_batch) if one.max_batch != 0 else "-",
        "-" if price is None else show_usd(price).removeprefix("$"),
    )


def _machine_field(machine: Machine, answer: AskedAnswer, *, words: Words) -> Field:
    one = machine.judgement or Judgement()
    lines = [words.say("named", name=words.value(one.verdict or "?"), text=deployment_words(one, answer, words=words))]
    memory = one.memory and one.memory.per_gpu
    if memory is not None and memory.headroom_bytes is not None:
        spare, usable = memory.headroom_bytes, show_gib(memory.usable_bytes)
        lines.append(
            words.say("short", short=show_gib(-spare), usable=usable)
            if spare < 0
            else words.say("spare", spare=show_gib(spare), usable=usable)
        )
    if rate := rate_words(one, "tokens_per_second", words=words):
        lines.append(rate)
    offer = machine.cheapest
    if offer is not None and offer.usd_per_hour is not None:
        price = f"{show_usd(offer.usd_per_hour)}/h"
        lines.append(words.say("cheapest_offer", price=price, provider=offer.provider or "?", date=offer.as_of or "?"))
    return Field(name=gpu_words(one), value="\n".join(map(plain, lines)))


def _least_words(pair: Requirement, *, load: str, words: Words) -> str:
    return words.say(
        "takes_from",
        load=load,
        least=show_gib(pair.needed_bytes),
        weights=pair.weight_format or "?",
        kv=pair.kv_cache_dtype or "?",
    )


def _pair_row(pair: Requirement) -> tuple[str, ...]:
    smallest = next(iter(pair.smallest_gpus or []), None)
    return (
        pair.weight_format or "?",
        pair.kv_cache_dtype or "?",
        "?" if pair.needed_bytes is None else f"{pair.needed_bytes / 2**30:.2f}",
        "-" if smallest is None else smallest.name or smallest.gpu_id or "?",
    )
