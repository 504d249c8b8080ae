"""Prices through time as a row of small bars."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

_BARS: Final = "▁▂▃▄▅▆▇█"
_LEVEL: Final = "▄"
_NOTHING: Final = " "


def draw_sparkline(
    prices: Sequence[tuple[dt.date, float]], *, first: dt.date, last: dt.date, width: int, end: dt.date | None = None
) -> str:
    """Return `width` bars for the days from `first` to `last`, each as high as the price that held on its day.

    `prices` are days and prices, the oldest first; before the first of them and from `end` on there is no bar. The
    lowest price has the lowest bar and the highest the highest; a price that never changed is a level line.
    """
    low, high = min(usd for _, usd in prices), max(usd for _, usd in prices)
    bars: list[str] = []
    for column in range(width):
        day = first + (last - first) * column / max(width - 1, 1)
        held = [usd for since, usd in prices if since <= day]
        if not held or (end is not None and day >= end):
            bars.append(_NOTHING)
        elif low == high:
            bars.append(_LEVEL)
        else:
            bars.append(_BARS[round((held[-1] - low) / (high - low) * (len(_BARS) - 1))])
    return "".join(bars)
