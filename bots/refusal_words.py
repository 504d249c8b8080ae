"""Why options fell, in words: the reason, how many, the nearest miss and the smallest change that would make it fit."""

from collections.abc import Sequence

from bots.answers import Rejection
from bots.figures import is_given, show_field, show_gib, show_usd
from bots.message import Field, plain

REJECTIONS_SHOWN = 5

_DEPLOYMENT = ("weight_format", "kv_cache_dtype", "engine")


def rejection_field(rejection: Rejection) -> Field:
    """Return one class of fallen options as a field."""
    lines = [rejection.message or "no reason was given"]
    if rejection.nearest:
        lines.append(f"Nearest: {_nearest_words(rejection.nearest)}")
    if change := change_words(rejection):
        lines.append(f"Smallest change: {change}")
    return Field(name=plain(_name(rejection)), value="\n".join(map(plain, lines)))


def change_words(rejection: Rejection) -> str:
    """Return the smallest change that would make the nearest miss fit, or nothing where there is none."""
    change = rejection.smallest_change
    if change is None:
        return ""
    if change.message:
        return change.message
    return show_field(change.field, change.value) if change.field and is_given(change.value) else ""


def refused_field(rejections: Sequence[Rejection]) -> Field | None:
    """Return the classes of fallen options one line each, as a field; None where nothing fell."""
    if not rejections:
        return None
    lines = [f"{_name(rejection)}: {rejection.message or 'no reason was given'}" for rejection in rejections]
    return Field(name="Left out", value="\n".join(f"- {plain(line)}" for line in lines))


def _name(rejection: Rejection) -> str:
    count = "" if rejection.count is None else f" ({rejection.count:,} {rejection.of or 'options'})"
    return (rejection.reason or "refused").replace("_", " ") + count


def _nearest_words(nearest: dict[str, object]) -> str:
    gpu = nearest.get("gpu_id")
    words = [] if gpu is None else [f"{nearest.get('gpu_count') or 1}x {gpu}"]
    names = _DEPLOYMENT if is_given(nearest.get("weight_format")) else ("offer_id",)
    words += [show_field(name, nearest[name]) for name in names if is_given(nearest.get(name))]
    needed, available = nearest.get("needed"), nearest.get("available")
    if isinstance(needed, int | float) and isinstance(available, int | float):
        unit = str(nearest.get("unit") or "")
        words.append(f"needed {_amount(needed, unit)}, there is {_amount(available, unit)}")
    return ", ".join(words)


def _amount(value: float, unit: str) -> str:
    if unit == "bytes":
        return show_gib(value)
    return show_usd(value) if unit.startswith("usd") else f"{value:,} {unit.replace('_', ' ')}".strip()
