"""A table of one row, as forums draw it: each cell is read behind the name of its column."""

import re
from typing import Final

from planner.question.sentence import Lexeme

_TABLE: Final = re.compile(
    r"^[ \t]*\|(?P<head>[^\n]+)\|[ \t]*\n[ \t]*\|[ \t:|-]+\|[ \t]*\n[ \t]*\|(?P<row>[^\n]+)\|[ \t]*$(?!\n[ \t]*\|)",
    re.MULTILINE,
)


def put_cells_behind_their_names(text: str, lexemes: list[Lexeme]) -> list[Lexeme]:
    """Return `lexemes` with those of a table in the order of its columns, a comma behind each cell."""
    match = _TABLE.search(text)
    if match is None:
        return lexemes
    heads, cells = (_cells(match[part], match.start(part)) for part in ("head", "row"))
    if len(heads) != len(cells):
        return lexemes
    ordered = [lexeme for lexeme in lexemes if lexeme.end <= match.start()]
    for head, cell in zip(heads, cells, strict=True):
        for start, end in (head, cell):
            ordered += [lexeme for lexeme in lexemes if start <= lexeme.start < end]
        ordered.append(Lexeme(kind="comma", value=",", text=",", start=cell[1], end=cell[1], gap=" "))
    return [*ordered, *(lexeme for lexeme in lexemes if lexeme.start >= match.end())]


def _cells(line: str, start: int) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    for cell in line.split("|"):
        places.append((start, start + len(cell)))
        start += len(cell) + 1
    return places
