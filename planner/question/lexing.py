"""From tokens to lexemes: known phrases, numbers, marks, mended slips of the finger."""

import unicodedata
from typing import Final

import msgspec

from planner.question.lexicon import Entry, Lexicon
from planner.question.name_like import join_name_like
from planner.question.numbers import NUMBER_WORDS, NUMERALS, read_chinese_number, read_english_number
from planner.question.sentence import Lexeme
from planner.question.text import Token, cut
from planner.question.words import places

_MARKS: Final = {
    ",": "comma", "\u201a": "comma", ".": "stop", "!": "stop", "?": "stop", ";": "stop", ":": "stop", "/": "slash",
    "|": "slash",
    "-": "minus", "=": "equals", "~": "about", "≈": "about", "$": "dollar_sign", "¢": "cent_sign", "<": "at_most",
    "≤": "at_most", ">": "at_least", "≥": "at_least", "+": "plus", "@": "at", "\u00d7": "times", "*": "times",
    "%": "percent", "&": "and", "€": "foreign_sign", "£": "foreign_sign", "¥": "foreign_sign", "₹": "foreign_sign",
    "₩": "foreign_sign",
}  # fmt: skip
_FLAGS: Final = {
    "c": "context", "np": "batch", "tp": "tensor_parallel", "ctk": "kv", "ctv": "kv", "ctx": "context", "n": "batch",
}  # fmt: skip
_BEFORE_PRONOUN: Final = frozenset(
    {
        "let", "tell", "give", "help", "for", "of", "show", "get", "to", "among", "with", "all", "gave", "gives",
        "sold", "lets", "lent", "told", "sent", "makes", "made", "wants", "cost", "costs", "saves", "got",
    }
)  # fmt: skip
_OF_PLACES: Final = frozenset({"hosted", "based", "located", "preferred", "need"})
_WELCOMING: Final = frozenset({"ok", "okay", "fine"})
_WELCOMED: Final = frozenset({"vendor", "class"})
"""What is merely allowed where "ok" stands behind it: "gaming cards ok"."""

_ARTICLES: Final = frozenset({"a", "my", "our", "your"})
_COUNTED: Final = frozenset({"token", "kilo", "context", "dollar", "prompt", "output", "rate"})
_MONEY_SIGNS: Final = frozenset({"dollar_sign", "foreign_sign"})
_RANGE_ENDS: Final = frozenset({"number", "kilo", "mega", "gigabyte", "billion", "bit", "wan"})
_PLURAL: Final = frozenset({"gpu", "provider", "pricing"})
_BATCHES: Final = frozenset(float(1 << power) for power in range(10))
"""Batches that people write as "b16"; other numbers behind a "b" are names."""

_LAST_LATIN: Final = "\u024f"
_MOST_MENDED: Final = 40
_SHORTEST_FILLER: Final = 6
"""Shorter words that change nothing are near to too many that would."""

_MOST_NUMBER_WORDS: Final = 5
_MOST_LEXEMES: Final = 500
"""More words that carry meaning no question has: what comes behind them is listed as it stands."""

_MOST_NUMERALS: Final = 20
"""A row of more Chinese numerals is no number; it is not read again from each of its characters to its end."""

_DOLLARS: Final = frozenset("美刀")
_NUMERAL_STARTS: Final = NUMBER_WORDS | NUMERALS


def read_lexemes(text: str, lexicon: Lexicon) -> list[Lexeme]:
    """Return the lexemes of `text`, fillers included."""
    return join_name_like(_Lexer(text, lexicon).read())


class _Lexer:
    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        self._tokens = cut(text)
        self._slips: set[int] = set()
        self._numerals_end = 0
        self._mend()

    def read(self) -> list[Lexeme]:
        tokens = self._tokens
        lexemes: list[Lexeme] = []
        index = count = 0
        while index < len(tokens):
            if count >= _MOST_LEXEMES:
                lexemes.append(_lexeme("unknown", "", tokens[index], tokens[-1]))
                break
            lexeme, stop = self._read_at(index)
            before = lexemes[-1] if lexemes else None
            if before is not None:
                if lexeme.gap == "-" and lexeme.kind == "number" and before.kind in _RANGE_ENDS:
                    before = _lexeme("range", "", tokens[index], tokens[index])
                    lexemes.append(before)
                if before.kind in _WELCOMED and lexeme.text in _WELCOMING:
                    lexeme.kind = "permitted"
            is_strange = lexeme.kind == "unknown" and tokens[index].kind == "han" and lexeme.gap == ""
            if is_strange and before is not None and before.kind == "unknown" and before.text[-1] > _LAST_LATIN:
                # Characters that make no word together are one fragment.
                before.text += lexeme.text
                before.end = lexeme.end
            else:
                lexemes.append(lexeme)
                count += lexeme.kind != "filler"
            index = stop
        return lexemes

    def _mend(self) -> None:
        """Put the right word for each that holds one slip of the finger; what is glued to a number is a name."""
        tokens = self._tokens
        left = _MOST_MENDED
        for index, token in enumerate(tokens):
            if token.kind != "word" or self._lexicon.knows(token.text) or self._is_glued(index):
                continue
            if token.text in NUMBER_WORDS or self._written(token) in places().capital_codes:
                continue
            mended = self._lexicon.mended(token.text) if left else None
            left -= bool(left)
            if mended is not None:
                tokens[index] = msgspec.structs.replace(token, text=mended)
                self._slips.add(index)

    def _is_glued(self, index: int) -> bool:
        tokens = self._tokens
        before = index > 0 and tokens[index].gap == "" and tokens[index - 1].kind == "number"
        after = index + 1 < len(tokens) and tokens[index + 1].gap == "" and tokens[index + 1].kind == "number"
        return before or after

    def _written(self, token: Token) -> str:
        return unicodedata.normalize("NFKC", self._text[token.start : token.end])

    def _read_at(self, index: int) -> tuple[Lexeme, int]:
        token = self._tokens[index]
        numeral = self._read_numeral(index) if token.text in _NUMERAL_STARTS else None
        found = self._lexicon.longest(self._tokens, index)
        if found is not None and (numeral is None or found[1] >= numeral[1]):
            lexeme = self._read_phrase(index, *found)
            if lexeme is not None:
                return lexeme
        if numeral is not None:
            value, stop = numeral
            return _lexeme("number", "word", token, self._tokens[stop - 1], number=value), stop
        if token.kind == "mark":
            return self._read_mark(index)
        if token.kind == "word":
            return self._read_word(index), index + 1
        kind = "unknown" if token.kind == "han" else token.kind
        return _lexeme(kind, "", token, token, number=token.value), index + 1

    def _read_phrase(self, index: int, entry: Entry, stop: int) -> tuple[Lexeme, int] | None:
        """Return the lexeme of a known phrase; None where a bare number is no GPU after all."""
        tokens = self._tokens
        token = tokens[index]
        kind = entry.kind
        is_single = stop == index + 1
        if kind == "filler" and is_single and index in self._slips and len(token.text) < _SHORTEST_FILLER:
            # "quiet" may be "quite", but as that it would be dropped.
            return _lexeme("unknown", "", token, token), stop
        if kind == "gpu" and is_single and token.kind == "number" and (self._counts(stop) or self._is_price(index)):
            return None
        if kind in _PLURAL and self._is_plural(stop):
            stop += 1
        if kind == "us":
            kind = self._kind_of_us(index)
        value, said, number = entry.value, token.text, token.value
        if not is_single:
            number = 0.0
            for part in tokens[index + 1 : stop]:
                said += part.gap + part.text
        if kind == "region" and said in self._lexicon.regions:
            value = said
        return Lexeme(kind, value or said, said, token.start, tokens[stop - 1].end, token.gap, number), stop

    def _read_mark(self, index: int) -> tuple[Lexeme, int]:
        token = self._tokens[index]
        after = self._tokens[index + 1] if index + 1 < len(self._tokens) else None
        if token.text == "-" and after is not None and after.gap == "" and after.kind == "word":
            is_second = index > 0 and self._tokens[index - 1].text == "-" and token.gap == ""
            flag = None if is_second else _FLAGS.get(after.text)
            if flag is not None:
                return _lexeme(flag, "flag", token, after, text=f"-{after.text}"), index + 2
            return _lexeme("filler", "", token, token), index + 1
        before = self._tokens[index - 1].text if index and token.gap == "" else ""
        if token.text == "$" and before.isalpha() and before not in {"us", "usd"}:
            # "C$", "HK$": dollars of somewhere else.
            return _lexeme("foreign_sign", token.text, token, token), index + 1
        return _lexeme(_MARKS.get(token.text[0], "filler"), token.text, token, token), index + 1

    def _read_word(self, index: int) -> Lexeme:
        token = self._tokens[index]
        after = self._tokens[index + 1] if index + 1 < len(self._tokens) else None
        is_first = index == 0 or token.gap != "" or self._tokens[index - 1].kind == "mark"
        if token.text == "b" and after is not None and after.gap == "" and is_first and after.value in _BATCHES:
            return _lexeme("batch", "", token, token)
        code = places().capital_codes.get(self._written(token))
        if code is not None:
            return _lexeme("region", code, token, token)
        return _lexeme("unknown", "", token, token)

    def _read_numeral(self, index: int) -> tuple[float, int] | None:
        """Return the number that words make at `index`, and the index behind them."""
        tokens = self._tokens
        if tokens[index].kind == "word":
            found = read_english_number([token.text for token in tokens[index : index + _MOST_NUMBER_WORDS]])
            return None if found is None else (float(found[0]), index + found[1])
        stop = max(index, self._numerals_end)
        while stop < len(tokens) and tokens[stop].text in NUMERALS:
            stop += 1
        self._numerals_end = stop
        if stop > index + _MOST_NUMERALS:
            return None
        value = read_chinese_number("".join(part.text for part in tokens[index:stop])) if stop > index else None
        if value is None:
            return None
        tenths = read_chinese_number(tokens[stop + 1].text) if self._has_tenths(stop) else None
        return (float(value), stop) if tenths is None else (value + tenths / 10, stop + 2)

    def _has_tenths(self, stop: int) -> bool:
        """Return whether a price goes on behind its whole dollars: the "块五" of "一块五美元"."""
        measure, digit, unit = (self._tokens[stop : stop + 3] + [None] * 3)[:3]
        is_digit = measure is not None and measure.text == "块" and digit is not None and digit.text in NUMERALS
        return is_digit and unit is not None and unit.text in _DOLLARS

    def _is_plural(self, stop: int) -> bool:
        """Return whether an "s" hangs on a name that ends in a digit: "two L4s"."""
        tokens = self._tokens
        if stop >= len(tokens) or tokens[stop].text != "s" or tokens[stop].gap != "":
            return False
        return stop + 1 == len(tokens) or tokens[stop + 1].gap != "" or tokens[stop + 1].kind in {"mark", "han"}

    def _counts(self, stop: int) -> bool:
        """Return whether the number before `stop` counts something ("4090 tokens"), and so names no GPU."""
        before = self._tokens[stop - 2].text if stop > 1 else ""
        if before in _ARTICLES:
            # "A 4090 context limit".
            return False
        found = self._lexicon.longest(self._tokens, stop) if stop < len(self._tokens) else None
        return found is not None and found[0].kind in _COUNTED

    def _is_price(self, index: int) -> bool:
        """Return whether a sign of money stands before or behind the number at `index`: "$6000", "4090$"."""
        tokens = self._tokens
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        return (before is not None and _MARKS.get(before.text[:1]) in _MONEY_SIGNS) or (
            after is not None and after.gap == "" and _MARKS.get(after.text[:1]) in _MONEY_SIGNS
        )

    def _kind_of_us(self, index: int) -> str:
        """Return whether "us" is a country or a pronoun."""
        token = self._tokens[index]
        before = self._tokens[index - 1] if index else None
        if self._text[token.start : token.end].isupper() or before is None or before.kind != "word":
            return "region"
        # "Gave us", "lends us": a word that means nothing else here is what somebody does to us.
        written = self._written(before).casefold()
        is_past = written.endswith("ed") and written not in _OF_PLACES
        is_verb = is_past or before.text in _BEFORE_PRONOUN or not self._lexicon.knows(written)
        return "filler" if is_verb else "region"


def _lexeme(kind: str, value: str, first: Token, last: Token, *, text: str = "", number: float = 0.0) -> Lexeme:
    return Lexeme(kind, value, text or first.text, first.start, last.end, first.gap, number)
