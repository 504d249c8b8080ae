"""Price ceilings: per hour, per month, or to buy. What has no field (a floor, a day, another currency) is refused."""

from typing import Final

from planner.question.question import FieldValue
from planner.question.reading import Reading
from planner.question.sentence import Match
from planner.question.text import has_han

_LOOSE: Final = "(at_most|max|budget|about|at_least)*"
_HELD: Final = "(at_most|max|budget|about|stop|rent|at_least|requirement|can|on|equals)*"
_AFTER: Final = "(at_most|max|about|budget|total|outside|rent)*"
_PERIOD: Final = "(hour|hourly|month|monthly|day|week|year|minute|second)"
_PERIOD_KINDS: Final = tuple(_PERIOD.strip("()").split("|"))
_NO_MONEY: Final = (
    "price_age|day|week|year|month|kilo|user|concurrent|at_once|device|gpu|times|bit|billion|gigabyte|token|context|measure"
    "|foreign"
)
_HOURLY: Final = frozenset({"hour", "hourly"})
_MONTHLY: Final = frozenset({"month", "monthly"})
_ONLY_HOURLY_BELOW_USD: Final = 15
_ONLY_LONGER_FROM_USD: Final = 100


def read_money(reading: Reading) -> None:
    """Read every amount of money that is left."""
    sentence = reading.sentence
    for match in sentence.find(
        "money (slash|per|each)* electricity (?!(rent|at|about|can|equals|stop)* money)"
        "|electricity+ (rent|at|at_most|about|can|equals|stop|in|for)* money ((slash|per|each)* electricity)?"
    ):
        price = sentence.first(match, "money")
        if sentence.lexemes[price].value == "foreign":
            reading.refuse(match.start, match.end)
        else:
            reading.say("electricity_usd_per_kwh", sentence.number(price), start=match.start, end=match.end)
    _read_bare_electricity(reading)
    for match in sentence.find(f"spent {_LOOSE} (money|tokens_amount) ((slash|per|each)* {_PERIOD})?"):
        # What somebody pays now, or paid, is no limit.
        reading.refuse(match.start, match.end)
    _read_bare_amounts(reading)
    _doubt_budget(reading)
    for pattern in (
        "money (slash|per)* (tokens_amount|mega? token|tpot)",
        f"{_LOOSE} money (slash|per|each)+ (device|gpu) (slash|per|each)* {_PERIOD}?",
        f"{_LOOSE} money (slash|per|each)? {_PERIOD} (slash|per|each)+ (device|gpu)",
    ):
        for match in sentence.find(pattern):
            reading.refuse(match.start, match.end)
    for pattern in (
        f"{_LOOSE} (hourly|monthly|day|week|year) {_HELD} money (?!(slash|per|each)* {_PERIOD}) {_AFTER}",
        f"{_LOOSE} money (at_most|max|about)* (slash|per|each)? {_PERIOD} {_AFTER}",
        f"{_LOOSE} money {_AFTER}",
    ):
        for match in sentence.find(pattern):
            _read_ceiling(reading, match)


def _read_bare_electricity(reading: Reading) -> None:
    """Read "electricity 0.25/kWh" as dollars; in Chinese it would more likely be yuan."""
    sentence = reading.sentence
    for match in sentence.find(
        "electricity+ (rent|at|at_most|about|can|equals|stop)* number ((slash|per|each)* electricity)?"
        "|number (slash|per|each)* electricity"
    ):
        if has_han(sentence.text):
            reading.refuse(match.start, match.end)
        else:
            price = sentence.number(sentence.first(match, "number"))
            reading.say("electricity_usd_per_kwh", price, start=match.start, end=match.end)


def _read_bare_amounts(reading: Reading) -> None:
    """Read "0.6/h" and "budget 400" as dollars; in Chinese they would more likely be yuan, and are left alone."""
    sentence = reading.sentence
    if has_han(sentence.text):
        return
    for pattern in (
        "(number|tokens_amount) (slash|per|each) (hour|month)",
        "(number|tokens_amount) (hourly|monthly)",
        f"budget {_LOOSE} (stop|equals)* number (?!({_NO_MONEY}))",
        f"rent (at_most|max)+ number (?!({_NO_MONEY}))",
    ):
        for match in sentence.find(pattern):
            index = sentence.first(match, "number", "tokens_amount")
            amount = sentence.lexemes[index]
            if amount.kind == "tokens_amount":
                amount.number = amount.number / 1024 * 1000
            amount.value = "usd"
            sentence.set_kind(index, "money")


def _doubt_budget(reading: Reading) -> None:
    """Read "budget 2k" as money to buy with, or ask whether it is money or tokens."""
    sentence = reading.sentence
    for match in sentence.find("(at_most|max)+ tokens_amount (to|for)?"):
        amount = sentence.lexemes[sentence.first(match, "tokens_amount")]
        is_price = sentence.first_kind(match.end) == "pricing" and "token" not in amount.text
        if is_price and "buy" in reading.values("pricing"):
            reading.say("max_usd", amount.number / 1024 * 1000, start=match.start, end=match.end)
    for match in sentence.find(f"budget {_LOOSE} (stop|equals)* tokens_amount (?!(context|token))"):
        amount = sentence.lexemes[match.end - 1]
        dollars = amount.number / 1024 * 1000
        if "token" in amount.text:
            continue
        if "buy" in reading.values("pricing"):
            reading.say("max_usd", dollars, start=match.start, end=match.end)
        else:
            tokens = int(min(amount.number, 1e12))
            choices: list[dict[str, FieldValue]] = [
                {"max_usd_per_month": dollars},
                {"max_usd": dollars, "pricing": "buy"},
                {"context": tokens},
            ]
            reading.doubt(choices, start=match.start, end=match.end)


def _read_ceiling(reading: Reading, match: Match) -> None:
    sentence = reading.sentence
    amount = sentence.lexemes[sentence.first(match, "money")]
    periods = {sentence.kind(index) for index in sentence.indices(match, *_PERIOD_KINDS)}
    span = {"start": match.start, "end": match.end}
    if amount.value == "foreign" or sentence.holds(match, "at_least"):
        reading.refuse(match.start, match.end)
    elif periods & _HOURLY:
        reading.say("max_usd_per_hour", amount.number, **span)
    elif periods & _MONTHLY:
        reading.say("max_usd_per_month", amount.number, **span)
    elif periods:
        reading.refuse(match.start, match.end)
    elif "buy" in reading.values("pricing"):
        reading.say("max_usd", amount.number, **span)
    elif amount.number < _ONLY_HOURLY_BELOW_USD:
        # Nothing of this kind is sold, or rented for a month, at such a price.
        reading.say("max_usd_per_hour", amount.number, **span)
    else:
        readings: list[dict[str, FieldValue]] = [
            {"max_usd_per_month": amount.number},
            {"max_usd": amount.number, "pricing": "buy"},
        ]
        if amount.number < _ONLY_LONGER_FROM_USD:
            readings.insert(0, {"max_usd_per_hour": amount.number})
        reading.doubt(readings, start=match.start, end=match.end)
