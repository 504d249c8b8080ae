"""The day whose prices are meant: "at the prices of March 2026", "as of 2026-03-01", "按 2026年3月的价格"."""

import calendar
import datetime as dt
import re
from typing import Final

from msgspec import Struct

from planner.question.text import normalize

_MONTHS: Final[tuple[str, ...]] = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_DATE: Final = (
    r"(?:(?P<year>20\d\d)[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?(?!\d)"
    r"|(?P<han_year>20\d\d)\s*年\s*(?P<han_month>\d{1,2})\s*月(?:\s*(?P<han_day>\d{1,2})\s*[日号])?"
    rf"|(?:(?P<early_day>\d{{1,2}})(?:st|nd|rd|th)?\s+)?(?P<word>{'|'.join(_MONTHS)})[a-z]*\.?"
    r"(?:\s+(?P<late_day>\d{1,2})(?:st|nd|rd|th)?,?)?\s+(?P<word_year>20\d\d))"
)
_PRICES: Final = r"(?:prices?|pricing|costs?|rates?)"
_LEAD: Final = (
    rf"(?:(?:(?:at|with|on|by)\s+)?(?:the\s+)?{_PRICES}\s+(?:as\s+)?(?:of|in|from|on|at)\s+|\bas\s+of\s+|按照?\s*)"
)
_TRAIL: Final = rf"(?:\s*(?:的)?\s*(?:价格|价钱|行情)|\s+{_PRICES}\b)"
_PATTERN: Final = re.compile(rf"{_LEAD}(?:the\s+)?{_DATE}{_TRAIL}?".replace("?P<", "?P<a_"))
_TRAILING: Final = re.compile(rf"{_DATE}{_TRAIL}".replace("?P<", "?P<b_"))


class Dated(Struct, frozen=True, kw_only=True):
    """A day, and the text that is left to read, each character in its place."""

    day: dt.date
    rest: str


def find_day_of_prices(text: str) -> Dated | None:
    """Return the day whose prices `text` asks for: of a month alone its last. None where it names no day, or none."""
    plain, places = normalize(text)
    if "20" not in plain:
        return None
    match = _PATTERN.search(plain) or _TRAILING.search(plain)
    if match is None:
        return None
    parts = {name.partition("_")[2]: value for name, value in match.groupdict().items() if value is not None}
    day = _day(parts)
    if day is None:
        return None
    first, last = places[match.start()], places[match.end()]
    return Dated(day=day, rest=text[:first] + " " * (last - first) + text[last:])


def _day(parts: dict[str, str]) -> dt.date | None:
    year = int(parts.get("year") or parts.get("han_year") or parts["word_year"])
    word = parts.get("word")
    month = _MONTHS.index(word) + 1 if word else int(parts.get("month") or parts["han_month"])
    if not 1 <= month <= len(_MONTHS):
        return None
    last = calendar.monthrange(year, month)[1]
    said = next((parts[name] for name in ("day", "han_day", "early_day", "late_day") if name in parts), None)
    day = last if said is None else int(said)
    return dt.date(year, month, day) if 1 <= day <= last else None
