"""Where to write the names of points so that they hide neither each other nor other points."""

import math
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

FONT_SIZE: Final = 11.5
_CHARACTER: Final = 0.6 * FONT_SIZE
"""Mean width of a character, in pixels, of bold ones too."""
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

    def is_inside(self, width: float, height: float) -> bool:
        return (
            self.left >= _MARGIN
            and self.top >= _MARGIN
            and self.right <= width - _MARGIN
            and self.bottom <= height - _MARGIN
        )

    def hides(self, other: "_Box") -> float:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, wide) * max(0.0, high) * other.cost


# Best first: beside the point, then beside and above or below, then straight above or below, then farther. To the right
# and down of the point, in pixels beyond its mark.
_PLACES: Final = (
    *((side, rise) for rise in (0, -12, 12) for side in ("left", "right")),
    *(("center", rise) for rise in (-12, 12)),
    *((side, rise) for rise in (-24, 24, -36, 36, -48) for side in ("left", "right")),
)
_GAP: Final = 4.0
_NEXT_BEST_PENALTY: Final = 3.0
_MOST_HIDDEN: Final = 120.0
"""How bad a name's place may be: but for the first, no name is written over most of a point."""
_MARGIN: Final = 2.0
"""What stays free between a name and the frame."""


def place_names(marks: Sequence[Mark], *, width: float, height: float) -> dict[int, Place]:
    """Return for each named mark, by its index, where its name hides least of points; the first ones choose first.

    No name leaves the frame of `width` and `height`, crosses it or touches another name. One that finds no place is
    left out, and so is one after the first that would hide most of a point.
    """
    taken = [box for mark in marks for box in _boxes_of(mark)]
    names: list[_Box] = []
    places: dict[int, Place] = {}
    for index, mark in enumerate(marks):
        if not mark.name:
            continue
        choices = [_place(mark, align, rise) for align, rise in _PLACES]
        free = [
            (sum(box.hides(other) for other in taken) + order * _NEXT_BEST_PENALTY, order)
            for order, box in enumerate(_box_of(mark, place) for place in choices)
            if box.is_inside(width, height) and not any(box.hides(name) for name in names)
        ]
        if free:
            hidden, best = min(free)
            if places and hidden > _MOST_HIDDEN:
                continue
            places[index] = choices[best]
            names.append(_box_of(mark, choices[best]))
    return places


def name_box(mark: Mark, place: Place) -> tuple[float, float, float, float]:
    """Return the left, top, right and bottom of a mark's name at that place."""
    box = _box_of(mark, place)
    return box.left, box.top, box.right, box.bottom


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
