"""Tables in a code block, narrow enough for a telephone; a name is broken over lines sooner than cut."""

from collections.abc import Collection, Sequence

from bots.figures import pad, width
from bots.message import code_block

PHONE_COLUMNS = 38
"""What a telephone shows of a code block without breaking its lines."""

_GAP = "  "


def table(rows: Sequence[Sequence[str]], *, right: Collection[int] = (), elastic: int | None = None) -> str:
    """Return the rows under their heading (the first row) as a code block; the columns `right` are set to the right.

    Where a line would be too wide, the cell of the column `elastic` stands on a line of its own: above the rest of its
    row where that is the first column, else below.
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    alone: set[int] = set()
    if elastic is not None:
        room = PHONE_COLUMNS - sum(widths) - len(_GAP) * (len(widths) - 1) + widths[elastic]
        alone = {place for place, row in enumerate(rows) if width(row[elastic]) > room}
        widths[elastic] = max((width(row[elastic]) for place, row in enumerate(rows) if place not in alone), default=0)
    lines: list[str] = []
    for place, row in enumerate(rows):
        if elastic is None or place not in alone:
            lines.append(_line(row, widths, right=right))
            continue
        rest = _line([*row[:elastic], "", *row[elastic + 1 :]], widths, right=right)
        name = [" " * (PHONE_COLUMNS - width(part)) * (elastic > 0) + part for part in _break(row[elastic])]
        lines += [rest, *name] if elastic else [*name, rest]
    return code_block("\n".join(lines))


def titled_table(
    heading: Sequence[str], entries: Sequence[tuple[str, str, Sequence[str]]], *, right: Collection[int] = ()
) -> str:
    """Return entries of two lines as a code block: a number with a title, and the cells below it under `heading`."""
    indent = max((width(number) for number, _, _ in entries), default=0)
    widths = [max(map(width, column)) for column in zip(heading, *(cells for _, _, cells in entries), strict=True)]
    margin = " " * indent + _GAP
    lines = [margin + _line(heading, widths, right=right)]
    for number, title, cells in entries:
        first, *others = _break(title, PHONE_COLUMNS - len(margin))
        lines += [pad(number, indent, is_right=True) + _GAP + first, *(margin + each for each in others)]
        lines.append(margin + _line(cells, widths, right=right))
    return code_block("\n".join(lines))


def _line(cells: Sequence[str], widths: Sequence[int], *, right: Collection[int]) -> str:
    return _GAP.join(
        pad(cell, columns, is_right=place in right)
        for place, (cell, columns) in enumerate(zip(cells, widths, strict=True))
    ).rstrip()


def _break(text: str, columns: int = PHONE_COLUMNS) -> list[str]:
    """Return the text in lines of so many columns, broken at spaces; a word that is wider is cut."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if width(longer) <= columns:
            lines[-1] = longer
        else:
            lines += [_cut(word, columns)]
    return [line for line in lines if line] or [""]


def _cut(word: str, columns: int) -> str:
    if width(word) <= columns:
        return word
    kept = word
    while width(kept) > columns - 1:
        kept = kept[:-1]
    return f"{kept}…"
