"""How many at the same moment: users, requests, sequences, "concurrent"."""

from typing import Final

from planner.question.context import APPROXIMATELY, JOIN, NOT_A_COUNT, doubt_values
from planner.question.reading import Reading
from planner.question.sentence import Match

_WHO: Final = (
    "(concurrent|user|user_adjective)* (concurrent|user|at_once) (at_once|concurrent|each|user|at_most|at_least)*"
)
_PERIODS: Final = "(second|minute|hour|day|week|month|hourly|monthly|year|per_second)"


def read_batch(reading: Reading) -> None:
    """Read the batch; requests per second or users per day say nothing about how many are held at one moment."""
    sentence = reading.sentence
    for pattern in (
        f"(number|tokens_amount) {_PERIODS}? (user|concurrent)* (per_time|(slash|per|each) {_PERIODS})",
        "(number|tokens_amount) (day|week|month|monthly|year|hourly) (concurrent|user)+",
        "(per_second|day|minute) number user",
        "number user (hourly|monthly|day|per_second)",
    ):
        for match in sentence.find(pattern):
            reading.refuse(match.start, match.end)
    _read_ranges(reading)
    _read_counts(reading)


def _read_ranges(reading: Reading) -> None:
    sentence = reading.sentence
    between = "(to|or|range|minus|and)"
    for pattern in (
        f"between? (number|pair) {between} (number|pair) (user_adjective)* (concurrent|user|at_once)+",
        f"batch {JOIN} between? number {between} number (?!{NOT_A_COUNT})",
    ):
        for match in sentence.find(pattern):
            if not sentence.holds(match, "and") or sentence.holds(match, "between"):
                doubt_values(reading, "batch", match)


def _read_counts(reading: Reading) -> None:
    sentence = reading.sentence
    for match in sentence.find(f"{APPROXIMATELY} number batch"):
        if sentence.lexemes[match.end - 1].text.startswith("并"):
            _say(reading, match)
    for match in sentence.find(
        f"batch {JOIN} {APPROXIMATELY} {JOIN} (number|pair) (?!kilo) (at_once|concurrent|user|at_most|at_least)*"
    ):
        _say(reading, match)
    for match in sentence.find(
        f"at_once? {APPROXIMATELY} (number|pair|single) (plus|at_least)? measure? tokens_amount? {_WHO}"
    ):
        held = sentence.indices(match, "tokens_amount")
        if held:
            reading.say_whole("context", sentence.number(held[0]), start=held[0])
        if sentence.holds(match, "single"):
            reading.say("batch", 1, start=match.start, end=match.end)
        else:
            _say(reading, match)
    for match in sentence.find("one_user"):
        reading.say("batch", 1, start=match.start)
    for match in sentence.find(f"(concurrent|user|at_once)+ {JOIN} {APPROXIMATELY} number (?!{NOT_A_COUNT})"):
        _say(reading, match)
    for match in sentence.find("number (at|times) tokens_amount"):
        reading.say_whole("batch", sentence.number(match.start), start=match.start, end=match.start + 2)


def _say(reading: Reading, match: Match) -> None:
    index = reading.sentence.first(match, "number", "pair")
    reading.say_whole("batch", reading.sentence.number(index), start=match.start, end=match.end)
