"""An earlier question's fields, changed by a follow-up."""

from collections.abc import Mapping
from typing import Final

from planner.question.fragment import Fragment
from planner.question.question import FieldValue, Intent, Value

_INSTEAD: Final = (
    ("gpu", "instance_type", "vram_gb", "memory_bytes"),
    ("weight_format", "weight_bits"),
    ("max_usd_per_hour", "max_usd_per_month", "max_usd"),
)
"""Fields that say one thing in several ways: who says one anew takes the others back."""

_GOES_WITH: Final = {
    "gpu_count": ("tensor_parallel_size", "max_gpus"),
    "max_gpus": ("gpu_count", "tensor_parallel_size"),
    "engine": ("engine_version",),
    "context": ("prompt_tokens", "output_tokens"),
}
"""What was said of the old value and need not hold of a new one."""

_OPPOSITES: Final = (
    ("vendor", "exclude_vendor"),
    ("provider", "exclude_provider"),
    ("gpu", "exclude_gpu"),
    ("class", "exclude_class"),
)
_OPEN: Final = frozenset({"vendor", "provider", "provider_kind", "region", "engine"})
"""Conditions that, where none was put, nothing need be added to."""

_COLLECTED: Final = frozenset({"exclude_gpu", "exclude_vendor", "exclude_provider", "exclude_class"})
_WIDENED: Final = frozenset(
    {"gpu", "model", "weight_format", "kv_cache_dtype", "engine", "provider", "region", "vendor", "pricing"}
)
_MACHINES: Final = ("gpu", "instance_type", "vram_gb", "memory_bytes")
_JUDGING: Final = frozenset({"fit", "max_context", "max_batch"})
_SOUGHT: Final[dict[Intent, str]] = {"max_context": "context", "max_batch": "batch"}
"""What an intent asks for; who gives it asks whether it fits."""


def follow(
    previous: Mapping[str, FieldValue], intent: Intent, fragment: Fragment
) -> tuple[Intent, dict[str, FieldValue]]:
    """Return the intent and the fields of a question after the follow-up `fragment`; `previous` are its fields before.

    What the follow-up names takes the place of what was said, what it excludes is excluded as well, and what it asks
    for ("how many users then?") is no longer given.
    """
    fields = {name: value for name, value in previous.items() if name not in fragment.lifted}
    for name, factor in fragment.factors.items():
        fields[name] = _scaled(fields.get(name, 1), factor)
    for name, values in fragment.allowed.items():
        _allow(fields, name, list(values))
    for name, value in fragment.fields.items():
        if fragment.adds and name in _OPEN and name not in fields:
            _allow(fields, name, _values(value))
            continue
        _change(fields, name, value, fragment=fragment)
    asked = fragment.intent or _same_intent(intent, fragment, fields)
    if intent == "compare" and fragment.intent == "plan":
        # "Which is the cheapest?": of those compared.
        asked = _same_intent(intent, fragment, fields)
    if asked == "plan" and intent in _JUDGING and fragment.seeks_machine:
        # Who asks which machine to take is not bound to the one that was judged.
        _drop(fields, (*_MACHINES, "gpu_count"), fragment)
    sought = _SOUGHT.get(asked)
    if sought is not None and sought not in fragment.fields:
        fields.pop(sought, None)
    return asked, fields


def _change(fields: dict[str, FieldValue], name: str, value: FieldValue, *, fragment: Fragment) -> None:
    for group in _INSTEAD:
        if name in group:
            _drop(fields, [other for other in group if other != name], fragment)
    _drop(fields, _GOES_WITH.get(name, ()), fragment)
    for wanted, unwanted in _OPPOSITES:
        if name in {wanted, unwanted}:
            _take_out(fields, unwanted if name == wanted else wanted, _values(value))
    if name == "pricing" and fragment.adds:
        fields.setdefault(name, "on_demand")
    is_wider = name in _COLLECTED or (fragment.adds and name in _WIDENED)
    before = _values(fields[name]) if is_wider and name in fields else []
    said = [*before, *(new for new in _values(value) if new not in before)]
    fields[name] = said[0] if len(said) == 1 else said


def _allow(fields: dict[str, FieldValue], name: str, values: list[Value]) -> None:
    """Take `values` out of what is excluded, and add them to what is wanted where something is."""
    for wanted, unwanted in _OPPOSITES:
        if name == wanted:
            _take_out(fields, unwanted, values)
    if name in fields:
        fields[name] = list(dict.fromkeys([*_values(fields[name]), *values]))


def _drop(fields: dict[str, FieldValue], names: tuple[str, ...] | list[str], fragment: Fragment) -> None:
    for name in names:
        if name not in fragment.fields:
            fields.pop(name, None)


def _take_out(fields: dict[str, FieldValue], name: str, values: list[Value]) -> None:
    if name not in fields:
        return
    left = [value for value in _values(fields[name]) if value not in values]
    if left:
        fields[name] = left[0] if len(left) == 1 else left
    else:
        del fields[name]


def _values(value: FieldValue) -> list[Value]:
    return value if isinstance(value, list) else [value]


def _scaled(value: FieldValue, factor: float) -> FieldValue:
    number = value[0] if isinstance(value, list) else value
    return max(1, int(float(number) * factor))


def _same_intent(intent: Intent, fragment: Fragment, fields: Mapping[str, FieldValue]) -> Intent:
    """Return what is asked for now when the follow-up does not say: the same, where that still makes sense."""
    sought = _SOUGHT.get(intent)
    if sought is not None and sought in fragment.fields:
        return "fit"
    if intent in _JUDGING and fragment.seeks_machine:
        return "plan"
    has_machine = any(name in fields for name in _MACHINES)
    if intent == "compare" and len(_values(fields.get("gpu", []))) + len(_values(fields.get("instance_type", []))) < 2:  # noqa: PLR2004  (two make a comparison)
        return "fit" if has_machine else "plan"
    if intent in {"fit", "max_context", "max_batch"} and not has_machine:
        return "plan"
    if intent == "memory" and any(name in fragment.fields for name in _MACHINES):
        return "fit"
    return intent
