"""From the verdict on a machine, several machines side by side or what formats need, to a message."""

from collections.abc import Sequence

from bots.answers import AskedAnswer, Compared, Judgement, Requirement
from bots.figures import show_engine, show_gib, show_tokens, show_usd
from bots.message import Field, Message, code_block, compose, plain
from bots.option_words import (
    bullets,
    gpu_words,
    launch_fields,
    limits_field,
    memory_field,
    model_words,
    quality_field,
    request_words,
)

ROWS_SHOWN = 12

_VERDICTS = {
    "fits": "fits",
    "tight": "is tight: inside the measured noise, it may start or not",
    "does_not_fit": "does not fit",
    "cannot_run": "cannot run there",
}


def judgement_message(answer: AskedAnswer, reading: Sequence[Field]) -> Message:
    """Return the message that says whether it fits, how far it reaches, and what would make it fit."""
    one = answer.judgement
    changes = [change.message for change in one.changes or [] if change.message]
    parts = [
        Field(name="Why", value=plain(one.reason)) if one.reason else None,
        Field(name="Would fit", value=bullets(changes)) if changes else None,
        memory_field(one),
        limits_field(one),
        *(launch_fields(one) if one.verdict == "fits" else []),
        quality_field(one),
        Field(name="Warnings", value=bullets(one.warnings)) if one.warnings else None,
        _others_field(answer.others or []),
        *reading,
        _model_field(answer),
    ]
    return compose(
        content=_sentence(one, answer),
        title=f"Does {request_words(answer)} fit?",
        fields=[part for part in parts if part is not None],
    )


def comparison_message(answer: AskedAnswer, reading: Sequence[Field]) -> Message:
    """Return the message with the machines side by side."""
    machines = answer.machines or []
    rows = [("", "weights", "KV", "engine", "spare GiB", "context", "batch", "$/h"), *map(_machine_row, machines)]
    fitting = [gpu_words(one.judgement) for one in machines if one.judgement and one.judgement.verdict == "fits"]
    said = f"of these, {' and '.join(fitting)} hold it" if fitting else "none of these holds it"
    parts = [
        *reading,
        Field(name="Warnings", value=bullets(answer.warnings)) if answer.warnings else None,
        _model_field(answer),
    ]
    return compose(
        content=plain(f"{request_words(answer)}: {said}."),
        title=f"{len(machines)} machines for {request_words(answer)}",
        description=_table(rows),
        fields=[part for part in parts if part is not None],
    )


def requirements_message(answer: AskedAnswer, reading: Sequence[Field]) -> Message:
    """Return the message with what each pair of formats needs, the least first."""
    pairs = answer.requirements or []
    rows = [("weights", "KV", "engine", "quality", "GiB", "smallest GPU"), *map(_pair_row, pairs[:ROWS_SHOWN])]
    least = f" from {show_gib(pairs[0].needed_bytes)} up" if pairs else " nothing that runs"
    rest = len(pairs) - ROWS_SHOWN
    parts = [*reading, _model_field(answer)]
    return compose(
        content=plain(f"{request_words(answer)} takes{least}, by weight format and KV cache."),
        title=f"Memory for {request_words(answer)}",
        description=_table(rows),
        fields=[part for part in parts if part is not None],
        footer=f"and {rest} more pairs of formats, which need more" if rest > 0 else "",
    )


def _sentence(one: Judgement, answer: AskedAnswer) -> str:
    verdict = _VERDICTS.get(one.verdict or "", "has no verdict")
    return plain(
        f"{model_words(one, answer)} as {one.weight_format or '?'} with {one.kv_cache_dtype or '?'} KV cache on "
        f"{show_engine(one.engine)}, {request_words(answer)}, on {gpu_words(one)}: it {verdict}. "
        f"Largest context at this batch {show_tokens(one.max_context)}, largest batch at this context "
        f"{'?' if one.max_batch is None else f'{one.max_batch:,}'}."
    )


def _others_field(others: Sequence[Judgement]) -> Field | None:
    lines = [f"{gpu_words(one)}: {_VERDICTS.get(one.verdict or '', 'no verdict')}" for one in others]
    return Field(name="The name also means", value=bullets(lines)) if lines else None


def _model_field(answer: AskedAnswer) -> Field | None:
    reason = answer.model.reason if answer.model is not None else None
    return Field(name="Model", value=plain(reason)) if reason else None


def _machine_row(machine: Compared) -> tuple[str, ...]:
    one = machine.judgement or Judgement()
    memory = one.memory and one.memory.per_gpu
    headroom = None if memory is None else memory.headroom_bytes
    price = machine.cheapest and machine.cheapest.usd_per_hour
    return (
        f"{gpu_words(one)} {(one.verdict or '?').replace('_', ' ')}",
        one.weight_format or "?",
        one.kv_cache_dtype or "?",
        show_engine(one.engine) if one.engine else "?",
        "?" if headroom is None else f"{headroom / 2**30:.2f}",
        show_tokens(one.max_context),
        "?" if one.max_batch is None else f"{one.max_batch:,}",
        "-" if price is None else show_usd(price),
    )


def _pair_row(pair: Requirement) -> tuple[str, ...]:
    smallest = next(iter(pair.smallest_gpus or []), None)
    return (
        pair.weight_format or "?",
        pair.kv_cache_dtype or "?",
        show_engine(pair.engine) if pair.engine else "?",
        pair.tier or "?",
        "?" if pair.needed_bytes is None else f"{pair.needed_bytes / 2**30:.2f}",
        "none" if smallest is None else smallest.name or smallest.gpu_id or "?",
    )


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return code_block("\n".join(lines))
