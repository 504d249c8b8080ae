"""Every phrase that the reader knows, as a tree of tokens: the words of two languages and the names of an inventory."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from planner.question.names import Names
from planner.question.text import Token, cut
from planner.question.typos import Spelling
from planner.question.words import fillers, meanings, nicknames, places

_BRANDS = frozenset({"nvidia", "geforce", "rtx", "tesla", "quadro", "radeon", "rx", "instinct", "amd", "intel", "arc"})
_SHORTEST_BARE_NUMBER = 4
_SHORTEST_REGION = 3
_NEVER_MENDED = frozenset({"region", "unknown", "when"})
"""Kinds that no slip of the finger stands for: "indie" is not India."""


_BOUNDS = frozenset({"most", "least", "max", "maximum", "once"})
_IDENTIFIERS = frozenset({"region", "instance_type"})


class Entry(Struct, frozen=True, kw_only=True):
    """What a phrase means: its kind, and which one of that kind."""

    kind: str
    value: str


class _Node:
    """A place in the tree of phrases: what the tokens up to here mean, if anything, and what may follow."""

    __slots__ = ("entry", "following")

    def __init__(self) -> None:
        self.entry: Entry | None = None
        self.following: dict[str, _Node] = {}


class Lexicon:
    """Finds the longest known phrase that begins at a token."""

    def __init__(self, names: Names) -> None:
        """Plant every phrase; names of things come first, fillers last, and the first meaning of a phrase stands."""
        self._tree = _Node()
        self.regions = frozenset(region.casefold() for region in names.regions)
        self._words: set[str] = set()
        mendable: set[str] = set()
        for kind, value, phrase in _phrases(names):
            words = self._plant(phrase, Entry(kind=kind, value=value))
            self._words |= words
            if kind not in _NEVER_MENDED:
                mendable |= words
        self._spelling = Spelling(mendable)

    def _plant(self, phrase: str, entry: Entry) -> set[str]:
        tokens = cut(phrase)
        node = self._tree
        for token in tokens:
            node = node.following.setdefault(token.text, _Node())
        if tokens and node.entry is None:
            node.entry = entry
        return {token.text for token in tokens if token.kind == "word"}

    def longest(self, tokens: list[Token], start: int) -> tuple[Entry, int] | None:
        """Return the entry of the longest phrase that begins at `start`, and the index behind it."""
        before = tokens[start]
        node = self._tree.following.get(before.text)
        found: tuple[Entry, int] | None = None
        index = start
        last = len(tokens)
        while node is not None:
            index += 1
            entry = node.entry
            is_whole = entry is not None and _ends_whole(tokens, index) and not _cuts_bound(tokens, index)
            if entry is not None and is_whole and _is_spelt_out(entry, tokens, start, index):
                found = entry, index
            if index == last or not node.following:
                break
            token = tokens[index]
            if token.gap == " " and not _may_join(before, token):
                break
            child = node.following.get(token.text)
            if child is None and token.text[-1] == "s":
                entry = _plural_of(node, token)
                return found if entry is None else (entry, index + 1)
            before, node = token, child
        return found

    def knows(self, word: str) -> bool:
        """Return whether `word` is part of any phrase."""
        return word in self._words

    def mended(self, word: str) -> str | None:
        """Return the word that `word` is with one slip of the finger, where all words near it mean the same."""
        near = self._spelling.mend(word)
        if len(near) == 1:
            return near[0]
        meant = {known: entry for known in near if (entry := self._entry(known)) is not None}
        return next(iter(meant)) if len(set(meant.values())) == 1 else None

    def _entry(self, word: str) -> Entry | None:
        node = self._tree.following.get(word)
        return None if node is None else node.entry


def _plural_of(node: _Node, token: Token) -> Entry | None:
    """Return the GPU whose name ends in the letters of `token` without its "s": "two A10Gs"."""
    child = node.following.get(token.text[:-1])
    entry = None if child is None else child.entry
    return entry if entry is not None and entry.kind == "gpu" else None


def _may_join(before: Token, token: Token) -> bool:
    """Return whether two tokens with a space between them may belong to one phrase: "a 卡" does, "a 100" does not."""
    if before.kind == token.kind == "han":
        # Chinese words hold no space: "够 不要" is no "够不".
        return False
    if before.kind == token.kind or "han" in (before.kind, token.kind):
        return True
    return (before.kind != "word" or len(before.text) > 1) and (token.kind != "word" or len(token.text) > 1)


def _is_spelt_out(entry: Entry, tokens: list[Token], start: int, stop: int) -> bool:
    """Return whether an identifier is written as one: "in 1" is not the region "in1"."""
    if entry.kind not in _IDENTIFIERS:
        return True
    has_number = any(token.kind == "number" for token in tokens[start:stop])
    return not has_number or all(token.gap != " " for token in tokens[start + 1 : stop])


def _ends_whole(tokens: list[Token], stop: int) -> bool:
    """Return whether a phrase may end before `stop`: "a100" is not read as "a"."""
    if stop == len(tokens) or tokens[stop].gap != "" or tokens[stop].kind != "number":
        return True
    here = tokens[stop - 1]
    return here.kind != "word" or len(here.text) > 1 or here.text == "x"


def _cuts_bound(tokens: list[Token], stop: int) -> bool:
    """Return whether a phrase ends in the "at" of "at most": "kv cache at most 3"."""
    return stop < len(tokens) and tokens[stop - 1].text == "at" and tokens[stop].text in _BOUNDS


def _phrases(names: Names) -> Iterator[tuple[str, str, str]]:
    yield from _name_phrases(names)
    for table in meanings():
        for kind, values in table.items():
            for value, phrases in values.items():
                yield from ((kind, value, phrase) for phrase in phrases)
    for place, phrases in places().places.items():
        yield from (("region", place, phrase) for phrase in phrases)
    yield from (("filler", "", phrase) for phrase in (*fillers().english, *fillers().chinese))


def _name_phrases(names: Names) -> Iterator[tuple[str, str, str]]:
    nicks = nicknames()
    yield from _gpu_phrases(names)
    for model in names.models:
        for spelling in model.spellings:
            if spelling not in nicks.default_model_spellings:
                yield "model", model.model_id, spelling
    for family, phrases in nicks.families.items():
        yield from (("family", family, phrase) for phrase in phrases)
    yield from _known(names.weight_formats, "weight_format", nicks.weight_formats)
    for choice, phrases in nicks.weight_choices.items():
        yield from (("weight_choice", choice, phrase) for phrase in phrases)
    for bits, phrases in nicks.weight_bits.items():
        yield from (("weight_bits", bits, phrase) for phrase in phrases)
    yield from _known(names.kv_cache_dtypes, "kv_cache_dtype", {})
    yield from _known(names.engines, "engine", nicks.engines)
    yield from _known(names.providers, "provider", nicks.providers)
    for instance_type in names.instance_types:
        # "1x_L4" names the GPU and the count; only a provider's own word for a machine is an instance type.
        if not instance_type[:1].isdecimal():
            yield "instance_type", instance_type, instance_type
    yield from _region_phrases(names)


def _region_phrases(names: Names) -> Iterator[tuple[str, str, str]]:
    """Yield the regions that read like identifiers ("us-east-1"), and the states that regions are named by."""
    starts: set[str] = set()
    for region in names.regions:
        spelling = region.casefold()
        starts.add(spelling.partition(",")[0])
        if any(map(str.isdecimal, spelling)) or (spelling.isalpha() and len(spelling) >= _SHORTEST_REGION):
            yield "region", spelling, spelling
            area = spelling.rstrip("0123456789").rstrip("-")
            if "-" in area:
                yield "region", area, area
    yield from (("region", state, state) for state in places().states if state in starts)


def _known(identifiers: Iterable[str], kind: str, nicks: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str, str]]:
    for identifier in identifiers:
        yield kind, identifier, identifier
        yield from ((kind, identifier, nickname) for nickname in nicks.get(identifier, ()))


def _gpu_phrases(names: Names) -> Iterator[tuple[str, str, str]]:
    families = {family for gpu in names.gpus for family in gpu.families}
    known = families | {gpu.gpu_id for gpu in names.gpus}
    for family in sorted(families):
        yield "gpu", family, family
        yield from (("gpu", family, short) for short in _short_spellings(family))
    for gpu in names.gpus:
        for spelling in gpu.spellings:
            yield "gpu", gpu.gpu_id, spelling
    for gpu in names.gpus:
        for spelling in gpu.spellings:
            for short in _short_spellings(spelling):
                yield "gpu", gpu.gpu_id, short
    for identifier, spoken in nicknames().gpus.items():
        if identifier in known:
            yield from (("gpu", identifier, nickname) for nickname in spoken)


def _short_spellings(spelling: str) -> Iterator[str]:
    """Return `spelling` without its brand words, and with "80G" for "80GB"."""
    words = spelling.casefold().replace("-", " ").split()
    if len(words) == 1 and words[0].startswith("rtx") and len(words[0]) > len("rtx"):
        words = ["rtx", words[0].removeprefix("rtx")]
    while words and words[0] in _BRANDS:
        words = words[1:]
        short = " ".join(words)
        is_number = short.isdecimal()
        if words and (len(short) >= _SHORTEST_BARE_NUMBER if is_number else any(map(str.isdecimal, short))):
            yield short
    if words and words[-1].endswith("gb"):
        yield " ".join(words)[:-1]


@lru_cache(maxsize=4)
def lexicon_for(names: Names) -> Lexicon:
    """Return the lexicon of `names`, built once for each."""
    return Lexicon(names)
