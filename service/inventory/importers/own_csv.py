"""Our own list of offers as CSV: the columns of an offer by name, in any order."""

from collections.abc import Iterable, Iterator
from typing import Final

from service.inventory.importers.csv_rows import read_csv_rows
from service.inventory.importers.findings import Finding, Refused
from service.inventory.importers.numbers import Unreadable
from service.inventory.importers.own_fields import REQUIRED, read_own_fields

WHAT: Final = "list of offers in CSV"


def read_own_csv(lines: Iterable[bytes]) -> Iterator[Finding]:
    """Yield the machines of the list, in the file's order.

    Raises:
        NotACatalogue: the header lacks a column that every offer needs.
    """
    for row in read_csv_rows(lines, required=REQUIRED, what=WHAT):
        if isinstance(row, Refused):
            yield row
            continue
        try:
            yield read_own_fields(row.cells, line=row.line)
        except Unreadable as error:
            machine = (row.cells["provider"], row.cells["instance_type"], row.cells.get("region", ""))
            yield Refused(line=row.line, reason=str(error), machine=machine)
