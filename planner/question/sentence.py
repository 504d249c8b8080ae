"""A sentence as a row of lexemes, and patterns over their kinds.

A pattern is written with the names of kinds: "(number) user at_once?". Each kind has one character, so that a row of
lexemes is a short string and a pattern a regular expression over it: no backtracking over the text itself.
"""

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from planner.question.words import meanings

_BUILT_IN = (
    "taken", "filler", "number", "unknown", "mark", "comma", "stop", "slash", "equals", "minus", "range", "dollar_sign",
    "foreign_sign", "cent_sign", "less", "more", "negative",
    "gpu", "model", "family", "weight_format", "weight_bits",
    "weight_choice", "kv_cache_dtype", "engine", "provider", "instance_type", "region",
    "version", "flag", "switch", "tokens_amount", "size", "memory_amount", "bits_amount", "money", "rate_amount",
    "seconds_amount", "count", "capital_place", "bandwidth", "odd_number",
)  # fmt: skip
KINDS = tuple(dict.fromkeys((*_BUILT_IN, *(kind for table in meanings() for kind in table))))
_CODES = {kind: chr(0xE000 + index) for index, kind in enumerate(KINDS)}


class Lexeme(Struct, gc=False):
    """A phrase with its kind, which one of that kind, its number if it has one, and its place in the original text."""

    kind: str
    value: str
    text: str
    start: int
    end: int
    gap: str
    number: float = 0.0


_MOST_REPEATED = 6


@lru_cache(maxsize=512)
def compile_pattern(text: str) -> re.Pattern[str]:
    """Return the regular expression of a pattern written in the names of kinds.

    "a*" and "a+" stand for at most six, so that the time of a search is bound by the sentence's length.
    """
    code = re.sub(r"[a-z_]+", lambda match: _CODES[match[0]], text).replace(" ", "")
    code = re.sub(
        "\\(((?:[\ue000-\uf8ff]\\|)*[\ue000-\uf8ff])\\)", lambda match: f"[{match[1].replace('|', '')}]", code
    )
    code = code.replace("*", f"{{0,{_MOST_REPEATED}}}").replace("+", f"{{1,{_MOST_REPEATED}}}")
    return re.compile(code.replace("(?:", "(").replace("(", "(?:").replace("(?:?", "(?"))


class Match(Struct, frozen=True, gc=False):
    """Where a pattern was found, by index of lexeme."""

    start: int
    end: int


class Sentence:
    """Lexemes with the fillers left out; rules take what they understand, and what is left shows in the end."""

    def __init__(self, text: str, lexemes: list[Lexeme]) -> None:
        """Keep the lexemes that carry meaning; `kinds` is their first reading, before any rule."""
        self.text = text
        self.lexemes = [lexeme for lexeme in lexemes if lexeme.kind != "filler"]
        self._codes = "".join([_CODES[lexeme.kind] for lexeme in self.lexemes])
        self.kinds = self._codes

    def find(self, pattern: str) -> Iterator[Match]:
        """Yield the places where `pattern` stands among the lexemes not yet taken, left to right.

        A place may be taken or merged before the next is looked for.
        """
        compiled = compile_pattern(pattern)
        position = 0
        while match := compiled.search(self._codes, position):
            length = len(self._codes)
            yield Match(*match.span())
            position = max(match.end() + len(self._codes) - length, match.start() + 1)

    def has(self, pattern: str, *, at_first: bool = False) -> bool:
        """Return whether `pattern` stands among the lexemes not yet taken, or `at_first` among all as first read."""
        return compile_pattern(pattern).search(self.kinds if at_first else self._codes) is not None

    def take(self, start: int, end: int | None = None) -> None:
        """Mark the lexeme at `start` (to `end`) as understood."""
        stop = start + 1 if end is None else end
        self._codes = self._codes[:start] + _CODES["taken"] * (stop - start) + self._codes[stop:]

    def set_kind(self, index: int, kind: str) -> None:
        """Read the lexeme at `index` as of another kind."""
        self.lexemes[index].kind = kind
        self._codes = self._codes[:index] + _CODES[kind] + self._codes[index + 1 :]

    def merge(self, start: int, end: int, kind: str, *, number: float = 0.0, value: str = "") -> None:
        """Replace the lexemes from `start` to `end` by one of another kind; only before other rules took anything."""
        first, last = self.lexemes[start], self.lexemes[end - 1]
        self.lexemes[start:end] = [
            Lexeme(
                kind=kind,
                value=value,
                text=" ".join(lexeme.text for lexeme in self.lexemes[start:end]),
                start=first.start,
                end=last.end,
                gap=first.gap,
                number=number,
            )
        ]
        self._codes = self._codes[:start] + _CODES[kind] + self._codes[end:]

    def put(self, index: int, lexeme: Lexeme) -> None:
        """Read the lexeme at `index` as if it were another one, in its own place; only before other rules."""
        here = self.lexemes[index]
        here.value, here.text, here.number = lexeme.value, lexeme.text, lexeme.number
        self.set_kind(index, lexeme.kind)

    def remove(self, start: int, end: int) -> None:
        """Leave out the lexemes from `start` to `end`: what stands around them meets; only before other rules."""
        del self.lexemes[start:end]
        self._codes = self._codes[:start] + self._codes[end:]

    def insert(self, index: int, lexeme: Lexeme) -> None:
        """Put `lexeme` before the one at `index`; only before other rules."""
        self.lexemes.insert(index, lexeme)
        self._codes = self._codes[:index] + _CODES[lexeme.kind] + self._codes[index:]

    def insert_comma(self, index: int) -> None:
        """Part the lexeme at `index` from the one before; only before other rules."""
        place = self.lexemes[index].start
        self.insert(index, Lexeme(kind="comma", value=",", text=",", start=place, end=place, gap=" "))

    def remember(self) -> None:
        """Keep the kinds as they are now, before the rules, as the first reading."""
        self.kinds = self._codes

    def kind(self, index: int) -> str:
        """Return the kind of the lexeme at `index` as it stands now ("taken" when understood, "" outside)."""
        return KINDS[ord(self._codes[index]) - 0xE000] if 0 <= index < len(self._codes) else ""

    def first_kind(self, index: int) -> str:
        """Return the kind that the lexeme at `index` was read as before any rule ("" outside)."""
        return KINDS[ord(self.kinds[index]) - 0xE000] if 0 <= index < len(self.kinds) else ""

    def indices(self, match: Match, *kinds: str) -> list[int]:
        """Return the indices within `match` of the lexemes that are now of one of `kinds`."""
        wanted = [_CODES[kind] for kind in kinds]
        codes = self._codes
        return [index for index in range(match.start, match.end) if codes[index] in wanted]

    def first(self, match: Match, *kinds: str) -> int:
        """Return the first index within `match` of a lexeme of one of `kinds`, which the pattern promises."""
        codes = self._codes[match.start : match.end]
        found = len(codes)
        for kind in kinds:
            place = codes.find(_CODES[kind], 0, found)
            found = place if place >= 0 else found
        return match.start + found

    def holds(self, match: Match, *kinds: str) -> bool:
        """Return whether a lexeme within `match` is of one of `kinds`."""
        codes = self._codes[match.start : match.end]
        for kind in kinds:  # noqa: SIM110  (asked thousands of times of a long text)
            if _CODES[kind] in codes:
                return True
        return False

    def touches(self, start: int, end: int) -> bool:
        """Return whether nothing but space stands between the lexemes from `start` to `end`: no filler was left out."""
        row = self.lexemes[start:end]
        return all(not self.text[one.end : other.start].strip() for one, other in itertools.pairwise(row))

    def number(self, index: int) -> float:
        """Return the number of the lexeme at `index`; a pair counts two."""
        lexeme = self.lexemes[index]
        return float(lexeme.value) if lexeme.kind == "pair" else lexeme.number

    def remaining(self) -> Iterator[int]:
        """Yield the indices of the lexemes that no rule took."""
        taken = _CODES["taken"]
        yield from (index for index, code in enumerate(self._codes) if code != taken)
