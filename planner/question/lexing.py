"""From tokens to lexemes: known phrases, numbers, marks, mended slips; and what looks like a name nobody knows."""

from typing import Final

from planner.question.lexicon import Lexicon
from planner.question.numbers import ENGLISH_NUMBERS, NUMERALS, read_chinese_number
from planner.question.sentence import Lexeme
from planner.question.text import Token, cut
from planner.question.words import places

_MARKS: Final = {
    ",": "comma", ".": "stop", "!": "stop", "?": "stop", ";": "stop", ":": "stop", "/": "slash", "|": "slash",
    "-": "minus", "~": "about", "≈": "about", "$": "dollar_sign", "¢": "cent_sign", "<": "at_most", "≤": "at_most",
    ">": "at_least", "≥": "at_least", "+": "plus", "@": "at", "×": "times", "*": "times", "%": "percent", "&": "and",
    "€": "foreign_sign", "£": "foreign_sign", "¥": "foreign_sign", "₹": "foreign_sign", "₩": "foreign_sign",
}  # fmt: skip
_FLAGS: Final = {
    "c": "context", "np": "batch", "tp": "tensor_parallel", "ctk": "kv", "ctv": "kv", "ctx": "context", "n": "batch",
}  # fmt: skip
_BEFORE_PRONOUN: Final = frozenset(
    {"let", "tell", "give", "help", "for", "of", "show", "get", "to", "among", "with", "all"}
)
_BEFORE_NUMBER: Final = frozenset(
    {
        "batch",
        "tensor_parallel",
        "context",
        "times",
        "user",
        "concurrent",
        "top",
        "dollar",
        "foreign",
        "kv",
        "bit",
        "range",
    }
)
"""Kinds that a number may follow without a space ("bs16", "tp2", "x4"); "h20" is no hour and no 20."""
_RANGE_ENDS: Final = frozenset({"number", "kilo", "mega", "gigabyte", "billion", "bit", "wan"})
_MOST_MENDED: Final = 40
_PLURAL: Final = frozenset({"gpu", "provider", "pricing"})


def read_lexemes(text: str, lexicon: Lexicon) -> list[Lexeme]:
    """Return the lexemes of `text`, fillers included."""
    tokens = cut(text)
    lexemes: list[Lexeme] = []
    index = 0
    mended = 0
    while index < len(tokens):
        token = tokens[index]
        lexeme, stop = _read_at(text, tokens, index, lexicon, mend=mended < _MOST_MENDED)
        mended += lexeme.kind == "unknown" or lexeme.text != token.text
        if token.gap == "-" and lexeme.kind == "number" and lexemes and lexemes[-1].kind in _RANGE_ENDS:
            lexemes.append(_lexeme("range", "", token, token))
        lexemes.append(lexeme)
        index = stop
    return _join_unknown(lexemes)


def _lexeme(kind: str, value: str, first: Token, last: Token, *, text: str = "", number: float = 0.0) -> Lexeme:
    return Lexeme(
        kind=kind, value=value, text=text or first.text, start=first.start, end=last.end, gap=first.gap, number=number
    )


def _read_at(text: str, tokens: list[Token], index: int, lexicon: Lexicon, *, mend: bool) -> tuple[Lexeme, int]:
    token = tokens[index]
    numeral = _read_numeral(tokens, index)
    found = lexicon.longest(tokens, index)
    if found is not None and (numeral is None or found[1] >= numeral[1]):
        entry, stop = found
        if entry.kind in _PLURAL and _is_plural(tokens, stop):
            stop += 1
        if not (
            entry.kind == "gpu" and stop == index + 1 and token.kind == "number" and _counts(tokens, stop, lexicon)
        ):
            kind = _us(text, tokens, index) if entry.kind == "us" else entry.kind
            said = " ".join(part.text for part in tokens[index:stop])
            number = token.value if stop == index + 1 else 0.0
            return _lexeme(kind, entry.value or said, token, tokens[stop - 1], text=said, number=number), stop
    if numeral is not None:
        value, stop = numeral
        return _lexeme("number", "word", token, tokens[stop - 1], number=value), stop
    return _read_single(text, tokens, index, lexicon, mend=mend)


def _read_single(text: str, tokens: list[Token], index: int, lexicon: Lexicon, *, mend: bool) -> tuple[Lexeme, int]:
    token = tokens[index]
    if token.kind == "mark":
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.text == "-" and after is not None and after.gap == "" and after.kind == "word":
            flag = _FLAGS.get(after.text)
            if flag is not None and (index == 0 or tokens[index - 1].text != "-"):
                return _lexeme(flag, "flag", token, after, text=f"-{after.text}"), index + 2
            return _lexeme("filler", "", token, token), index + 1
        return _lexeme(_MARKS.get(token.text, "filler"), token.text, token, token), index + 1
    if token.kind in {"number", "version"}:
        return _lexeme(token.kind, "", token, token, number=token.value), index + 1
    code = places().capital_codes.get(text[token.start : token.end])
    if code is not None:
        return _lexeme("region", code, token, token), index + 1
    entry = lexicon.mended(token.text) if mend and token.kind == "word" else None
    if entry is not None:
        return _lexeme(entry.kind, entry.value, token, token), index + 1
    return _lexeme("unknown", "", token, token), index + 1


def _read_numeral(tokens: list[Token], index: int) -> tuple[float, int] | None:
    token = tokens[index]
    if token.kind == "word" and token.text in ENGLISH_NUMBERS:
        return float(ENGLISH_NUMBERS[token.text]), index + 1
    stop = index
    while stop < len(tokens) and tokens[stop].text in NUMERALS:
        stop += 1
    value = read_chinese_number("".join(part.text for part in tokens[index:stop])) if stop > index else None
    return None if value is None else (float(value), stop)


def _is_plural(tokens: list[Token], stop: int) -> bool:
    """Return whether an "s" hangs on a name that ends in a digit: "two L4s"."""
    if stop >= len(tokens) or tokens[stop].text != "s" or tokens[stop].gap != "":
        return False
    return stop + 1 == len(tokens) or tokens[stop + 1].gap != "" or tokens[stop + 1].kind in {"mark", "han"}


def _counts(tokens: list[Token], stop: int, lexicon: Lexicon) -> bool:
    """Return whether the number before `stop` counts something ("4090 tokens"), and so names no GPU."""
    found = lexicon.longest(tokens, stop) if stop < len(tokens) else None
    return found is not None and found[0].kind in {"token", "kilo", "context", "dollar", "prompt", "output", "rate"}


def _us(text: str, tokens: list[Token], index: int) -> str:
    token = tokens[index]
    if text[token.start : token.end].isupper():
        return "region"
    before = tokens[index - 1].text if index else ""
    return "filler" if before in _BEFORE_PRONOUN else "region"


def _join_unknown(lexemes: list[Lexeme]) -> list[Lexeme]:
    """Return `lexemes` with those joined that are glued together and make no sense apart: "h20", "4090d", "gpt-4"."""
    joined: list[Lexeme] = []
    for lexeme in lexemes:
        if joined and _is_name_like(joined[-1], lexeme):
            before = joined.pop()
            joined.append(
                Lexeme(
                    kind="unknown",
                    value="name",
                    text=before.text + lexeme.text,
                    start=before.start,
                    end=lexeme.end,
                    gap=before.gap,
                )
            )
        else:
            joined.append(lexeme)
    return joined


_MARK_KINDS: Final = frozenset(_MARKS.values()) - {"times", "about", "at_most", "at_least", "and", "at"}


def _is_name_like(before: Lexeme, after: Lexeme) -> bool:
    if before.text in _MARKS or after.text in _MARKS or not (before.text.isascii() and after.text.isascii()):
        return False
    if after.gap == "-":
        return before.kind == "unknown" and after.kind == "number"
    if after.gap != "":
        return False
    if after.kind == "number":
        return before.kind not in _BEFORE_NUMBER and before.kind not in _MARK_KINDS and before.value != "flag"
    if before.kind in {"number", "gpu", "weight_format", "unknown"}:
        return after.kind == "unknown" or before.kind == "unknown" or (before.kind == "gpu" and after.kind == "variant")
    return False
