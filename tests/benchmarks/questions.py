"""What the question reader takes for the longest texts."""

from __future__ import annotations

import contextlib

from planner import InvalidRequest, Inventory, engine_facts, kv_cache_dtypes, models, weight_formats
from planner.question import MAX_QUESTION_CHARACTERS, Names, names_from, read_question
from tests.planner.question.longest import LONGEST_TEXTS, count_up, seconds_of

TRIES = 7


def print_questions(inventory: Inventory) -> None:
    """Print the processor time of the text that takes longest, the best of several tries of each."""
    names = names_from(inventory.gpus, inventory.offers, models(), weight_formats(), kv_cache_dtypes(), engine_facts())
    loop = min(seconds_of(count_up) for _ in range(TRIES))
    seconds = {
        kind: min(seconds_of(lambda text=text: _read(text, names)) for _ in range(TRIES))
        for kind, text in LONGEST_TEXTS.items()
    }
    kind = max(seconds, key=seconds.__getitem__)
    print(
        f"question, {MAX_QUESTION_CHARACTERS:,} characters   {1000 * seconds[kind]:.1f} ms of processor time at most"
        f" ({kind}; aim: under 5), {seconds[kind] / loop:.1f} times a plain loop"
    )


def _read(text: str, names: Names) -> None:
    with contextlib.suppress(InvalidRequest):
        read_question(text[:MAX_QUESTION_CHARACTERS], names=names)
