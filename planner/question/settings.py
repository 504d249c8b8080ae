"""Fields written as settings: "--mem-fraction-static 0.85", "max_usd_per_hour=2", "-ngl 20", "20 layers on the GPU"."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, cast

from msgspec import Struct

from planner.errors import InvalidRequest
from planner.field_reading import read_field
from planner.fit_request import FIT_FIELDS
from planner.question.question import Value
from planner.question.reading import Reading
from planner.question.text import normalize
from planner.question.words import setting_words
from planner.request_fields import FIELDS, MOST_BYTES, Field

_FIELDS: Final[dict[str, Field]] = {**FIT_FIELDS, **FIELDS}
_SCHEDULED: Final = ("max_num_seqs", "max_running_requests", "max_batch_size")
"""What an engine schedules together: the batch, where no other is said."""

_GRAMMAR: Final = frozenset({"context", "batch", "gpu_count", "max_gpus", "tensor_parallel_size"})
"""Fields that the grammar reads as well when they are written as settings."""

_NUMBER: Final = r"(?P<number>\d++(?:,\d{3})*+(?:\.\d++)?|\.\d++)\s?(?P<unit>%|[km]|[gm]i?b?)?(?![a-z0-9.]*[a-z0-9])"
_SWITCH: Final = (
    r"(?:\s*[=:]\s*(?:on|true|yes|enabled|1|(?P<off>off|false|no|disabled|0))"
    r"|\s+(?:on|true|enabled|(?P<behind>off|false|disabled)))?"
)
_VALUES: Final[dict[str, str]] = {
    "integer": _NUMBER,
    "number": _NUMBER,
    "tokens": _NUMBER,
    "boolean": _SWITCH + r"(?![a-z0-9_-])",
    "date": r"(?P<text>\d{4}-\d\d-\d\d)(?![\w:-])",
    "moment": r"(?P<text>\d{4}-\d\d-\d\d(?:t[\d:]+(?:z|[+-][\d:]+)?)?)(?![\w:-])",
    "choice": r"(?P<text>[a-z]+(?:[_-][a-z]+)*(?:,[a-z]+(?:[_-][a-z]+)*)*)(?![\w-])",
    "version": r"v?(?P<text>\d+(?:\.\d+)+[\w.]*)",
}
_SET: Final = r"(?:\s*[=:]\s*|\s+)"
_SPOKEN: Final = (
    r"(?:\s*[=:]\s*|\s+(?:(?:of|to|at|is|set to|around|about)\s+)?|\s*(?:为|是|设为|设成|设到|调到|用|开到)\s*)"
)
_DENIED: Final = re.compile(
    r"(?:-{0,2}\b(?:no|not|without|disable|disabled|w/o)[-\s_]+|(?:不用|不开|不要|关闭|关掉|禁用|没有)\s*)$"
)
_LONGEST_DENIAL: Final = 12
_WORD: Final = r"-{0,2}(?P<first>(?<![a-z0-9_])[a-z]+|[%s])"
_FIRST: Final = re.compile(r"[a-z]+|.")
_LAYERS: Final = re.compile(
    r"(?:\boffload(?:ing)?\s+)?\b(?P<on>\d+)\s+(?:of\s+(?:the\s+)?(?:\d+\s+)?)?layers?\s+(?:on|onto|to|in|into)\s+"
    r"(?:(?:the|my)\s+)?(?:gpu|card|vram)\b"
    r"|\boffload(?:ing)?\s+(?P<off>\d+)\s+layers?\b"
    r"|\b(?P<han>\d+)\s*层\s*(?:放|卸载|offload)?\s*(?:到|在|进|上)\s*(?:gpu|显卡|显存)"
)
_BYTES: Final = {"": 1, "g": 1 << 30, "m": 1 << 20}
_TOKENS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20}
_THOUSANDS: Final = {"": 1, "k": 1_000, "m": 1_000_000}
_LEAST_LOGICAL_BATCH: Final = 32
"""llama.cpp's `-b` counts tokens; "-b 4" may well mean four users."""


class Setting(Struct, frozen=True, kw_only=True):
    """A field that is set, to nothing where it takes no such value, and its place in the text."""

    field: str
    values: tuple[Value, ...]
    start: int
    end: int


class _Spelling(Struct, frozen=True):
    field: str
    pattern: re.Pattern[str]
    denies: bool = False


def find_settings(text: str) -> tuple[list[Setting], str]:
    """Return the settings in `text`, and the text that is left to read, each character in its place."""
    plain, places = normalize(text)
    settings: list[Setting] = []
    rest = list(text)
    for setting in (*_find_layers(plain), *_find_spelt(plain)):
        first, last = places[setting.start], places[setting.end]
        rest[first:last] = " " * (last - first)
        settings.append(Setting(field=setting.field, values=setting.values, start=first, end=last))
    return settings, "".join(rest) if settings else text


def say_settings(reading: Reading, settings: list[Setting]) -> None:
    """Say what is set, but what an engine schedules together; refuse what a field does not take."""
    for setting in settings:
        place = (setting.start, setting.end)
        if not setting.values:
            reading.refused.append(place)
        elif setting.field not in _SCHEDULED:
            reading.say_at(setting.field, setting.values, place)


def say_scheduled(reading: Reading, settings: list[Setting]) -> None:
    """Say what an engine schedules together as the batch, or beside a batch that is said as the engine's option."""
    for setting in settings:
        if setting.field in _SCHEDULED and setting.values:
            field = setting.field if reading.may_have("batch") else "batch"
            reading.say_at(field, setting.values, (setting.start, setting.end))


def _find_layers(plain: str) -> Iterator[Setting]:
    for match in _LAYERS.finditer(plain):
        layers = next(filter(None, match.groups()))
        yield _setting("n_gpu_layers", (int(layers),), match.start(), match.end())


def _find_spelt(plain: str) -> Iterator[Setting]:
    spellings = _spellings()
    end = 0
    for word in _words().finditer(plain):
        start = word.start()
        if start < end:
            continue
        for spelling in spellings.get(word["first"], ()):
            match = spelling.pattern.match(plain, start)
            values = _values(spelling.field, match) if match else None
            if match is None or values is None:
                continue
            name = spelling.field
            if spelling.denies:
                values = (not values[0],)
            elif _FIELDS[name].kind == "boolean":
                first = word.start("first")
                denial = _DENIED.search(plain, max(0, first - _LONGEST_DENIAL), first)
                if denial:
                    start, values = denial.start(), (not values[0],)
            end = match.end()
            yield _setting(name, values, start, end)
            break


def _setting(field: str, values: tuple[Value, ...], start: int, end: int) -> Setting:
    return Setting(field=field, values=values, start=start, end=end)


@cache
def _spellings() -> dict[str, list[_Spelling]]:
    """Return every way to write a field by its first word, the longest first."""
    words = setting_words()
    found: list[tuple[str, _Spelling]] = []
    for name, field in _FIELDS.items():
        value = _VALUES.get("version" if name == "engine_version" else "choice" if field.choices else field.kind)
        if value is None or name in _GRAMMAR:
            continue
        written = name.replace("_", "[-_]")
        joint = "" if field.kind == "boolean" else _SET
        start = "-{0,2}" if "_" in name else rf"(?:--(?={name})|(?={name}\s*=))"
        found.append((name, _Spelling(name, re.compile(start + written + joint + value))))
        joint = joint and _SPOKEN
        for spelling in words.spellings.get(name, ()):
            spoken = spelling.replace(" ", "[-_ ]?")
            found.append((spelling, _Spelling(name, re.compile("-{0,2}" + spoken + joint + value))))
    for flag, said in words.flags.items():
        name = said.rpartition(" ")[2]
        is_switch = _FIELDS[name].kind == "boolean"
        pattern = rf"(?<!\S)-{flag}" + (_SWITCH + r"(?![a-z0-9_-])" if is_switch else "[ =]" + _NUMBER)
        found.append((flag, _Spelling(name, re.compile(pattern), denies=said.startswith("no "))))
    by_word: dict[str, list[_Spelling]] = {}
    for spelling, one in sorted(found, key=lambda item: -len(item[0])):
        first = _FIRST.match(spelling)
        by_word.setdefault(first[0] if first else "", []).append(one)
    return by_word


@cache
def _words() -> re.Pattern[str]:
    """Return what finds the words and the Chinese characters that a spelling may begin with."""
    return re.compile(_WORD % "".join(word for word in _spellings() if not word.isascii()))


def _values(name: str, match: re.Match[str]) -> tuple[Value, ...] | None:
    """Return what `match` sets: nothing where the field takes no such value, None where it is no setting after all."""
    field = _FIELDS[name]
    groups = match.groupdict()
    if field.kind == "boolean":
        return (not (groups["off"] or groups["behind"]),)
    if "text" in groups:
        texts = groups["text"].split(",")
        if field.choices:
            is_known = all(text.replace("-", "_") in field.choices for text in texts)
            return tuple(text.replace("-", "_") for text in texts) if is_known else None
        return (groups["text"].upper() if field.kind == "moment" else groups["text"],)
    number = _number(field, groups["number"], groups["unit"] or "")
    if name == "n_batch" and number is not None and number < _LEAST_LOGICAL_BATCH:
        return None
    try:
        value = read_field(name, field, number)
    except InvalidRequest:
        return ()
    return cast("tuple[Value, ...]", value) if isinstance(value, tuple) else (cast("Value", value),)


def _number(field: Field, digits: str, unit: str) -> float | None:
    """Return the number in the field's own unit, None where the unit is none of it."""
    number = float(digits.replace(",", ""))
    if unit == "%":
        return round(number / 100, 6) if field.most == 1 else None
    if field.most == MOST_BYTES:
        return number * _BYTES[unit[:1]] if unit[:1] in _BYTES else None
    scales = _THOUSANDS if field.kind == "number" else _TOKENS
    return number * scales[unit] if unit in scales else None
