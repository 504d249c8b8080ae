"""How many at the same moment: users, requests, sequences, "concurrent"."""

from typing import Final

from planner.question.context import APPROXIMATELY, JOIN, LEAST_PLAUSIBLE, NOT_A_COUNT, doubt_values
from planner.question.reading import Reading
from planner.question.sentence import Match, Sentence

_WHO: Final = (
    "(concurrent|user|user_adjective)* (concurrent|user|at_once) (at_once|concurrent|each|user|at_most|at_least)*"
)
_HELD_AT_ONCE: Final = (
    "(number|pair) measure? (user|user_adjective)* (concurrent|at_once)|number (run|can|device)+ (concurrent|at_once)"
    "|(at_once|concurrent) (user|budget|can|only|at_most|about|max|requirement|on)* (number|pair)"
    f"|batch {JOIN} {APPROXIMATELY} (number|pair) (?!{NOT_A_COUNT})"
)
_COUNTED_THINGS: Final = frozenset({"gpu", "device", "brand", "times", "measure", "vendor"})
_CARD_MEASURES: Final = ("张", "块", "颗", "片")
_COUNTED: Final = "(gpu|device|brand|vendor|class|memory_amount|unknown|number)"
_ASKING: Final = frozenset({"max", "longest", "which", "how_many", "how_long"})
_PERIODS: Final = "(second|minute|hour|day|week|month|hourly|monthly|year|per_second)"


def read_batch(reading: Reading) -> None:
    """Read the batch; requests per second or users per day say nothing about how many are held at one moment."""
    sentence = reading.sentence
    for pattern in (
        f"(number|tokens_amount) {_PERIODS}? (user|concurrent)* per_time",
        f"number {_PERIODS}? (user|concurrent)* (slash|per|each) {_PERIODS}",
        f"tokens_amount (user|concurrent)+ (slash|per|each) {_PERIODS}",
        f"(user|concurrent)+ (per_second|(slash|per) {_PERIODS})",
        "(number|tokens_amount) (day|week|month|monthly|year|hourly) (concurrent|user)+",
        "(per_second|day|minute) number user",
        "per_time (number|tokens_amount) (user|concurrent)*",
        "number user (hourly|monthly|day|per_second) (?!(rent|requirement|budget|money|at_most))",
    ):
        for match in sentence.find(pattern):
            reading.refuse(match.start, match.end)
    _read_ranges(reading)
    _refuse_headcounts(reading)
    _read_asker(reading)
    _read_counts(reading)


def _refuse_headcounts(reading: Reading) -> None:
    """Refuse the 20 of "a team of 20, but only 3 at once": how many there are beside how many are held at a moment."""
    sentence = reading.sentence
    is_multiplied = sentence.has("(user|concurrent|at_once) each|each (user|concurrent)")
    if is_multiplied:
        return
    held = {
        index
        for match in sentence.find(_HELD_AT_ONCE)
        for index in range(match.start, match.end)
        if not _counts_machines(sentence, match)
    }
    for match in sentence.find(f"group {APPROXIMATELY} (number|pair) user*|(number|pair) (user|user_adjective)+"):
        if held and held.isdisjoint(range(match.start, match.end)):
            reading.refuse(match.start, match.end)


def _counts_machines(sentence: Sentence, match: Match) -> bool:
    """Return whether "2 cards together" stands there; "5 of them together" counts the people spoken of."""
    devices = sentence.indices(match, "device")
    return any(not sentence.lexemes[index].text.startswith("of ") for index in devices)


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


def _read_asker(reading: Reading) -> None:
    """Read "just me" as one, "me and 3 colleagues" as four; how many "me and my family" are is not said."""
    sentence = reading.sentence
    for match in sentence.find("me_and (number|pair) (user|user_adjective)+"):
        number = sentence.number(sentence.first(match, "number", "pair")) + 1
        reading.say_whole("batch", number, start=match.start, end=match.end)
    for match in sentence.find("one_user (and|plus)|me_and user?"):
        reading.refuse(match.start, match.end)
    for match in sentence.find("one_user"):
        reading.say("batch", 1, start=match.start)


def _read_counts(reading: Reading) -> None:
    sentence = reading.sentence
    for match in sentence.find(f"{APPROXIMATELY} (number|pair) batch"):
        if sentence.lexemes[match.end - 1].text.startswith(("并", "concurrency", "parallel")):
            _say(reading, match)
    after = "(at_once|concurrent|user|at_most|at_least)*"
    for match in sentence.find(f"batch {JOIN} {APPROXIMATELY} {JOIN} (number|pair) (?!kilo) {after}"):
        is_asked = sentence.first_kind(match.start - 1) in _ASKING or sentence.holds(match, "on", "for", "at_most")
        if is_asked and sentence.kind(match.end) in _COUNTED_THINGS:
            # "Concurrency on 2 H100s", "the max batch two A100s can hold": the number is of what it is on.
            continue
        _say(reading, match)
    counted = "(number|pair|single) (plus|at_least|times|about)? measure?"
    for match in sentence.find(f"at_once? {APPROXIMATELY} {counted} tokens_amount? {_WHO}"):
        for held in sentence.indices(match, "tokens_amount"):
            reading.say_whole("context", sentence.number(held), start=held)
        _say(reading, match)
    for match in sentence.find(f"group {APPROXIMATELY} (number|pair) (user|user_adjective)*"):
        # "公司有两张 A100": they have cards there, not people.
        if not sentence.lexemes[match.end - 1].text.endswith(_CARD_MEASURES):
            _say(reading, match)
    for match in sentence.find(f"(concurrent|user|at_once)+ {JOIN} {APPROXIMATELY} number (?!{NOT_A_COUNT})"):
        _say(reading, match)
    _read_strangers(reading)
    _read_products(reading)


def _read_strangers(reading: Reading) -> None:
    """Read "6 plumbers at once" (whoever they are, there are six; the word stays to be listed), "only 10 are"."""
    sentence = reading.sentence
    for match in sentence.find("number unknown at_once"):
        reading.say_whole("batch", sentence.number(match.start), start=match.start)
        sentence.take(match.end - 1)
    for match in sentence.find(f"(at_once|concurrent) {JOIN} {APPROXIMATELY} number measure (?!{_COUNTED})"):
        # "同时在线最多 8 个".
        _say(reading, match)
    for match in sentence.find("number (run|can|device)+ (concurrent|at_once)+"):
        # "Never more than seven use it at once", "20 of them at once": of the people spoken of, not of the machines.
        if not _counts_machines(sentence, match):
            _say(reading, match)
    for match in sentence.find("(concurrent|user|at_once) number"):
        # "conc=8 L4".
        if sentence.lexemes[match.end - 1].gap == "-":
            _say(reading, match)
    for match in sentence.find(f"only {APPROXIMATELY} number (can|concurrent|at_once)"):
        _say(reading, match)


def _read_products(reading: Reading) -> None:
    """Read "4 x 32k", "8 @ 16k", "16384 x 4"."""
    sentence = reading.sentence
    for match in sentence.find("number times number"):
        first, last = sentence.number(match.start), sentence.number(match.end - 1)
        if min(first, last) < LEAST_PLAUSIBLE <= max(first, last):
            reading.say_whole("context", max(first, last), start=match.start, end=match.end)
            reading.say_whole("batch", min(first, last), start=match.start)
    for match in sentence.find("number (at|times) tokens_amount|tokens_amount times number (?!(gpu|device|brand))"):
        index = sentence.first(match, "number")
        joint = match.start + 1
        # "A 1080 at 32k" is a card that nobody here knows, not a batch.
        is_article = sentence.number(index) == 1 and sentence.lexemes[index].value == "word"
        is_version = is_article or (
            index == match.start and sentence.first_kind(index - 1) in {"family", "model", "engine", "unknown"}
        )
        if sentence.touches(match.start, match.end) and not is_version and sentence.number(index) < LEAST_PLAUSIBLE:
            reading.say_whole("batch", sentence.number(index), start=min(index, joint), end=max(index, joint) + 1)


def _say(reading: Reading, match: Match) -> None:
    if any(reading.sentence.lexemes[place].text.startswith("ollama") for place in range(match.start, match.end)):
        # "OLLAMA_NUM_PARALLEL=4" names the engine too.
        reading.say("engine", "ollama", start=match.start)
    index = reading.sentence.first(match, "number", "pair", "single")
    is_single = reading.sentence.kind(index) == "single"
    reading.say_whole("batch", 1 if is_single else reading.sentence.number(index), start=match.start, end=match.end)
