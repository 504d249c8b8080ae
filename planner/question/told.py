"""What a story tells before or after its question: "My 3060 OOMs at 16k. Which GPU gets me 64k?" asks for no 3060.

A stretch of text is told where a word says so ("tried", "sold", "works fine", "老是") and no question follows in the
same sentence. What it tells still counts where the question leaves it out ("I have 4 users today. Which GPU?"); where
the question says or asks for the same kind of thing, what was told is listed as ignored.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from planner.question.reading import Reading
from planner.question.sentence import Sentence
from planner.question.text import normalize
from planner.question.words import story

_STOP: Final = re.compile(r"[.!?;]+(?=\s|$)|(?<=[\u3400-\u9fff])[.!?;]+|\n+")
_CLAUSE: Final = re.compile(r"[,\u201a(]")
_MACHINES: Final = frozenset({"gpu", "instance_type", "memory_amount"})
_COUNTS: Final = frozenset({"number", "pair"})
_BEHIND_COUNTS: Final = frozenset({"user", "user_adjective", "concurrent", "at_once", "device"})
_NEVER_ASKED: Final = frozenset({"fit", "objective", "rate_amount", "vendor", "compare"})
"""What is told of a machine or a wish of before: it asks for nothing."""

_ASKED: Final = {
    "context": "how_much_context|(how_long|longest|max|how_much|how_many|which) (max|can|run|token|fit)* context|how_long",
    "batch": "how_many_users|how_many (can|run|fit|at|device)* (concurrent|user|user_adjective|at_once|can)|how_many stop",
    "memory": "(how_much|how_many|which) (min|requirement|can|run)* vram|vram (requirement|for|at)",
    "machine": "(which|how_many_gpus) (vendor|class|brand|number|objective|single)* device|upgrade_to|pricing"
    "|recommend (vendor|class|brand|number|objective|single)* device|which (can|run|requirement)* (pricing|upgrade_to)",
}


def refuse_told(reading: Reading) -> None:
    """Refuse what is told where the rest of the text says it anew or asks for it; before any other rule."""
    sentence = reading.sentence
    spans = list(_told_spans(sentence.text))
    if not spans:
        return
    told = [any(start <= lexeme.start < end for start, end in spans) for lexeme in sentence.lexemes]
    dropped = _dropped(sentence, told)
    for index in reversed(dropped):
        reading.refuse(index, index + 1)
        sentence.remove(index, index + 1)


def _dropped(sentence: Sentence, told: list[bool]) -> list[int]:
    """Return the lexemes that are told and that the rest says or asks for."""
    kinds = [sentence.kind(index) for index in range(len(told))]
    said = {kind for kind, is_told in zip(kinds, told, strict=True) if not is_told}
    if said <= {"stop", "comma", "unknown"}:
        return []
    asked = {what for what, pattern in _ASKED.items() if sentence.has(pattern)}
    is_machine_said = not said.isdisjoint({"gpu", "instance_type"})
    has_batch = any(
        kind in _COUNTS and not told[index] and kinds[index + 1] in _BEHIND_COUNTS - {"device"}
        for index, kind in enumerate(kinds[:-1])
    )
    dropped: list[int] = []
    for index, kind in enumerate(kinds):
        following = kinds[index + 1] if index + 1 < len(kinds) else ""
        if not told[index]:
            continue
        if (
            kind in _NEVER_ASKED
            or (kind in _MACHINES and (is_machine_said or "machine" in asked))
            or (kind == "memory_amount" and (kind in said or "memory" in asked))
            or (kind in {"tokens_amount"} and (kind in said or "context" in asked))
            or (kind in {"size", "model"} and not said.isdisjoint({"size", "model"}))
            or (kind in {"weight_format", "weight_bits", "provider", "money"} and kind in said)
            or (kind in _COUNTS and following in _BEHIND_COUNTS and (has_batch or "batch" in asked))
            or (kind in _COUNTS and following in _MACHINES and (is_machine_said or "machine" in asked))
        ):
            dropped.append(index)
    return dropped


def _told_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of `text` that are told, by their places in it."""
    plain, places = normalize(text)
    told, turns = _patterns()
    if not told.search(plain):
        return
    start = 0
    for stop in (*(match.start() for match in _STOP.finditer(plain)), len(plain)):
        if stop < start:
            continue
        if marker := told.search(plain, start, stop):
            turn = _turn_after(plain, marker.end(), stop, turns)
            if turn is not None or "?" not in plain[stop : stop + 2]:
                yield places[start], places[stop if turn is None else turn]
        start = stop + 1


def _turn_after(plain: str, start: int, stop: int, turns: re.Pattern[str]) -> int | None:
    """Return where the sentence turns from what is told to what is wanted, None where it does not."""
    match = turns.search(plain, start, stop)
    return None if match is None else match.start()


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = story()
    return _any_of(words.told), _any_of(words.turns)


def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    latin = "|".join(re.escape(phrase) for phrase in longest_first if phrase.isascii())
    han = "|".join(re.escape(phrase) for phrase in longest_first if not phrase.isascii())
    return re.compile(rf"\b(?:{latin})\b|{han}")
