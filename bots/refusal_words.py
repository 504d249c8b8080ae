"""Why options fell, in words: the reason, how many, the nearest miss and the smallest change that would make it fit."""

import re
from collections.abc import Sequence

from bots.answers import Rejection, SmallestChange
from bots.figures import is_given, show_field, show_gib, show_usd
from bots.message import Field, plain
from bots.words import Words

REJECTIONS_SHOWN = 5

_DEPLOYMENT = ("weight_format", "kv_cache_dtype", "engine")
# a code word of the API, such as near_lossless
_NAME = re.compile(r"\b[a-z]+_[a-z_]+\b")
_SAID_BY_NAME = ("below_quality_floor", "indicative_price")


def rejection_field(rejection: Rejection, *, words: Words) -> Field:
    """Return one class of fallen options as a field."""
    lines = [message] if (message := _message(rejection, words=words)) else []
    if rejection.nearest:
        lines.append(words.say("nearest_miss", option=_nearest_words(rejection.nearest, words=words)))
    if change := change_words(rejection.smallest_change, words=words):
        lines.append(words.say("smallest_change", change=change))
    if not lines:
        lines = [rejection.message or words.say("no_reason")]
    return Field(name=plain(_name(rejection, words=words)), value="\n".join(map(plain, lines)))


def change_words(change: SmallestChange | None, *, words: Words) -> str:
    """Return a change that would make something fit, or nothing where there is none."""
    if change is None:
        return ""
    field, message = change.field or "", change.message or ""
    named = show_field(field, change.value, words=words) if field and is_given(change.value) else ""
    # the API's own sentence is in English, and may name a field as the API spells it
    is_plain = words.language == "en" and not ("_" in field and field in message)
    return (message or named) if is_plain else (named or message)


def refused_field(rejections: Sequence[Rejection], *, words: Words) -> Field | None:
    """Return the classes of fallen options one line each, as a field; None where nothing fell."""
    if not rejections:
        return None
    lines = [_line(one, words=words) for one in rejections]
    return Field(name=words.say("left_out"), value="\n".join(f"- {plain(line)}" for line in lines))


def _line(rejection: Rejection, *, words: Words) -> str:
    said = _message(rejection, words=words)
    if not said and rejection.nearest and _has_sizes(rejection):
        said = words.say("nearest_miss", option=_nearest_words(rejection.nearest, words=words))
    return words.say("named", name=_name(rejection, words=words), text=said) if said else _name(rejection, words=words)


def _message(rejection: Rejection, *, words: Words) -> str:
    """Return the API's own sentence, which is English; in other languages only what no figure and no name says."""
    if rejection.reason == "over_price_ceiling":
        return ""
    if words.language != "en" and (rejection.reason in _SAID_BY_NAME or _has_sizes(rejection)):
        return ""
    return _NAME.sub(lambda name: words.value(name[0]), rejection.message or words.say("no_reason"))


def _has_sizes(rejection: Rejection) -> bool:
    """Return whether what was needed and what there was are told in bytes."""
    return (rejection.nearest or {}).get("unit") == "bytes"


def _name(rejection: Rejection, *, words: Words) -> str:
    code = rejection.reason or ""
    reason = words.values.get(code) or code.replace("_", " ") or words.say("no_reason")
    if rejection.count is None:
        return reason
    counted = rejection.of or "options"
    things = words.value(counted.removesuffix("s") if rejection.count == 1 else counted)
    return reason + words.say("brackets", text=f"{rejection.count:,} {things}")


def _nearest_words(nearest: dict[str, object], *, words: Words) -> str:
    gpu = nearest.get("gpu_id")
    said = [] if gpu is None else [f"{nearest.get('gpu_count') or 1}x {gpu}"]
    names = _DEPLOYMENT if is_given(nearest.get("weight_format")) else ("offer_id",)
    said += [show_field(name, nearest[name], words=words) for name in names if is_given(nearest.get(name))]
    needed, available = nearest.get("needed"), nearest.get("available")
    if isinstance(needed, int | float) and isinstance(available, int | float):
        unit = str(nearest.get("unit") or "")
        said.append(words.say("needed", needed=_amount(needed, unit), available=_amount(available, unit)))
    return words.say("comma").join(said)


def _amount(value: float, unit: str) -> str:
    if unit == "bytes":
        return show_gib(value)
    return show_usd(value) if unit.startswith("usd") else f"{value:,} {unit.replace('_', ' ')}".strip()
