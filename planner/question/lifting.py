"""Conditions that a follow-up takes back ("any GPU", "no price limit", "预算不限") or scales ("double the context")."""

import re
from functools import cache
from typing import Final

from msgspec import Struct

from planner.question.text import normalize
from planner.question.words import following

_THE: Final = r"(?:(?:the|a|an|my|our|that|as many|as much|of the)\s+)?"
_LIMIT: Final = r"(?:limits?|caps?|ceilings?|restrictions?|constraints?|conditions?|filters?|requirements?)"
_LIMIT_HAN: Final = r"(?:的)?(?:限制|上限|要求|条件)"
_WELCOME: Final = r"(?:都行|都可以|均可|无所谓|随便)"


class Lifted(Struct, frozen=True, kw_only=True):
    """The fields taken back, the factors by field, and the text that is left to read, each character in its place."""

    fields: tuple[str, ...]
    factors: dict[str, float]
    adds: bool
    rest: str


class _Patterns(Struct, frozen=True, kw_only=True):
    lifts: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]
    factors: tuple[tuple[re.Pattern[str], str, float], ...]
    adds: re.Pattern[str]


def lift(text: str) -> Lifted:
    """Return what `text` takes back or scales, and `text` with those words blanked out."""
    plain, places = normalize(text)
    patterns = _patterns()
    rest = list(text)
    fields: list[str] = []
    factors: dict[str, float] = {}

    def blank(match: re.Match[str]) -> None:
        first, last = places[match.start()], places[match.end()]
        rest[first:last] = " " * (last - first)

    for pattern, field, factor in patterns.factors:
        if match := pattern.search(plain):
            factors.setdefault(field, factor)
            blank(match)
    for pattern, lifted in patterns.lifts:
        for match in pattern.finditer(plain):
            fields += lifted
            blank(match)
    added = patterns.adds.search(plain)
    if added and added.lastgroup == "word":
        blank(added)
    return Lifted(fields=tuple(dict.fromkeys(fields)), factors=factors, adds=added is not None, rest="".join(rest))


@cache
def _patterns() -> _Patterns:
    words = following()
    lifts = [(_lifting(condition.nouns), condition.fields) for condition in words.conditions.values()]
    lifts.append((re.compile(r"\banywhere\b|\bworldwide\b|全球"), words.conditions["region"].fields))
    factors = [
        (_scaling(phrases, names), field, float(factor))
        for factor, phrases in words.factors.items()
        for field, names in words.scaled.items()
    ]
    return _Patterns(
        lifts=tuple(lifts),
        factors=tuple(factors),
        adds=re.compile(r"\b(?P<word>add|include|including)\b|\b(?:also|too|as well|in addition)\b|也|加上|再加"),
    )


def _one_of(phrases: tuple[str, ...]) -> str:
    longest_first = sorted(phrases, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(phrase) for phrase in longest_first) + ")"


def _lifting(nouns: tuple[str, ...]) -> re.Pattern[str]:
    latin = _one_of(tuple(noun for noun in nouns if noun.isascii()))
    han = _one_of(tuple(noun for noun in nouns if not noun.isascii()))
    return re.compile(
        rf"\b(?:any|whatever|whichever|all)\s+{latin}s?\b(?:\s+(?:type|model|kind|{_LIMIT}))?"
        rf"(?:\s+(?:is|are|will do|works)(?:\s+(?:fine|ok|okay))?)?"
        rf"|\b(?:no|without|drop|remove|forget|ignore|lift)\s+{_THE}{latin}s?\s+{_LIMIT}\b"
        rf"|\b(?:drop|remove|forget|ignore|lift)\s+{_THE}{latin}s?\b"
        rf"|\b{latin}s?\s+(?:does\s?n'?t|does not)\s+matter\b"
        rf"|(?:不限|不限制|任何|任意|随便)(?:什么|哪个|哪家)?{han}{_WELCOME}?"
        rf"|(?:什么|哪家|哪个|哪种){han}{_WELCOME}"
        rf"|{han}(?:不限|{_WELCOME})"
        rf"|(?:取消|去掉|不要|没有|不设){han}{_LIMIT_HAN}"
    )


def _scaling(phrases: tuple[str, ...], names: tuple[str, ...]) -> re.Pattern[str]:
    factor, name = _one_of(phrases), _one_of(names)
    return re.compile(rf"(?<![\w.]){factor}\s*{_THE}(?:的)?{name}\b|{name}(?:数)?\s*{factor}")
