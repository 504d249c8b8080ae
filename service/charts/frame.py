"""What every chart here shares: its size, its type, its caption; and the plain chart that only says something."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from planner import Infeasible, Plan

Spec: TypeAlias = dict[str, Any]
"""A Vega-Lite specification, its data inside: drawing one fetches nothing."""

WIDTH: Final = 520
"""Pixels: as wide as Discord shows a picture."""
HEIGHT: Final = 400

INK: Final = "#1a1a1a"
FAINT: Final = "#595959"
_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
_CAPTION_SIZE: Final = 10
_CAPTION_COLUMNS: Final = 100
_WORDS_SIZE: Final = 12
_WORDS_COLUMNS: Final = 78


def frame(
    layers: Sequence[Spec], *, title: str, subtitle: Sequence[str], caption: Iterable[str], height: int = HEIGHT
) -> Spec:
    """Return a chart of `layers` on common axes, `subtitle` above them and `caption` below."""
    return {
        "$schema": _SCHEMA,
        "width": WIDTH,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": "white",
        "padding": {"left": 6, "right": 10, "top": 8, "bottom": 6},
        "title": {
            "text": title,
            "subtitle": list(subtitle),
            "anchor": "start",
            "frame": "bounds",
            "fontSize": 15,
            "subtitleFontSize": 12,
            "subtitleColor": INK,
            "subtitlePadding": 4,
            "offset": 10,
        },
        "layer": [*layers, _caption(caption)],
        "resolve": {"axis": {"x": "independent"}},
        "config": {
            "font": "Liberation Sans, Arial, Helvetica, sans-serif",
            "axis": {"labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "gridColor": "#e6e6e6"},
            "legend": {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal"},
            "view": {"stroke": None},
        },
    }


def plain_chart(answer: Plan | Infeasible, *, title: str, words: Iterable[str]) -> Spec:
    """Return a chart without axes that only says something, one paragraph for each of `words`."""
    rows = [line for paragraph in words for line in (*textwrap.wrap(paragraph, _WORDS_COLUMNS), "")]
    spacing = _WORDS_SIZE + 5
    text: Spec = {
        "data": {"values": [{"line": line, "place": place * spacing} for place, line in enumerate(rows)]},
        "mark": {"type": "text", "align": "left", "baseline": "top", "fontSize": _WORDS_SIZE, "color": INK},
        "encoding": {
            "text": {"field": "line"},
            "x": {"value": 0},
            "y": {"field": "place", "type": "quantitative", "scale": None, "axis": None},
        },
    }
    return {
        **frame([text], title=title, subtitle=[describe_request(answer)], caption=[]),
        "layer": [text],
        "height": len(rows) * spacing + 70,
    }


def nothing_fits(answer: Infeasible, *, title: str) -> Spec:
    """Return the plain chart for an answer without options: why, and what would help."""
    said = (
        f"{rejection.count:,} {rejection.of}: {rejection.message}."
        + (f" Would help: {rejection.smallest_change.message}." if rejection.smallest_change else "")
        for rejection in answer.rejections
    )
    return plain_chart(answer, title=title, words=["Nothing fits, so there is nothing to draw.", *said])


def describe_request(answer: Plan | Infeasible) -> str:
    """Return what was asked for in one line."""
    request = answer.request
    sequences = "1 sequence" if request.batch == 1 else f"{request.batch:,} sequences at once"
    return f"{answer.model.name.rpartition('/')[2]}, {show_tokens(request.context)} context, {sequences}"


def words_at(rows: Sequence[dict[str, Any]], *, x: str, y: str) -> list[Spec]:
    """Return words at places, in a white halo so that they can be read on anything.

    A row has the fields `x` and `y`, `text`, `colour`, `align` (left, right, center), and how far it is moved in
    pixels, `dx` and `dy`, and may have `weight`.
    """
    encoding = {
        "x": {"field": x, "type": "quantitative", "axis": None},
        "y": {"field": y, "type": "quantitative"},
        "text": {"field": "text"},
    }
    mark: Spec = {
        "type": "text",
        "baseline": "middle",
        "fontSize": 11.5,
        "align": {"expr": "datum.align"},
        "dx": {"expr": "datum.dx"},
        "dy": {"expr": "datum.dy"},
        "fontWeight": {"expr": "datum.weight || 'normal'"},
    }
    halo = {**mark, "stroke": "white", "strokeWidth": 4, "strokeJoin": "round"}
    return [
        {"data": {"values": list(rows)}, "mark": halo, "encoding": encoding},
        {"data": {"values": list(rows)}, "mark": {**mark, "fill": {"expr": "datum.colour"}}, "encoding": encoding},
    ]


def price_dates(answer: Plan | Infeasible) -> str:
    """Return of when the prices of the options drawn are: a date, or the first and the last."""
    dates = sorted({option.offer.as_of for option in answer.options})
    return " to ".join(date.isoformat() for date in dict.fromkeys((dates[0], dates[-1])))


def show_tokens(tokens: int) -> str:
    """Return a token count as people write it, to the nearest half k: 32,768 is "32k"."""
    if tokens < 1 << 10:
        return str(tokens)
    return f"{round(tokens / 512) / 2:g}k"


def caption_lines(sentences: Iterable[str]) -> list[str]:
    """Return the lines on which a caption of these sentences is written."""
    return textwrap.wrap(" ".join(sentence for sentence in sentences if sentence), _CAPTION_COLUMNS)


def _caption(sentences: Iterable[str]) -> Spec:
    """Return a layer that draws nothing but an axis title far below: Vega-Lite has no caption of its own."""
    lines = caption_lines(sentences)
    return {
        "data": {"values": [{}]},
        # Clipped, as the point may lie far outside.
        "mark": {"type": "point", "opacity": 0, "clip": True},
        "encoding": {
            "x": {
                "datum": 1,
                "type": "quantitative",
                "axis": {
                    "orient": "bottom",
                    "offset": 40,
                    "title": lines,
                    "titleAnchor": "start",
                    "titleAlign": "left",
                    "titleFontSize": _CAPTION_SIZE,
                    "titleColor": FAINT,
                    "titleX": -40,
                    "labels": False,
                    "ticks": False,
                    "domain": False,
                    "grid": False,
                    "tickCount": 0,
                },
            }
        },
    }
