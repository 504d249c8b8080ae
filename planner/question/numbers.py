"""Numbers written as words, English and Chinese."""

from typing import Final

ENGLISH_NUMBERS: Final[dict[str, int]] = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "dozen": 12,
    "fifteen": 15,
    "sixteen": 16,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "hundred": 100,
}
"""Numbers that people write out; larger and compound ones come as digits."""

_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "\u3007": 0}
_SCALES: Final = {"十": 10, "百": 100, "千": 1000}
NUMERALS: Final = frozenset(_DIGITS) | frozenset(_SCALES) | {"万"}
_MYRIAD: Final = 10_000


def read_chinese_number(numerals: str) -> int | None:
    """Return the value of Chinese numerals ("十六" is 16, "两百" 200, "一万" 10,000), or None where they make none."""
    head, myriad, tail = numerals.partition("万")
    if myriad:
        upper, lower = _read_below_myriad(head), _read_below_myriad(tail) if tail else 0
        return None if upper is None or lower is None else upper * _MYRIAD + lower
    return _read_below_myriad(numerals)


def _read_below_myriad(numerals: str) -> int | None:
    total = 0
    digit: int | None = None
    last_scale = _MYRIAD
    for character in numerals:
        scale = _SCALES.get(character)
        if scale is None:
            if digit is not None and digit != 0:
                return None
            digit = _DIGITS.get(character)
            if digit is None:
                return None
            continue
        if scale >= last_scale:
            return None
        total += (1 if digit is None else digit) * scale
        digit, last_scale = None, scale
    return total + (digit or 0) if numerals else None
