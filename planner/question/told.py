"""What a story tells before or after its question: "My 3060 OOMs at 16k. Which GPU gets me 64k?" asks for no 3060.

A stretch of text is told where a word says so ("tried", "sold", "works fine", "老是") and no question follows in the
same sentence. What it tells still counts where the question leaves it out ("I have 4 users today. Which GPU?"); where
the question says or asks for the same kind of thing, what was told is listed as ignored.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import Final

from planner.question.context import LEAST_PLAUSIBLE
from planner.question.reading import Reading
from planner.question.sentence import Sentence
from planner.question.text import normalize
from planner.question.words import story

_STOP: Final = re.compile(r"[.!?;]+(?=\s|$)|(?<=[\u3400-\u9fff])[.!?;]+|\n+")
_HAN_STOP: Final = re.compile(r"[\u3002\uff01\uff1b]")
"""Marks that end a sentence whatever stands around them; their plain forms stand in names too: "llama.cpp"."""

_MACHINES: Final = frozenset({"gpu", "instance_type", "memory_amount"})
_COUNTS: Final = frozenset({"number", "pair"})
_BEHIND_COUNTS: Final = frozenset({"user", "user_adjective", "concurrent", "at_once", "device"})
_MODELS: Final = frozenset({"size", "model", "family"})
_FORMATS: Final = frozenset({"weight_format", "weight_bits", "bits_amount"})
_RESAID: Final = frozenset({"provider", "money", "engine", "region"})
"""What counts only once: where the question says it too, what was told is of before."""

_LIMITS: Final = frozenset({"budget", "at_most", "max"})
_MOST_BEFORE: Final = 4
_NEVER_ASKED: Final = frozenset({"fit", "objective", "rate_amount", "vendor", "compare"})
"""What is told of a machine or a wish of before: it asks for nothing."""

_ASKED: Final = {
    "context": "how_much_context|(how_long|longest|max|how_much|how_many|which) (max|can|run|token|fit)* context"
    "|how_long",
    "batch": "how_many_users|how_many (can|run|fit|at|device)* (concurrent|user|user_adjective|at_once|can)"
    "|how_many stop",
    "memory": "(how_much|how_many|which) (min|requirement|can|run)* vram|vram (requirement|for|at)",
    "machine": "(which|how_many_gpus) (vendor|class|brand|number|objective|single)* device|upgrade_to|pricing"
    "|recommend (vendor|class|brand|number|objective|single)* device|which (can|run|requirement)* (pricing|upgrade_to)"
    "|objective",
}


def refuse_told(reading: Reading) -> None:
    """Refuse what is told where the rest of the text says it anew or asks for it; before any other rule."""
    sentence = reading.sentence
    spans = list(_told_spans(sentence.text))
    if not spans:
        return
    # In their order, so that a place between two ends is within a span where an odd number of them lies before it.
    ends = [place for span in spans for place in span]
    told = [bisect_right(ends, lexeme.start) % 2 == 1 for lexeme in sentence.lexemes]
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
    asked = {what for what, pattern in _ASKED.items() if _asks(sentence, pattern, told)}
    is_machine_said = not said.isdisjoint({"gpu", "instance_type"})
    has_batch = any(
        kind in _COUNTS and not told[index] and kinds[index + 1] in _BEHIND_COUNTS - {"device"}
        for index, kind in enumerate(kinds[:-1])
    )
    is_length = [
        kind == "number" and sentence.number(index) >= LEAST_PLAUSIBLE and kinds[index + 1 : index + 2] != ["user"]
        for index, kind in enumerate(kinds)
    ]
    has_length = any(length and not is_told for length, is_told in zip(is_length, told, strict=True))
    dropped: list[int] = []
    for index, kind in enumerate(kinds):
        following = kinds[index + 1] if index + 1 < len(kinds) else ""
        if not told[index] or (kind in _MACHINES and "no" in kinds[max(0, index - _MOST_BEFORE) : index]):
            # What is told not to be wanted still is not: "neither the T4 nor the V100, way too old".
            continue
        if (
            kind in _NEVER_ASKED
            or (kind in _MACHINES and (is_machine_said or "machine" in asked))
            or (kind == "memory_amount" and (kind in said or "memory" in asked))
            or (kind == "tokens_amount" and (kind in said or has_length or "context" in asked))
            or (kind == "number" and is_length[index] and (has_length or "tokens_amount" in said))
            or (kind in _MODELS and not said.isdisjoint(_MODELS))
            or (kind in _FORMATS and not said.isdisjoint(_FORMATS))
            or (kind in _RESAID and kind in said)
            or (kind == "money" and "machine" in asked and not _is_limit(kinds, index))
            or (kind == "pricing" and sentence.lexemes[index].text == "bought")
            or (kind in _COUNTS and following in _BEHIND_COUNTS and (has_batch or "batch" in asked))
            or (kind in _COUNTS and following in _MACHINES and (is_machine_said or "machine" in asked))
        ):
            dropped.append(index)
    return dropped


def _asks(sentence: Sentence, pattern: str, told: list[bool]) -> bool:
    """Return whether the question, and not what is told beside it, holds `pattern`."""
    return any(not any(told[match.start : match.end]) for match in sentence.find(pattern))


def _is_limit(kinds: list[str], index: int) -> bool:
    """Return whether the money at `index` is what may be spent: "the budget today is $2 per hour"."""
    return not _LIMITS.isdisjoint(kinds[max(0, index - _MOST_BEFORE) : index + _MOST_BEFORE])


def _told_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of `text` that are told, by their places in it."""
    plain, places = normalize(text)
    told, turns = _patterns()
    if not told.search(plain):
        return
    if _HAN_STOP.search(text):
        originals = [text[place] for place in places[:-1]]
        ended = (
            "\n" if _HAN_STOP.match(original) else character
            for character, original in zip(plain, originals, strict=True)
        )
        plain = "".join(ended)
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
