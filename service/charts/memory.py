"""Memory by part against context, for the first option of a plan."""

from typing import Any, Final, TypeAlias

from planner import Infeasible, Inventory, Memory, MemoryCurve, Option, Plan, memory_curve
from service.charts.frame import INK, Spec, describe_request, frame, nothing_fits, show_tokens, words_at

TITLE: Final = "Memory of each GPU against context"
GIB: Final = 1 << 30

# From the bottom of the stack up: what stays first, what grows last. Light and dark take turns, so that neighbours
# differ in grey too.
_PARTS: Final = (
    ("weights", "weights_bytes", "#2f4b7c"),
    ("runtime", "runtime_bytes", "#d9d9d9"),
    ("graphs", "graph_bytes", "#7a5195"),
    ("activations", "activation_bytes", "#e07a1f"),
    ("KV cache", "kv_cache_bytes", "#9ad0ec"),
)
_LIMIT_COLOUR: Final = "#b00020"
_TALLEST: Final = 1.4
"""How far beyond the card's limit the stack is drawn, as a multiple of it."""
_ROOM_ABOVE: Final = 1.22
"""How far the axis reaches, at least: room for words above the limit."""
_MOST_TICKS: Final = 9
_ROOM_FOR_WORDS: Final = 0.3
"""The share of the width that the name of a line may need."""

Row: TypeAlias = dict[str, Any]


def memory_chart(answer: Plan | Infeasible, inventory: Inventory) -> Spec:
    """Return the chart of the first option's memory, part by part, against context at the planned batch.

    It says so in words where there is no option.
    """
    if isinstance(answer, Infeasible):
        return nothing_fits(answer, title=TITLE)
    return draw_curve(answer, memory_curve(answer.options[0], answer.request, inventory))


def draw_curve(answer: Plan, curve: MemoryCurve) -> Spec:
    """Return the chart of `curve`, which is that of the first option of `answer`."""
    option = answer.options[0]
    limit = option.gpu.memory_bytes
    points = [point for point in curve.points if point.per_gpu.needed_bytes <= _TALLEST * limit]
    first, last = points[0].context, points[-1].context
    top = max(_ROOM_ABOVE * limit, points[-1].per_gpu.needed_bytes) / GIB
    parts = [part for part in _PARTS if any(getattr(point.per_gpu, part[1]) for point in points)]
    rows = [
        {"context": point.context, "part": name, "order": order, "gib": _gib(point.per_gpu, attribute)}
        for point in points
        for order, (name, attribute, _) in enumerate(parts)
    ]
    areas: Spec = {
        "data": {"values": rows},
        "mark": {"type": "area", "stroke": "white", "strokeWidth": 1},
        "encoding": {
            "x": _context_axis(first, last),
            "y": {
                "field": "gib",
                "type": "quantitative",
                "stack": "zero",
                "scale": {"domain": [0, round(top, 3)], "nice": False},
                "axis": {"title": "GiB on each GPU", "tickCount": 6},
            },
            "order": {"field": "order", "type": "quantitative"},
            "color": _part_colours(parts, option.memory.per_gpu, planned_context=answer.request.context),
        },
    }
    return frame(
        [areas, *_lines(answer, curve, first=first, last=last, top=top)],
        title=TITLE,
        subtitle=[describe_request(answer), _sum_up(option)],
        caption=[
            f"Drawn to {show_tokens(last)} of the model's {show_tokens(curve.longest_context)}."
            if last < curve.longest_context
            else "",
            "What fits leaves the margin by which repeated runs differ.",
            f"The GPU's memory: {option.gpu.memory_basis}.",
            f"{option.engine} {option.engine_version}: {option.basis}.",
        ],
    )


def _sum_up(option: Option) -> str:
    split = f", split over {option.tensor_parallel_size}" if option.tensor_parallel_size > 1 else ""
    copies = f", {option.replicas} copies" if option.replicas > 1 else ""
    formats = f"{option.weight_format} weights, {option.kv_cache_dtype} KV cache"
    return f"{option.gpu_count}x {option.gpu.name}{split}{copies}: {formats} on {option.engine}"


def _gib(memory: Memory, attribute: str) -> float:
    size: int = getattr(memory, attribute)
    return round(size / GIB, 4)


def _context_axis(first: int, last: int) -> Spec:
    step = 256
    while last / step > _MOST_TICKS:
        step *= 2
    return {
        "field": "context",
        "type": "quantitative",
        "scale": {"domain": [first, last], "nice": False},
        "axis": {
            "title": "context: tokens that each sequence may hold",
            "values": [tick for tick in range(0, last + 1, step) if tick >= first],
            "labelExpr": "datum.value >= 1024 ? datum.value / 1024 + 'k' : datum.label",
            "grid": False,
        },
    }


def _part_colours(parts: list[tuple[str, str, str]], memory: Memory, *, planned_context: int) -> Spec:
    """Return the colours of the parts, their legend saying what each takes as planned."""
    said = " : ".join(
        f"datum.label == '{name}' ? '{name} {_gib(memory, attribute):.1f}'" for name, attribute, _ in parts
    )
    return {
        "field": "part",
        "type": "nominal",
        "scale": {"domain": [name for name, _, _ in parts], "range": [colour for _, _, colour in parts]},
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "title": f"GiB at the planned context of {show_tokens(planned_context)}:",
            "symbolType": "square",
            "symbolStrokeWidth": 0,
            "values": [name for name, _, _ in reversed(parts)],
            "labelExpr": f"{said} : datum.label",
            "columnPadding": 9,
        },
    }


def _lines(answer: Plan, curve: MemoryCurve, *, first: int, last: int, top: float) -> list[Spec]:
    """Return the lines and their names: what the card holds, the planned context, and the largest that fits."""
    option, planned = answer.options[0], answer.request.context
    limit = round(option.gpu.memory_bytes / GIB, 3)
    whole = ", the model's limit" if option.max_context == curve.longest_context else ""

    def share(context: int) -> float:
        return (context - first) / (last - first)

    named: list[Row] = [
        {"context": first, "gib": limit, "text": f"{option.gpu.name} has {limit:.1f} GiB", "dx": 6, "dy": -9}
        | {"colour": _LIMIT_COLOUR, "align": "left"},
        _moment(planned, f"planned: {show_tokens(planned)}", top=top, dy=7, is_left=share(planned) > _ROOM_FOR_WORDS),
        _moment(
            option.max_context,
            f"fits up to {show_tokens(option.max_context)}{whole}",
            top=top,
            dy=23,
            is_left=share(option.max_context) > 1 - _ROOM_FOR_WORDS,
        ),
    ]
    return [
        _rule("y", {"gib": limit}, color=_LIMIT_COLOUR, strokeWidth=2.5, strokeDash=[8, 4]),
        _rule("x", {"context": planned}, color=INK, strokeWidth=1.5, strokeDash=[2, 3]),
        _rule("x", {"context": option.max_context}, color=INK, strokeWidth=1.5),
        *words_at(named, x="context", y="gib"),
    ]


def _moment(context: int, text: str, *, top: float, dy: int, is_left: bool) -> Row:
    place = {"dx": -5, "align": "right"} if is_left else {"dx": 5, "align": "left"}
    return {"context": context, "gib": round(top, 3), "text": text, "dy": dy, "colour": INK} | place


def _rule(channel: str, place: Row, **look: object) -> Spec:
    encoding: Spec = {
        "x": {"field": "context", "type": "quantitative", "axis": None},
        "y": {"field": "gib", "type": "quantitative"},
    }
    return {
        "data": {"values": [place]},
        "mark": {"type": "rule", **look},
        "encoding": {channel: encoding[channel]},
    }
