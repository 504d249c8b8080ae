"""Price against speed: every option a point, its quality the colour and the shape."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from planner import Infeasible, Option, Plan
from service.charts.frame import (
    FAINT,
    HEIGHT,
    INK,
    WIDTH,
    Spec,
    caption_lines,
    describe_request,
    frame,
    nothing_fits,
    plain_chart,
    price_dates,
    words_at,
)
from service.charts.labels import Mark, place_names

TITLE: Final = "Price against speed"
OPTIONS_DRAWN: Final = 40
"""How many options are drawn where the request does not say: a plan lists fewer, but the fast ones are not cheap."""

# Darker is better, and each has its shape: neither needs the other.
_TIERS: Final = {
    "lossless": ("#08306b", "circle"),
    "near_lossless": ("#3f8fc5", "square"),
    "degraded": ("#e8963e", "triangle-up"),
    "poor": ("#b3261e", "cross"),
}
_LOG_FROM: Final = 6
"""From what ratio of the dearest to the cheapest on the prices' axis is logarithmic."""
_NAMED: Final = 4
_BEATEN: Final = 0.4
"""How opaque an option is drawn that another one beats on price and speed."""
_RADIUS: Final = 6.0
_RING_RADIUS: Final = 12.0
_PLOT_WIDTH: Final = WIDTH - 65
"""What the vertical axis leaves at least, in pixels."""
_PLOT_HEIGHT: Final = HEIGHT - 141
_CAPTION_LINE_HEIGHT: Final = 12
"""What title, legend and horizontal axis leave, and what each line of the caption then takes, in pixels."""
_BASES: Final = {
    "gpu": "measured on the same GPU",
    "class": "on GPUs of its class",
    "extrapolated": "extrapolated",
}
_PRICINGS: Final = {"on_demand": "on demand", "spot": "spot", "buy": "purchase", "owned": "own machines'"}

Row: TypeAlias = dict[str, Any]


def price_speed_chart(answer: Plan | Infeasible) -> Spec:
    """Return the chart of the options' price against what one user gets, with the bands of the estimates.

    It says so in words where there is no option, or no option whose speed has a basis.
    """
    if isinstance(answer, Infeasible):
        return nothing_fits(answer, title=TITLE)
    rows = [row for option in answer.options if (row := _row(option)) is not None]
    if not rows:
        reasons = Counter(option.speed.reason for option in answer.options)
        said = [f"{_count(number, 'option')}: {reason}." for reason, number in reasons.most_common()]
        return plain_chart(answer, title=TITLE, words=["The speed of no option has a basis.", *said])
    best = best_rows(rows)
    # Ordered by another objective, an answer leaves out cheaper options than it lists.
    drawn = "" if answer.request.objective == "cheapest" else " of these"
    is_cheapest = best[0]["usd_per_hour"] <= min(option.usd_per_hour for option in answer.options)
    cheapest = f"Cheapest{drawn if is_cheapest else ' whose speed has a basis'}"
    caption = _caption(answer, rows)
    height = _PLOT_HEIGHT - _CAPTION_LINE_HEIGHT * len(caption_lines(caption))
    return frame(
        _layers([row if row in best else row | {"strength": _BEATEN} for row in rows], best, height=height),
        title=TITLE,
        subtitle=[describe_request(answer), f"{cheapest}: {_sum_up(best[0])}"],
        caption=caption,
    )


def _row(option: Option) -> Row | None:
    speed = option.speed.tokens_per_second_per_user
    if speed is None:
        return None
    return {
        "name": f"{option.gpu_count}x {option.gpu.name}, {option.weight_format}",
        "usd_per_hour": option.usd_per_hour,
        "purchase_usd": option.offer.purchase_usd if option.offer.pricing == "buy" else None,
        "tokens_per_second": speed.estimate,
        "low": speed.low,
        "high": speed.high,
        "tier": option.quality.tier,
        "basis": option.speed.basis,
        "strength": 1.0,
    }


def _sum_up(row: Row) -> str:
    speed = f"{row['tokens_per_second']:.0f} tokens/s ({row['low']:.0f} to {row['high']:.0f})"
    once = "" if row["purchase_usd"] is None else f"${row['purchase_usd']:,.0f} once, so "
    return f"{row['name']}, {once}${row['usd_per_hour']:.3g} per hour, {speed}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _caption(answer: Plan, rows: Sequence[Row]) -> list[str]:
    bases = Counter(row["basis"] for row in rows)
    known = ", ".join(f"{bases[basis]} {words}" for basis, words in _BASES.items() if basis in bases)
    unknown = len(answer.options) - len(rows)
    pricings = " and ".join(sorted({_PRICINGS[option.offer.pricing] for option in answer.options}))
    purchases = (option.cost.purchase for option in answer.options if option.offer.pricing == "buy")
    lives = {purchase.life_years for purchase in purchases if purchase is not None}
    bought = f"Bought: the GPUs' price over {max(lives):g} years, and electricity." if lives else ""
    return [
        "Line: nothing drawn is both cheaper and faster. Bars of these: 80 % of measured cases lie within.",
        f"Speed of {_count(len(rows), 'option')}: {known}.",
        f"Not drawn: {_count(unknown, 'option')} whose speed has no basis." if unknown else "",
        bought,
        f"{pricings.capitalize()} prices of {price_dates(answer)}.",
    ]


def best_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that no other beats on both price and speed, the cheapest first."""
    found: list[Row] = []
    for row in sorted(rows, key=lambda row: (row["usd_per_hour"], -row["tokens_per_second"])):
        if not found or row["tokens_per_second"] > found[-1]["tokens_per_second"]:
            found.append(row)
    return found


def _named(best: Sequence[Row]) -> Sequence[Row]:
    """Return the few rows to name: of the best the cheapest, the fastest, and some evenly between them."""
    if len(best) <= _NAMED:
        return best
    steps = [round(step * (len(best) - 1) / (_NAMED - 1)) for step in range(_NAMED)]
    return [best[step] for step in steps]


def _layers(rows: Sequence[Row], best: Sequence[Row], *, height: int) -> list[Spec]:
    prices = [row["usd_per_hour"] for row in rows]
    is_log = max(prices) >= _LOG_FROM * min(prices) > 0
    domain = [min(prices) / 1.3, max(prices) * 1.3] if is_log else [0.0, max(prices) * 1.15 or 1.0]
    top = 1.08 * max(row["high"] for row in rows)
    tiers = [tier for tier in _TIERS if any(row["tier"] == tier for row in rows)]
    x: Spec = {
        "field": "usd_per_hour",
        "type": "quantitative",
        "scale": {"type": "log" if is_log else "linear", "domain": domain, "nice": False},
        "axis": None,
    }
    axis = {
        "title": f"USD per hour, the whole machine{' (logarithmic)' if is_log else ''}",
        "format": "$~f",
        "grid": False,
        "values": _log_ticks(*domain) if is_log else None,
        "tickCount": 7,
    }
    y: Spec = {
        "field": "tokens_per_second",
        "type": "quantitative",
        "scale": {"domain": [0, round(top, 2)], "nice": False},
        "axis": {"title": "tokens per second for one user", "tickCount": 6},
    }
    quality = {"field": "tier", "type": "nominal"}
    legend = {"orient": "top", "direction": "horizontal", "symbolSize": 110} | {
        "title": "quality against bf16:",
        "titleOrient": "left",
        "titlePadding": 8,
        "symbolOpacity": 1,
        "labelExpr": "replace(datum.label, '_', '-')",
    }
    faded = {"opacity": {"field": "strength", "type": "quantitative", "scale": None}}
    shown = {"data": {"values": list(rows)}}
    return [
        {
            # Of those that nothing beats: a bar on every point would hide the points, and cost half of the drawing.
            "data": {"values": list(best)},
            "mark": {"type": "rule", "color": FAINT},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": list(best)},
            "mark": {"type": "line", "color": INK, "strokeWidth": 1.2, "strokeDash": [4, 3]},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": [best[0]]},
            "mark": {"type": "point", "size": 420, "stroke": INK, "strokeWidth": 2, "filled": False},
            "encoding": {"x": x, "y": y},
        },
        {
            **shown,
            "mark": {"type": "point", "filled": True, "size": 110, "stroke": "white", "strokeWidth": 0.8},
            "encoding": {
                "x": {**x, "axis": axis},
                "y": y,
                **faded,
                "color": quality
                | {"scale": {"domain": tiers, "range": [_TIERS[tier][0] for tier in tiers]}, "legend": legend},
                "shape": quality
                | {"scale": {"domain": tiers, "range": [_TIERS[tier][1] for tier in tiers]}, "legend": legend},
            },
        },
        *_names(rows, best, place=_placer(domain, top, is_log=is_log, ringed=best[0], height=height), height=height),
    ]


def _placer(
    domain: Sequence[float], top: float, *, is_log: bool, ringed: Row, height: int
) -> Callable[[Row, str], Mark]:
    """Return what tells where a row lies, in pixels."""
    scale = math.log if is_log else float
    first, last = scale(domain[0]), scale(domain[1])

    def down(speed: float) -> float:
        return (1 - speed / top) * height

    def place(row: Row, name: str) -> Mark:
        share = (scale(row["usd_per_hour"]) - first) / (last - first)
        return Mark(
            x=share * _PLOT_WIDTH,
            y=down(row["tokens_per_second"]),
            # what is beaten has no bar
            top=down(row["high"] if row["strength"] == 1 else row["tokens_per_second"]),
            bottom=down(row["low"] if row["strength"] == 1 else row["tokens_per_second"]),
            radius=_RING_RADIUS if name and row is ringed else _RADIUS,
            name=name,
        )

    return place


def _names(rows: Sequence[Row], best: Sequence[Row], *, place: Callable[[Row, str], Mark], height: int) -> list[Spec]:
    named = _named(best)
    marks = [place(row, row["name"]) for row in named] + [place(row, "") for row in rows]
    words = [
        {
            "usd_per_hour": named[index]["usd_per_hour"],
            "tokens_per_second": named[index]["tokens_per_second"],
            "text": named[index]["name"],
            "colour": INK,
            "weight": "bold" if index == 0 else "normal",
            "dx": found.dx,
            "dy": found.dy,
            "align": found.align,
        }
        for index, found in place_names(marks, width=_PLOT_WIDTH, height=height).items()
    ]
    return words_at(words, x="usd_per_hour", y="tokens_per_second")


def _log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten between `low` and `high`."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [tick for power in powers for step in (1, 2, 5) if low <= (tick := round(step * 10.0**power, 9)) <= high]
