"""The one way to the terminal: what a command says, with text from elsewhere shown as it stands.

Owners, purposes, catalogues and questions hold whatever their writers liked: `[/x]` is no markup here, `:m:` no
picture, and nothing in them steers the terminal.
"""

import re
import sys
from collections.abc import Iterable
from typing import Final, TextIO

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

STEERING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that are no text: they move, colour or turn what a terminal shows."""

_UNDECODABLE: Final = re.compile("[\ud800-\udfff]")
# Wider than any line: what goes to a file or another program is not wrapped, so that identifiers can be copied.
_UNWRAPPED: Final = 100_000


class _PlainConsole(Console):
    """A console that reads no markup and no emoji codes; styles come as `Text` and `style=` only."""

    def __init__(self, *, err: bool, width: int | None) -> None:
        super().__init__(stderr=err, width=width, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Return what `renderable` becomes; only rich itself may steer the terminal."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(show_plainly(segment.text), segment.style)


def open_console(*, err: bool = False) -> Console:
    """Return a console on standard output, or on standard error: as wide as the terminal, and elsewhere unwrapped."""
    stream: TextIO | None = sys.stderr if err else sys.stdout
    is_terminal = stream is not None and stream.isatty()  # None: it was closed before we began
    return _PlainConsole(err=err, width=None if is_terminal else _UNWRAPPED)


def make_table(*titles: str) -> Table:
    """Return a table without lines, with a column for each of `titles`."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def print_table(console: Console, table: Table) -> None:
    """Print `table`; where it is too wide, cells go on below themselves, and where that broke words, rows are long."""
    unwrapped = console.options.update(width=_UNWRAPPED)
    for column in table.columns:
        needed = [Measurement.get(console, unwrapped, cell) for cell in (column.header, *column.cells)]
        column.min_width = max(each.maximum if column.no_wrap else each.minimum for each in needed)
    lines = _render_lines(console, table, console.options)
    if any(line.cell_len > console.width for line in lines):
        lines = _render_lines(console, table, unwrapped)
    for line in lines:
        console.print(line, soft_wrap=True)


def _render_lines(console: Console, table: Table, options: ConsoleOptions) -> list[Text]:
    lines: list[Text] = []
    for segments in Segment.split_lines(console.render(table, options)):
        line = Text.assemble(*((segment.text, segment.style or "") for segment in segments))
        line.rstrip()
        lines.append(line)
    return lines


def say(words: str, *, err: bool = False) -> None:
    """Print a line on standard output, or on standard error."""
    click.echo(show_plainly(words), err=err)


def show_plainly(text: str) -> str:
    """Return `text` without what would steer a terminal, and with a sign for what is no character."""
    return _UNDECODABLE.sub("\ufffd", STEERING.sub("", text))
