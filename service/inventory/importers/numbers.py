"""Numbers and truths as catalogues write them."""

import math
import re
from typing import Final

# Python itself reads more: 1_000, digits of any script, nan and inf.
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_SHOWN: Final = 40
_ROUNDING: Final = 0.001
_TRUTHS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


class Unreadable(ValueError):
    """A cell that does not hold what its column promises; the message is the reason that a person reads."""


def read_number(text: str, *, column: str) -> float | None:
    """Return the number in a cell, None for an empty one: a decimal number in plain digits, as programs write them.

    Raises:
        Unreadable: it is none, not finite, or below zero.
    """
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise Unreadable(f"{column} is {text[:_SHOWN]!r}, not a number")
    number = float(text)
    if not math.isfinite(number) or number < 0:
        raise Unreadable(f"{column} is {text[:_SHOWN]}; allowed is a number from 0 up")
    return number


def read_price(text: str, *, column: str) -> float | None:
    """Return a price in US dollars an hour; an empty cell and a zero both say that there is none.

    Raises:
        Unreadable: it is no number, or below zero.
    """
    return read_number(text, column=column) or None


def read_truth(text: str, *, column: str) -> bool:
    """Return whether a cell says yes; an empty one says no.

    Raises:
        Unreadable: it says neither.
    """
    truth = _TRUTHS.get(text.casefold())
    if truth is None:
        raise Unreadable(f"{column} is {text[:_SHOWN]!r}; allowed are true and false")
    return truth


def is_spot_price(usd_per_hour: float, *, on_demand: float | None) -> bool:
    """Return whether a spot price is one: below the on-demand price by more than that price's rounding.

    Where there is no spot market, catalogues repeat the on-demand price, some with fewer places.
    """
    return on_demand is None or usd_per_hour < on_demand * (1 - _ROUNDING)
