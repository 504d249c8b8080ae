"""Limits of speed and time: tokens per second of one user, time to first token, time per token."""

from typing import Final

from planner.question.question import FieldValue
from planner.question.reading import Reading
from planner.question.sentence import Match

_BOUNDED: Final = "(at_most|at_least|about|max|min|equals|in|on|can|at|requirement|outside)*"
_COMPARED: Final = f"(stop|{_BOUNDED.strip('()*')})*"
_SHORTEST_FIRST_TOKEN_SECONDS: Final = 0.5


def read_speed(reading: Reading) -> None:
    """Read every rate and every time that is left."""
    _read_rates(reading)
    _read_times(reading)


def _read_rates(reading: Reading) -> None:
    sentence = reading.sentence
    for match in sentence.find("(number|tokens_amount) (token|prompt|in|output)* (at_most|about|max)* seconds_amount"):
        # "1,000 tokens in under 10 seconds": how fast that is, no field says.
        if sentence.holds(match, "prompt", "in", "output"):
            reading.refuse(match.start, match.end)
    for match in sentence.find("compare rate_amount"):
        if sentence.lexemes[match.start].text.startswith(("faster", "quicker")):
            reading.say("min_tokens_per_second", sentence.number(match.end - 1), start=match.start, end=match.end)
        else:
            reading.refuse(match.start, match.end)
    for match in sentence.find(f"total {_COMPARED} speed? rate_amount|rate_amount (in|at)* total"):
        reading.refuse(match.start, match.end)
    for match in sentence.find(
        f"(speed stop? (can|run|each|to)*)? {_BOUNDED} rate_amount plus? (speed|each|at_least|output|min)*"
    ):
        rate = sentence.first(match, "rate_amount")
        if sentence.holds(match, "at_most"):
            reading.refuse(match.start, match.end)
        else:
            reading.say("min_tokens_per_second", sentence.number(rate), start=match.start, end=match.end)


def _read_times(reading: Reading) -> None:
    sentence = reading.sentence
    for field, kind in (("max_ttft_seconds", "ttft"), ("max_tpot_seconds", "tpot")):
        for pattern in (
            f"{kind} latency? {_COMPARED} seconds_amount {_BOUNDED}",
            f"(latency|at_most|max|about)* seconds_amount (slash|per|in|to|for|at_most)* {kind}",
        ):
            for match in sentence.find(pattern):
                _say_time(reading, field, match)
    for match in sentence.find("(latency|at_most|max|about)* seconds_amount (slash|per|each)* token"):
        _say_time(reading, "max_tpot_seconds", match)
    for match in sentence.find(f"latency {_COMPARED} seconds_amount {_BOUNDED}|(at_most|max)* seconds_amount latency"):
        seconds = sentence.number(sentence.first(match, "seconds_amount"))
        if seconds >= _SHORTEST_FIRST_TOKEN_SECONDS:
            _say_time(reading, "max_ttft_seconds", match)
        else:
            readings: tuple[dict[str, FieldValue], ...] = ({"max_ttft_seconds": seconds}, {"max_tpot_seconds": seconds})
            reading.doubt(readings, start=match.start, end=match.end)


def _say_time(reading: Reading, field: str, match: Match) -> None:
    sentence = reading.sentence
    if sentence.holds(match, "at_least"):
        reading.refuse(match.start, match.end)
        return
    seconds = sentence.number(sentence.first(match, "seconds_amount"))
    reading.say(field, seconds, start=match.start, end=match.end)
