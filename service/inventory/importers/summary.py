"""What an import did, short enough to be kept and shown: the numbers, and the first rows behind each."""

import datetime as dt
from typing import Final

from msgspec import Struct

from service.inventory.importers.report import (
    CatalogueReport,
    ImportReport,
    PriceChange,
    RefusedRow,
    RowsLeftOut,
    UnresolvedGpu,
)

MAX_LISTED: Final = 200
"""How many rows of each list are kept; how many there were is always told."""


class PriceChanges(Struct, frozen=True, kw_only=True):
    """How many offers, and the first of them."""

    count: int
    first: tuple[PriceChange, ...]


class RefusedRows(Struct, frozen=True, kw_only=True):
    """How many rows could not be read, and the first of them."""

    count: int
    first: tuple[RefusedRow, ...]


class UnresolvedGpus(Struct, frozen=True, kw_only=True):
    """How many rows name a GPU that cannot be told, and the first of those names."""

    rows: int
    first: tuple[UnresolvedGpu, ...]


class CatalogueSummary(Struct, frozen=True, kw_only=True):
    """What one catalogue changed or would change.

    `added_to_history` are prices of an earlier day than what the inventory knows of their offers. `confirmed` are
    offers whose price is the same on a later day, `newer_known` those of which the inventory knows a later day's price
    and this one too, `unchanged` the rest. `later_list` is the day of the catalogue's next list that was imported
    already: then this one is old, and nothing vanishes. `kept` are offers that it does not name and that stay: one of
    them may stand in a row that cannot be read. `left_out` are rows that were understood and are no offer.
    """

    catalogue: str
    location: str
    checksum_sha256: str
    as_of: dt.date
    as_of_basis: str
    rows_read: int
    added: PriceChanges
    changed: PriceChanges
    vanished: PriceChanges
    # What was kept of imports before there was such a list lacks it.
    added_to_history: PriceChanges = PriceChanges(count=0, first=())
    later_list: dt.date | None = None
    confirmed: int
    unchanged: int
    newer_known: int
    kept: int = 0
    left_out: tuple[RowsLeftOut, ...]
    refused: RefusedRows
    unresolved: UnresolvedGpus


class ImportSummary(Struct, frozen=True, kw_only=True):
    """What an import did (`is_dry_run`: would do); `revision` is the inventory's after it."""

    is_dry_run: bool
    revision: int
    catalogues: tuple[CatalogueSummary, ...]

    @property
    def written(self) -> int:
        """How many offers were written, or would be."""
        return sum(
            each.added.count + each.changed.count + each.vanished.count + each.added_to_history.count + each.confirmed
            for each in self.catalogues
        )

    def __str__(self) -> str:
        """Return the numbers in one line."""
        parts = {
            "rows": sum(each.rows_read for each in self.catalogues),
            "added": sum(each.added.count for each in self.catalogues),
            "changed": sum(each.changed.count for each in self.catalogues),
            "vanished": sum(each.vanished.count for each in self.catalogues),
            "added to the history": sum(each.added_to_history.count for each in self.catalogues),
            "confirmed": sum(each.confirmed for each in self.catalogues),
            "unchanged": sum(each.unchanged + each.newer_known for each in self.catalogues),
            "kept": sum(each.kept for each in self.catalogues),
            "refused": sum(each.refused.count for each in self.catalogues),
            "in doubt": sum(each.unresolved.rows for each in self.catalogues),
        }
        return ", ".join(f"{count:,} {word}" for word, count in parts.items() if count or word == "rows")


def summarize(report: ImportReport) -> ImportSummary:
    """Return the numbers of a report with the first rows behind them."""
    return ImportSummary(
        is_dry_run=report.is_dry_run,
        revision=report.revision,
        catalogues=tuple(map(_summarize_catalogue, report.catalogues)),
    )


def _summarize_catalogue(report: CatalogueReport) -> CatalogueSummary:
    return CatalogueSummary(
        catalogue=report.catalogue,
        location=report.location,
        checksum_sha256=report.checksum_sha256,
        as_of=report.as_of,
        as_of_basis=report.as_of_basis,
        rows_read=report.rows_read,
        added=_changes(report.added),
        changed=_changes(report.changed),
        vanished=_changes(report.vanished),
        added_to_history=_changes(report.added_to_history),
        later_list=report.later_list,
        confirmed=report.confirmed,
        unchanged=report.unchanged,
        newer_known=report.newer_known,
        kept=report.kept,
        left_out=report.left_out[:MAX_LISTED],
        refused=RefusedRows(count=len(report.refused), first=report.refused[:MAX_LISTED]),
        unresolved=UnresolvedGpus(rows=report.rows_unresolved, first=report.unresolved[:MAX_LISTED]),
    )


def _changes(changes: tuple[PriceChange, ...]) -> PriceChanges:
    return PriceChanges(count=len(changes), first=changes[:MAX_LISTED])
