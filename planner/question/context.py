"""How long: context, prompt and output tokens."""

from typing import Final

from planner.question.question import FieldValue
from planner.question.reading import Reading
from planner.question.sentence import Match

AMOUNT: Final = "(tokens_amount|number)"
APPROXIMATELY: Final = "(at_most|at_least|about|max|min)*"
JOIN: Final = "(equals|stop|in|at|on|for|budget|requirement|can|run)*"
NOT_A_COUNT: Final = (
    "(user|user_adjective|concurrent|at_once|times|device|gpu|brand|measure|pair|kilo|billion|bit|rate|day|prompt"
    "|output)"
)
"""What follows a number that belongs to it, and not to the word before."""

LEAST_PLAUSIBLE: Final = 256
_ACTIVITIES: Final = frozenset({"thinking", "reasoning", "generation", "decode", "gen", "思考", "生成"})
"""Words for what a model does; a number behind them need not be how much of it."""

_LEAST_BARE: Final = 1024
_LEAST_PART: Final = 32
"""A prompt or an answer below this many tokens was most likely meant in thousands."""

_BARE_STEP: Final = 256
_THOUSAND: Final = 1000
_KILO: Final = 1024


def read_context(reading: Reading) -> None:
    """Read the context wherever it is named as such, and prompt and output tokens."""
    _read_prompt_and_output(reading)
    _read_named_context(reading)


def _read_prompt_and_output(reading: Reading) -> None:
    """Read "20k in + 2k out", "prompt 20k, output 2k": together they are the context, unless that is said too."""
    sentence = reading.sentence
    joint = "(plus|comma|and|slash|stop|on|for|max|at_most|about)*"
    amount = f"{APPROXIMATELY} {AMOUNT}"
    for pattern in (
        f"{amount} (prompt|in) {joint} {amount} output",
        f"{amount} (slash|plus|comma) {amount} (prompt|in) (slash|plus|comma|and) output",
        f"(prompt|in) {JOIN} {amount} {joint} output {JOIN} {amount}",
        f"prompt {JOIN} {amount} {joint} {amount} output",
        f"{amount} (prompt|in) {joint} output {JOIN} {amount}",
        f"({amount} output|output {JOIN} {amount}) {joint} ({amount} prompt|prompt {JOIN} {amount})",
        f"prompt (slash|plus|comma|and) output {JOIN} {amount} (slash|plus|comma|and) {amount}",
    ):
        for match in sentence.find(pattern):
            prompt, output = (sentence.number(index) for index in sentence.indices(match, "number", "tokens_amount"))
            if min(prompt, output) < _LEAST_PART:
                reading.doubt(
                    ({"context": int((prompt + output) * _KILO)}, {"context": int(prompt + output)}),
                    start=match.start,
                    end=match.end,
                )
            elif _is_said_too(reading, prompt + output):
                reading.sentence.take(match.start, match.end)
            elif sentence.has("tokens_amount context|context (tokens_amount|number)"):
                reading.say_whole("prompt_tokens", prompt, start=match.start, end=match.end)
                reading.say_whole("output_tokens", output, start=match.start, end=match.end)
            else:
                reading.say_whole("context", prompt + output, start=match.start, end=match.end)
    for field, kind in (("prompt_tokens", "prompt"), ("output_tokens", "output")):
        for match in sentence.find(f"{amount} {kind}|{kind} (equals|stop)* {amount} (?!context)"):
            index = sentence.first(match, "tokens_amount", "number")
            is_amount = sentence.kind(index) == "tokens_amount" or sentence.number(index) >= LEAST_PLAUSIBLE
            word = sentence.lexemes[sentence.first(match, kind)].text
            is_activity = index > match.start and word in _ACTIVITIES and sentence.kind(match.start) == kind
            if is_amount and not is_activity:
                reading.say_whole(field, sentence.number(index), start=match.start, end=match.end)


def _is_said_too(reading: Reading, total: float) -> bool:
    """Return whether the sum of prompt and output is the context beside them: "32k context (28k in + 4k out)"."""
    sentence = reading.sentence
    named = f"tokens_amount context|context {JOIN} (tokens_amount|number)"
    return any(
        sentence.number(sentence.first(match, "tokens_amount", "number")) == total for match in sentence.find(named)
    )


def _read_named_context(reading: Reading) -> None:
    sentence = reading.sentence
    if sentence.has("tokens_amount each|each tokens_amount"):
        for match in sentence.find("total (context|equals)* tokens_amount|tokens_amount context? (in|at)? total"):
            # "4 users with 16k each, so 64k in total": all that they hold together.
            reading.refuse(match.start, match.end)
    for match in sentence.find(f"{AMOUNT} (range|to|or|minus) {AMOUNT} context"):
        doubt_values(reading, "context", match)
    for match in sentence.find(
        f"{APPROXIMATELY} tokens_amount (plus|at_most|at_least|about|max|min)* each? context each?"
    ):
        _say(reading, match, "tokens_amount")
    for match in sentence.find(f"context {JOIN} {APPROXIMATELY} {JOIN} tokens_amount (each|outside|at_most|at_least)*"):
        _say(reading, match, "tokens_amount")
    _read_bare_context(reading)
    for match in sentence.find("full_context"):
        reading.say("context", reading.names.max_context, start=match.start)


def _read_bare_context(reading: Reading) -> None:
    """Read a context given as a plain number: "ctx 8192", "8192 context"; a small one is asked back."""
    sentence = reading.sentence
    for match in sentence.find(f"context {JOIN} {APPROXIMATELY} {JOIN} number"):
        if sentence.number(match.end - 1) >= LEAST_PLAUSIBLE and sentence.kind(match.end) in {"gpu", "device", "brand"}:
            _say(reading, match, "number")
    for match in sentence.find(f"context {JOIN} {APPROXIMATELY} {JOIN} number (?!{NOT_A_COUNT})"):
        number = sentence.lexemes[match.end - 1]
        is_set = sentence.holds(match, "equals") or sentence.lexemes[match.start].value == "flag" or number.gap == "-"
        if is_set or not 0 < number.number < LEAST_PLAUSIBLE:
            _say(reading, match, "number")
        elif sentence.kind(match.start - 1) != "number":
            _doubt_thousands(reading, match)
    for match in sentence.find("number context each?"):
        if sentence.kind(match.start - 1) == "number":
            reading.refuse(match.start - 1, match.end)
        elif 0 < sentence.number(match.start) < LEAST_PLAUSIBLE:
            _doubt_thousands(reading, match)
        else:
            _say(reading, match, "number")


def _say(reading: Reading, match: Match, kind: str) -> None:
    index = reading.sentence.first(match, kind)
    reading.say_whole("context", reading.sentence.number(index), start=match.start, end=match.end)


def _doubt_thousands(reading: Reading, match: Match) -> None:
    """A context of 32 is most likely one of 32k, but that is not what was said."""
    number = reading.sentence.number(reading.sentence.first(match, "number"))
    readings: tuple[dict[str, FieldValue], ...] = ({"context": int(number * _KILO)}, {"context": int(number)})
    reading.doubt(readings, start=match.start, end=match.end)


def doubt_values(reading: Reading, field: str, match: Match) -> None:
    """Ask which of several numbers is meant; "16-32k" is 16k or 32k."""
    sentence = reading.sentence
    amounts = sentence.indices(match, "number", "tokens_amount", "pair")
    is_scaled = any(sentence.kind(index) == "tokens_amount" for index in amounts)
    numbers = [sentence.number(index) for index in amounts]
    values = [
        int(number * _KILO if is_scaled and number < LEAST_PLAUSIBLE else min(number, 1e12)) for number in numbers
    ]
    if len(set(values)) == 1:
        reading.say(field, values[0], start=match.start, end=match.end)
        return
    reading.doubt([{field: value} for value in values], start=match.start, end=match.end)


def read_left_amounts(reading: Reading) -> None:
    """Read an amount of tokens without a name as the context, and a round bare number where no context was said."""
    sentence = reading.sentence
    for match in sentence.find(f"{AMOUNT} (range|minus|to|or) tokens_amount"):
        doubt_values(reading, "context", match)
    for match in sentence.find(f"{APPROXIMATELY} tokens_amount plus? (each|user|concurrent|at_least|at_most)*"):
        counted = reading.has("batch") or sentence.has(
            "how_many|how_much|longest|max concurrent|concurrent tokens_amount user", at_first=True
        )
        if sentence.holds(match, "user") and not counted:
            _doubt_users(reading, match)
        else:
            _say(reading, match, "tokens_amount")
    if reading.has("context") or reading.ambiguous:
        return
    for match in sentence.find("number (?!(gpu|device|brand|times|money|measure))"):
        number = sentence.number(match.start)
        is_round = number % _BARE_STEP == 0 or number % _THOUSAND == 0
        if number >= _LEAST_BARE and is_round:
            reading.say_whole("context", number, start=match.start)


def _doubt_users(reading: Reading, match: Match) -> None:
    """Read "8k users" both ways: eight thousand of them, or users of 8k each."""
    tokens = int(min(reading.sentence.number(reading.sentence.first(match, "tokens_amount")), 1e12))
    people = tokens // _KILO * _THOUSAND if tokens % _KILO == 0 else tokens
    reading.doubt(({"batch": people}, {"context": tokens}), start=match.start, end=match.end)
