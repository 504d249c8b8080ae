"""Numbers with their units, made one: "32k", "24 GB", "$1.50", "40 tok/s", "4 bit", "8b", "500 ms"."""

from typing import Final

from planner.question.sentence import Match, Sentence
from planner.question.text import has_han

_KILO: Final = 1 << 10
_MEGA: Final = 1 << 20
_THOUSAND: Final = 1000
_MILLION: Final = 1_000_000
_MYRIAD: Final = 10_000
_CENTS: Final = 100
_LEAST_CENTS: Final = 5
"""Fewer cents nobody says without the word."""

_AFTER_NUMBER: Final = frozenset({"dollar", "dollars", "buck", "bucks", "pound", "pounds", "quid"})
"""Words of money that come behind their number: "per dollar 8k" is no price."""

_BEHIND_CENTS: Final = frozenset({"slash", "per", "hourly", "hour", "month", "monthly", "each"})

_AMOUNTS: Final = "(number|tokens_amount|money|memory_amount|rate_amount|seconds_amount|pair|bits_amount)"
_PERIOD: Final = "(slash|per|each)? (hour|hourly|month|monthly)"
_PRICE: Final = f"(money|(money|number) {_PERIOD})"
_UNIT: Final = "(each|user|concurrent|at_once|device|context|vram|weights|kv)?"
_LOAD: Final = f"{_AMOUNTS} {_UNIT} {_UNIT} {_UNIT}"
_AMOUNT_KINDS: Final = frozenset(_AMOUNTS.strip("()").split("|"))
_BOUNDED: Final = f"({_AMOUNTS[1:-1]}|hourly|hour|monthly|month|per|at_most|at_least|max|budget|rent|ttft|speed)"
_BEHIND_ITS_NUMBER: Final = (
    "or ",
    "tops",
    "and up",
    "capped",
    "cap",
    "ceiling",
    "limit",
    "以",
    "之",
    "内",
    "封顶",
    "起",
    "不到",
    "上限",
)
"""How bounds begin that stand behind their number."""

_SCALES: Final = frozenset({"kilo", "mega", "wan"})
_SECONDS_PER_MINUTE: Final = 60
_UNITS: Final = (
    ("rate_amount", "number (kilo|mega|wan)? plus? rate"),
    ("rate_amount", "number kilo? plus? token (slash|per) second"),
    ("rate_amount", "per_second (at_least|at_most|about|output|run|requirement|can)* number token"),
    ("rate_amount", "number token per_second"),
    ("bandwidth", "number (gigabyte|terabyte) (slash|per) second"),
    ("memory_amount", "number gigabyte"),
    ("bits_amount", "number bit"),
    ("size", "number billion parameter?"),
    ("seconds_amount", "number (second|millisecond|minute)|at_most second"),
    ("tokens_amount", "number (kilo|mega|wan) token?"),
    ("tokens_amount", "number token"),
)
"""Quantities by the kind that they become; money comes before them, for "$2k" is no context."""


def merge_quantities(sentence: Sentence) -> None:
    """Make one lexeme of each number and its unit."""
    _set_temperatures_apart(sentence)
    _set_places_apart(sentence)
    _set_people_apart(sentence)
    _merge_money(sentence)
    for kind, pattern in _UNITS:
        for match in sentence.find(pattern):
            is_decimal = kind == "rate_amount"
            number = _seconds(sentence, match) if kind == "seconds_amount" else _scaled(sentence, match, is_decimal)
            sentence.merge(match.start, match.end, kind, number=number)
    for match in sentence.find("(batch|context|tensor_parallel|gpu_count) equals? minus (number|tokens_amount)"):
        _make_negative(sentence, match.end - 1)
    _part_bounds(sentence)
    for match in sentence.find("minus (number|tokens_amount) (context|user|concurrent|device)"):
        if sentence.lexemes[match.start].gap == " ":
            _make_negative(sentence, match.start + 1)


def _part_bounds(sentence: Sentence) -> None:
    """Put a comma where a bound stands between two amounts: "64k, at most 2 GPUs", "4 张卡以内, 每月 450 美元"."""
    for match in sentence.find(f"({_PRICE}|{_LOAD}) (at_most|at_least) (?={_BOUNDED})"):
        # A Chinese period stands before its price: "batch 8 每月最多 450 美元".
        period = sentence.indices(Match(match.end - 2, match.end - 1), "hourly", "monthly", "hour", "month")
        if not period or not has_han(sentence.lexemes[match.end - 2].text):
            _part(sentence, match.end - 1)
    for match in sentence.find(f"({_PRICE}|{_LOAD}) (at_most|at_least)? max (?=(number|pair) device)"):
        sentence.insert_comma(match.end - 1)


def _part(sentence: Sentence, bound: int) -> None:
    text = sentence.lexemes[bound].text
    if text.startswith(_BEHIND_ITS_NUMBER) and not text.endswith(" to"):
        sentence.insert_comma(bound + 1)
    elif sentence.kind(bound + 1) in _AMOUNT_KINDS:
        sentence.insert_comma(bound)


def _make_negative(sentence: Sentence, index: int) -> None:
    """Put the minus before the number at `index` to it, where it is written to it."""
    amount = sentence.lexemes[index]
    if amount.gap == "":
        sentence.merge(index - 1, index + 1, amount.kind, number=-amount.number)


def _scaled(sentence: Sentence, match: Match, is_decimal: bool) -> float:  # noqa: FBT001  (a local matter)
    """Return the number of `match`; "k" is 1,024 of tokens and 1,000 of everything else."""
    number = 0.0
    scale = 1
    for lexeme in sentence.lexemes[match.start : match.end]:
        if lexeme.kind == "number":
            number = lexeme.number
        elif lexeme.kind == "grand":
            scale = _THOUSAND
        elif lexeme.kind in _SCALES:
            scale = _scale(lexeme.text, is_decimal=is_decimal)
    return number * scale


def _scale(text: str, *, is_decimal: bool) -> int:
    if text.startswith("k"):
        return _THOUSAND if is_decimal else _KILO
    if text in {"m", "mi"}:
        return _MILLION if is_decimal else _MEGA
    return {"万": _MYRIAD, "thousand": _THOUSAND, "千": _THOUSAND}.get(text, _MILLION)


def _seconds(sentence: Sentence, match: Match) -> float:
    if not sentence.holds(match, "number"):
        return 1.0
    number = sentence.number(sentence.first(match, "number"))
    if sentence.holds(match, "millisecond"):
        return number / _THOUSAND
    return number * _SECONDS_PER_MINUTE if sentence.holds(match, "minute") else number


def _set_temperatures_apart(sentence: Sentence) -> None:
    """Read the "C" of "70C" as unknown: cents have a time behind them."""
    for match in sentence.find("number cent"):
        if sentence.lexemes[match.end - 1].text == "c" and sentence.kind(match.end) not in _BEHIND_CENTS:
            sentence.set_kind(match.end - 1, "unknown")


def _set_places_apart(sentence: Sentence) -> None:
    """Read the "tokens in" of "100k tokens in Europe" as tokens: behind a prompt stands nothing of the kind."""
    for match in sentence.find(
        "prompt (region|provider|weight_format|weight_bits|kv_cache_dtype|gpu|vram|number (bit|gigabyte))"
    ):
        if sentence.lexemes[match.start].text.endswith(" in"):
            sentence.set_kind(match.start, "token")


def _set_people_apart(sentence: Sentence) -> None:
    """Read the "位" of "同时在线最多 8 位" as a measure of people, not as bits."""
    people = "(at_once|concurrent)"
    for match in sentence.find(f"{people} (at_most|max|about|can|requirement)* number bit|number bit {people}"):
        bit = sentence.first(match, "bit")
        if sentence.lexemes[bit].text == "位":
            sentence.set_kind(bit, "measure")


def _is_of_number_before(sentence: Sentence, match: Match) -> bool:
    """Return whether a sign of money has a number in words behind it, as in "400$ one time": it is not its own."""
    after = sentence.first(match, "dollar_sign", "foreign_sign") + 1
    return after < match.end and sentence.kind(after) == "number" and sentence.lexemes[after].value == "word"


def _merge_dollars_and_cents(sentence: Sentence) -> None:
    """Read "a dollar fifty per hour", "two dollars and 20 cents" as one price."""
    ends = "(?=(hourly|monthly|per|slash|at_most|max|comma|stop)|(?!.))"
    for match in sentence.find(f"number? dollar and? number (cent|{ends})"):
        amounts = [sentence.lexemes[index] for index in sentence.indices(match, "number")]
        cents = amounts[-1]
        is_spoken = cents.value == "word" or sentence.kind(match.end) in _BEHIND_CENTS
        is_said = sentence.holds(match, "cent") or (is_spoken and not sentence.holds(match, "and"))
        if is_said and cents.number < _CENTS and (cents.number >= _LEAST_CENTS or sentence.holds(match, "cent")):
            whole = amounts[0].number if len(amounts) > 1 else 1
            sentence.merge(match.start, match.end, "money", number=whole + cents.number / _CENTS, value="usd")


def _merge_named_prices(sentence: Sentence) -> None:
    """Read "$/hour: 1.5", where the unit stands before its number; in "2 $/h 8b" it stands behind."""
    for match in sentence.find("dollar_sign (slash|per) (hour|month) (stop|equals)* number"):
        if sentence.kind(match.start - 1) != "number":
            period = sentence.lexemes[match.start + 2]
            number = sentence.number(match.end - 1)
            sentence.merge(match.start, match.end, "money", number=number, value="usd")
            sentence.insert(match.start + 1, period)


def _merge_money(sentence: Sentence) -> None:
    _merge_dollars_and_cents(sentence)
    _merge_named_prices(sentence)
    for pattern in (
        "(region|foreign|unknown)? (dollar_sign|foreign_sign) number (kilo|mega|grand)?",
        "number grand (dollar|foreign)?",
        "number (kilo|wan)? (dollar|dollar_sign|foreign|foreign_sign|cent|cent_sign)",
        "(dollar|foreign) number (kilo|wan)?",
    ):
        for match in sentence.find(pattern):
            start = match.start
            if sentence.lexemes[start].text in _AFTER_NUMBER or _is_of_number_before(sentence, match):
                continue
            if sentence.kind(start) in {"region", "unknown"} and sentence.lexemes[start + 1].gap != "":
                start += 1
            number = _scaled(sentence, match, is_decimal=True)
            if sentence.holds(match, "cent", "cent_sign"):
                number /= _CENTS
            currency = "foreign" if sentence.holds(match, "foreign", "foreign_sign") else "usd"
            sentence.merge(start, match.end, "money", number=number, value=currency)
    for match in sentence.find("half? dollar (slash|per|each)? (hour|hourly|month|monthly)"):
        # "A dollar an hour", "half a dollar an hour".
        stop = sentence.first(match, "dollar") + 1
        sentence.merge(match.start, stop, "money", number=0.5 if stop > match.start + 1 else 1.0, value="usd")
    for match in sentence.find(
        "money (range|minus) (money|number)|between? money (to|and|or) money|between money and number"
        "|between number (and|to) money"
    ):
        # The upper end of a range is its ceiling.
        first, last = sentence.lexemes[sentence.first(match, "money")], sentence.lexemes[match.end - 1]
        upper = max(first.number, last.number)
        sentence.merge(match.start, match.end, "money", number=upper, value=first.value)
    for match in sentence.find("number measure"):
        # "2 块" is yuan where it counts no device.
        counts = sentence.kind(match.end) in {"gpu", "device", "brand", "vendor", "memory_amount", "class", "number"}
        if sentence.lexemes[match.end - 1].text == "块" and not counts:
            number = sentence.number(match.start)
            sentence.merge(match.start, match.end, "money", number=number, value="foreign")
