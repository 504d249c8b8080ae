"""What is said and said anew ("32k, sorry, 64k"), and the usual beside the most ("usually 4 users, 10 at peak")."""

from typing import Final

from planner.question.reading import Reading
from planner.question.sentence import Sentence

_VALUES: Final = frozenset(
    {
        "tokens_amount", "number", "gpu", "weight_format", "weight_bits", "bits_amount", "kv_cache_dtype", "money",
        "memory_amount", "provider", "region", "engine", "size", "rate_amount", "seconds_amount", "vendor", "pair",
        "instance_type", "pricing", "objective",
    }
)  # fmt: skip
_UNITS: Final = frozenset(
    {"user", "concurrent", "at_once", "device", "gpu", "measure", "context", "hour", "hourly", "month", "day"}
)
_CROWDS: Final = frozenset({"user", "concurrent", "user_adjective", "number", "pair", "device", "tokens_amount"})
_INTO: Final = "(comma|stop|minus|correction|no|about|at_most|max|at_least|for|on|at|in|to|budget|can|range)*"
_BOUND: Final = "(at_most|max|about|can|at_once)*"
_MOST_BEHIND: Final = 3
"""So many words behind a value may belong to it: "$2 per hour", "12 users at once"."""


def mend_corrections(sentence: Sentence) -> None:
    """Put each corrected value into the place of the one before of its kind, and drop the words that corrected it."""
    for match in sentence.find(f"(no comma?)? correction {_INTO}"):
        new = match.end
        old = _corrected(sentence, match.start, new) if sentence.kind(new) in _VALUES else None
        if old is None or sentence.kind(match.start - 1) == "or":
            # "32k, or make it 64k": either.
            continue
        behind = 1
        while behind <= _MOST_BEHIND and sentence.kind(new + behind) == sentence.kind(old + behind) != "":
            behind += 1
        sentence.put(old, sentence.lexemes[new])
        sentence.remove(match.start, new + behind)
    for match in sentence.find("correction"):
        sentence.remove(match.start, match.end)


def turn_side_by_side(sentence: Sentence) -> None:
    """Read "side by side: 4090, 5090" as a comparison, and "4 users side by side" as they are."""
    if sum(1 for _ in sentence.find("gpu")) > 1:
        for match in sentence.find("at_once"):
            if sentence.lexemes[match.start].text == "side by side" and sentence.kind(match.start - 1) not in _CROWDS:
                sentence.set_kind(match.start, "compare")
                sentence.lexemes[match.start].value = ""


def _corrected(sentence: Sentence, before: int, new: int) -> int | None:
    """Return the nearest value of the new one's kind before it, of the same unit where the new one has any."""
    kind, unit = sentence.kind(new), sentence.kind(new + 1)
    for old in range(before - 1, -1, -1):
        if sentence.kind(old) == kind and (unit not in _UNITS or sentence.kind(old + 1) == unit):
            return old
    return None


def refuse_usual(reading: Reading) -> None:
    """Refuse what is usual where what is the most is said as well: a plan must hold the most."""
    sentence = reading.sentence
    for match in sentence.find(f"peak {_BOUND} number measure (?!(gpu|device|brand|vendor|class|memory_amount))"):
        # "高峰 12 个": as many users.
        sentence.set_kind(match.end - 1, "user")
    if sentence.has("typical") and sentence.has("peak|at_most|max"):
        for load in ("tokens_amount context?", "(number|pair) (user|user_adjective|concurrent|at_once)+"):
            if sum(1 for _ in sentence.find(load)) > 1:
                for match in sentence.find(f"typical (for|on|at)? {load}|{load} typical"):
                    reading.refuse(match.start, match.end)
                    sentence.remove(match.start, match.end)
    for match in sentence.find("typical|peak"):
        sentence.remove(match.start, match.end)
