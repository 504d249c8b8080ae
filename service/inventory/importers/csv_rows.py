"""The rows of a CSV file by the names of their columns, read line by line; a broken line spoils no other."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from service.inventory.importers.errors import NotACatalogue
from service.inventory.importers.findings import KEY_IN_A_ROW, Refused
from service.key_format import holds_key

# A line is read whole, so its length is bounded; the longest seen in a catalogue is below 2,000 bytes.
MAX_LINE_BYTES: Final = 64 * 1024
CONTROL_CHARACTER: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SHOWN: Final = 60


class CsvRow(Struct, frozen=True, kw_only=True, gc=False):
    """One row: its line in the file (the header's is 1) and its cells by column name, without surrounding blanks."""

    line: int
    cells: dict[str, str]


def read_csv_rows(lines: Iterable[bytes], *, required: Iterable[str], what: str) -> Iterator[CsvRow | Refused]:
    """Yield the rows under the header; a line that is no row of it comes as Refused.

    A row stands on one line: a quote left open then costs one row, not the rest of the file.

    Raises:
        NotACatalogue: there is no header, or it lacks one of the columns `required` of `what`.
    """
    numbered = enumerate(lines, start=1)
    header = _read_header(numbered, required=tuple(required), what=what)
    for number, raw in numbered:
        if not raw.strip():
            continue
        try:
            cells = _split(raw)
        except ValueError as error:
            yield Refused(line=number, reason=str(error))
            continue
        if len(cells) != len(header):
            reason = f"{len(cells)} cells under a header of {len(header)}"
            yield Refused(line=number, reason=reason)
            continue
        yield CsvRow(line=number, cells=dict(zip(header, cells, strict=True)))


def _read_header(numbered: Iterator[tuple[int, bytes]], *, required: tuple[str, ...], what: str) -> list[str]:
    for _, raw in numbered:
        if not raw.strip():
            continue
        try:
            header = _split(raw.removeprefix(b"\xef\xbb\xbf"))
        except ValueError as error:
            raise NotACatalogue(f"This is no {what}: its first line cannot be read: {error}.") from error
        missing = [name for name in required if name not in header]
        if missing:
            raise NotACatalogue(
                f"This is no {what}: its header lacks {', '.join(missing)}."
                f" It begins {', '.join(header)[:_SHOWN]!r}; needed are {', '.join(required)}, in any order."
            )
        twice = sorted({name for name in header if name and header.count(name) > 1})
        if twice:
            raise NotACatalogue(f"This is no {what}: its header names {', '.join(twice)} twice.")
        return header
    raise NotACatalogue(f"This is no {what}: the file is empty; needed is a header with {', '.join(required)}.")


def _split(raw: bytes) -> list[str]:
    """Return the cells of one line; raises ValueError with the reason where it is none."""
    if len(raw) > MAX_LINE_BYTES:
        raise ValueError(f"longer than {MAX_LINE_BYTES} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text: byte {error.object[error.start]:#04x} at {error.start + 1}") from error
    text = text.rstrip("\r\n")
    control = CONTROL_CHARACTER.search(text)
    if control is not None:
        raise ValueError(f"a control character, {control[0]!r}, at {control.start() + 1}")
    if holds_key(text):
        raise ValueError(KEY_IN_A_ROW)
    try:
        return [cell.strip() for cell in next(csv.reader((text,), strict=True))]
    except csv.Error as error:
        raise ValueError(f"no line of CSV: {error} (is a quote left open?)") from error
