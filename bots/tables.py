"""Tables in a code block, narrow enough for a telephone."""

from collections.abc import Collection, Sequence

from bots.figures import pad, width
from bots.message import code_block

PHONE_COLUMNS = 38
"""What a telephone shows of a code block without breaking its lines."""

_GAP = "  "


def table(rows: Sequence[Sequence[str]], *, right: Collection[int] = (), elastic: int | None = None) -> str:
    """Return the rows under their heading (the first row) as a code block; the columns `right` are set to the right.

    Where a line would be too wide, the cells of the column `elastic` are cut.
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    if elastic is not None:
        over = sum(widths) + len(_GAP) * (len(widths) - 1) - PHONE_COLUMNS
        widths[elastic] -= max(0, min(over, widths[elastic] - 1))
    lines = [
        _GAP.join(
            pad(_cut(cell, columns), columns, is_right=place in right)
            for place, (cell, columns) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return code_block("\n".join(lines))


def _cut(cell: str, columns: int) -> str:
    if width(cell) <= columns:
        return cell
    kept = cell
    while width(kept) > columns - 1:
        kept = kept[:-1]
    return f"{kept}…"
