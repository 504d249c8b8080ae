"""Numbers written as words, English and Chinese."""

from collections.abc import Sequence
from typing import Final

_UNITS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL: Final[dict[str, int]] = {
    **{word: value for value, word in enumerate(_UNITS.split())},
    **{word: 10 * value for value, word in enumerate(_TENS.split(), start=2)},
}
_BEFORE_MULTIPLE: Final[dict[tuple[str, ...], float]] = {
    ("half",): 0.5, ("half", "a"): 0.5,
    ("couple",): 2, ("couple", "of"): 2, ("a", "couple"): 2, ("a", "couple", "of"): 2,
}  # fmt: skip
_MULTIPLES: Final[dict[str, int]] = {"dozen": 12, "hundred": 100, "thousand": 1000}
NUMBER_WORDS: Final = frozenset(_SMALL) | frozenset(_MULTIPLES) | {begin[0] for begin in _BEFORE_MULTIPLE}
"""Words that a number may begin with."""


def read_english_number(words: Sequence[str]) -> tuple[int, int] | None:
    """Return the number that `words` begin with ("two hundred" is 200, "a" is none) and how many words it takes."""
    if words[0] not in _SMALL and words[0] not in _MULTIPLES:
        return _read_half_or_couple(words)
    total = 0
    last = 0
    taken = skipped = 0
    for word in words:
        if word == "and" and last == _MULTIPLES["hundred"]:
            skipped += 1
            continue
        small = _SMALL.get(word)
        multiple = _MULTIPLES.get(word)
        if small is not None and (taken == 0 or _follows(total, last, small)):
            total, last = total + small, small
        elif multiple is not None and total < multiple and (taken or word != "thousand"):
            total, last = (total or 1) * multiple, multiple
        else:
            break
        taken += 1 + skipped
        skipped = 0
    return (total, taken) if taken else None


def _read_half_or_couple(words: Sequence[str]) -> tuple[int, int] | None:
    """Read "half a dozen", "a couple of hundred"."""
    for index, word in enumerate(words):
        if word in _MULTIPLES:
            factor = _BEFORE_MULTIPLE.get(tuple(words[:index]))
            return None if factor is None else (int(factor * _MULTIPLES[word]), index + 1)
    return None


def _follows(total: int, last: int, small: int) -> bool:
    """Return whether a small number may come behind: "twenty five", "one hundred sixty", but not "one two"."""
    if last in _MULTIPLES.values() and last != _MULTIPLES["dozen"]:
        return True
    return total > 0 and last % 10 == 0 and last >= _FIRST_TEN and 0 < small < _TEN


_TEN: Final = 10
_FIRST_TEN: Final = 20
_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "\u3007": 0}
_SCALES: Final = {"十": 10, "百": 100, "千": 1000}
NUMERALS: Final = frozenset(_DIGITS) | frozenset(_SCALES) | {"万"}
_MYRIAD: Final = 10_000


def read_chinese_number(numerals: str) -> int | None:
    """Return the value of Chinese numerals ("十六" is 16, "两百" 200, "一万" 10,000), or None where they make none."""
    head, myriad, tail = numerals.partition("万")
    if myriad:
        upper, lower = _read_below_myriad(head), _read_below_myriad(tail) if tail else 0
        if tail in _DIGITS and lower:
            # "三万二" is 32,000.
            lower *= _MYRIAD // 10
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
    is_short = last_scale < _MYRIAD and last_scale > _TEN and numerals[-2:-1] in _SCALES
    # "两百五" is 250, "两百零五" 205.
    return total + (digit or 0) * (last_scale // 10 if is_short else 1) if numerals else None
