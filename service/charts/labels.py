"""Where to write the names of points so that they hide neither each other nor other points."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

FONT_SIZE: Final = 11.5
_CHARACTER: Final = 0.56 * FONT_SIZE
"""Mean width of a character, in pixels."""
_HALF_LINE: Final = 7.0
_BAR_COST: Final = 0.4
"""How bad it is to hide a piece of a bar, next to a piece of a point or a name."""


class Mark(Struct, frozen=True, kw_only=True):
    """A point in pixels from the top left, the ends of its vertical bar, and its name, empty where none is written.

    `radius` is half of what its mark takes.
    """

    x: float
    y: float
    top: float
    bottom: float
    radius: float
    name: str = ""


class Place(Struct, frozen=True, kw_only=True):
    """How far a name is moved from its point, in pixels, and which end of it lies there (left, right, center)."""

    dx: float
    dy: float
    align: str


class _Box(Struct, frozen=True):
    left: float
    top: float
    right: float
    bottom: float
    cost: float = 1.0

    def hides(self, other: "_Box") -> float:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, wide) * max(0.0, high) * other.cost


# Best first: beside the point, then beside and above or below, then straight above or below. To the right and down of
# the point, in pixels beyond its mark.
_PLACES: Final = (
    *((side, rise) for rise in (0, -12, 12) for side in ("left", "right")),
    *(("center", rise) for rise in (-12, 12)),
    *((side, rise) for rise in (-24, 24) for side in ("left", "right")),
)
_GAP: Final = 4.0
_NEXT_BEST_PENALTY: Final = 3.0
_OUTSIDE_PENALTY: Final = 50.0


def place_names(marks: Sequence[Mark], *, width: float, height: float) -> dict[int, Place]:
    """Return for each named mark, by its index, where its name hides least; the first ones choose first."""
    taken = [box for mark in marks for box in _boxes_of(mark)]
    places: dict[int, Place] = {}
    for index, mark in enumerate(marks):
        if mark.name:
            choices = [_place(mark, align, rise) for align, rise in _PLACES]
            boxes = [_box_of(mark, place) for place in choices]
            costs = [
                _cost(box, taken, width=width, height=height) + order * _NEXT_BEST_PENALTY
                for order, box in enumerate(boxes)
            ]
            best = costs.index(min(costs))
            places[index] = choices[best]
            taken.append(boxes[best])
    return places


def _place(mark: Mark, align: str, rise: float) -> Place:
    if align == "center":
        return Place(dx=0.0, dy=math.copysign(mark.radius + _HALF_LINE, rise), align=align)
    # A mark is round: beside and above it there is room.
    away = (mark.radius + _GAP) * (1 if rise == 0 else 0.5)
    return Place(dx=away if align == "left" else -away, dy=rise, align=align)


def _boxes_of(mark: Mark) -> tuple[_Box, _Box]:
    return (
        _Box(mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius),
        _Box(mark.x - 1, mark.top, mark.x + 1, mark.bottom, _BAR_COST),
    )


def _box_of(mark: Mark, place: Place) -> _Box:
    length = len(mark.name) * _CHARACTER
    left = mark.x + place.dx - {"left": 0.0, "center": 0.5, "right": 1.0}[place.align] * length
    middle = mark.y + place.dy
    return _Box(left, middle - _HALF_LINE, left + length, middle + _HALF_LINE)


def _cost(box: _Box, taken: Iterable[_Box], *, width: float, height: float) -> float:
    outside = max(0.0, -box.left) + max(0.0, box.right - width) + max(0.0, -box.top) + max(0.0, box.bottom - height)
    return sum(box.hides(other) for other in taken) + outside * _OUTSIDE_PENALTY
