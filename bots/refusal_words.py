"""Why options fell, in words: the reason, how many, the nearest miss and the smallest change that would make it fit."""

from bots.answers import Rejection
from bots.figures import is_given, show_field, show_gib, show_usd, show_value
from bots.message import Field, plain

REJECTIONS_SHOWN = 5

_NEED = ("needed", "available", "unit")


def rejection_field(rejection: Rejection) -> Field:
    """Return one class of fallen options as a field."""
    count = "" if rejection.count is None else f" ({rejection.count:,} {rejection.of or 'options'})"
    lines = [rejection.message or "no reason was given"]
    if rejection.nearest:
        lines.append(f"Nearest: {_nearest_words(rejection.nearest)}")
    if change := change_words(rejection):
        lines.append(f"Smallest change: {change}")
    name = (rejection.reason or "refused").replace("_", " ")
    return Field(name=plain(f"{name}{count}"), value="\n".join(map(plain, lines)))


def change_words(rejection: Rejection) -> str:
    """Return the smallest change that would make the nearest miss fit, or nothing where there is none."""
    change = rejection.smallest_change
    if change is None:
        return ""
    if change.message:
        return change.message
    return show_field(change.field, change.value) if change.field and is_given(change.value) else ""


def _nearest_words(nearest: dict[str, object]) -> str:
    rest = {name: value for name, value in nearest.items() if name not in (*_NEED, "gpu_id", "gpu_count")}
    gpu = nearest.get("gpu_id")
    words = [] if gpu is None else [f"{nearest.get('gpu_count') or 1}x {gpu}"]
    words += [show_field(name, value) for name, value in rest.items() if is_given(value)]
    needed, available = nearest.get("needed"), nearest.get("available")
    if needed is not None and available is not None:
        unit = str(nearest.get("unit") or "")
        words.append(f"needs {_amount(needed, unit)}, has {_amount(available, unit)}")
    return ", ".join(words)


def _amount(value: object, unit: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if unit == "bytes":
            return show_gib(value)
        if unit.startswith("usd"):
            return show_usd(value)
    return f"{show_value('', value)} {unit.replace('_', ' ')}".strip()
