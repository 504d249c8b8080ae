"""An enquiry in few characters: a button carries it, so that it works after the bot was restarted.

Written as language, task, page, then each field as `letters=value`, joined by `!`; what waits aside has `~` before its
letters; each value of a list is followed by `,`.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote

from bots.enquiry import Enquiry, Fields, FieldValue, Task, Value
from bots.words import Language

_LANGUAGES: Final[dict[Language, str]] = {"en": "e", "zh-CN": "s", "zh-TW": "t"}
_TASKS: Final[dict[Task, str]] = {
    "plan": "p",
    "fit": "f",
    "max_context": "x",
    "max_batch": "y",
    "limits": "l",
    "compare": "c",
    "memory": "m",
    "gpus": "g",
    "models": "o",
}
# A field that has no letters here is written whole. Letters once given stay: old messages hold them.
_LETTERS: Final = {
    "context": "c",
    "batch": "b",
    "model": "m",
    "weight_format": "w",
    "weight_bits": "wb",
    "kv_cache_dtype": "k",
    "engine": "e",
    "min_quality": "q",
    "gpu": "g",
    "gpu_count": "n",
    "instance_type": "it",
    "vram_gb": "v",
    "tensor_parallel_size": "tp",
    "exclude_gpu": "xg",
    "exclude_class": "xc",
    "vendor": "d",
    "exclude_vendor": "xd",
    "provider": "p",
    "exclude_provider": "xp",
    "provider_kind": "pk",
    "region": "r",
    "pricing": "s",
    "max_usd_per_hour": "h",
    "max_usd_per_month": "mo",
    "max_usd": "u",
    "max_gpus": "mg",
    "objective": "o",
    "min_tokens_per_second": "ts",
    "allow_tight": "t",
}
_VALUES: Final = {
    "on_demand": "od",
    "spot": "sp",
    "buy": "by",
    "owned": "ow",
    "lossless": "ll",
    "near_lossless": "nl",
    "degraded": "dg",
    "poor": "pr",
}
_FIELD_OF: Final = {letters: name for name, letters in _LETTERS.items()}
_VALUE_OF: Final = {letters: value for value, letters in _VALUES.items()}
_LANGUAGE_OF: Final[dict[str, Language]] = {letter: language for language, letter in _LANGUAGES.items()}
_TASK_OF: Final[dict[str, Task]] = {letter: task for task, letter in _TASKS.items()}
# a text that reads like a coded value is marked, so that it comes back as it was
_LITERAL: Final = "'"
_ASIDE: Final = "~"


def encode(enquiry: Enquiry) -> str:
    """Return the enquiry as text in ASCII; `decode` gives it back, numbers as text."""
    head = f"{_LANGUAGES[enquiry.language]}{_TASKS[enquiry.task]}{enquiry.page}"
    return "!".join((head, *_encode_fields(enquiry.fields), *_encode_fields(enquiry.aside, _ASIDE)))


def decode(text: str) -> Enquiry | None:
    """Return the enquiry that was encoded as `text`, or None where it is none."""
    head, *parts = text.split("!")
    language, task = _LANGUAGE_OF.get(head[:1]), _TASK_OF.get(head[1:2])
    if language is None or task is None or not head[2:].isdecimal() or not all("=" in part for part in parts):
        return None
    fields = _decode_fields(part for part in parts if not part.startswith(_ASIDE))
    aside = _decode_fields(part.removeprefix(_ASIDE) for part in parts if part.startswith(_ASIDE))
    return Enquiry(task=task, fields=fields, aside=aside, page=int(head[2:]), language=language)


def _encode_fields(fields: Fields, mark: str = "") -> list[str]:
    given = {name: value for name, value in fields.items() if value != []}
    return [f"{mark}{_LETTERS.get(name, name)}={_encode_values(value)}" for name, value in given.items()]


def _decode_fields(parts: Iterable[str]) -> Fields:
    pairs = (part.split("=", 1) for part in parts)
    return {_FIELD_OF.get(name, name): _decode_values(value) for name, value in pairs}


def _encode_values(given: FieldValue) -> str:
    if isinstance(given, list):
        # the comma at the end tells that it was a list
        return "".join(f"{_encode(value)}," for value in given)
    return _encode(given)


def _encode(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if text in _VALUES:
        return _VALUES[text]
    return (_LITERAL if text in _VALUE_OF or text.startswith(_LITERAL) else "") + quote(text, safe=" -_/:.'+")


def _decode_values(text: str) -> FieldValue:
    if "," in text:
        return [_decode(item) for item in text[:-1].split(",")]
    return _decode(text)


def _decode(text: str) -> Value:
    if text.startswith(_LITERAL):
        return unquote(text[1:])
    return _VALUE_OF.get(text) or unquote(text)
