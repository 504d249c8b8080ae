"""The imports that were made: what, from where, when, and how much they changed."""

import datetime as dt
from typing import Final

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.audit import Change, describe
from service.inventory.import_tables import ImportRow
from service.inventory.importers.report import CatalogueReport
from service.inventory.utc import now

IMPORT: Final = "import"
# An import may change a hundred thousand offers, all of which stand in the price history.
_MAX_AUDITED: Final = 50


class PastImport(Struct, frozen=True, kw_only=True):
    """One catalogue as it was imported once; `as_of` is the day of its prices, `imported_at` the moment (UTC)."""

    import_id: int
    catalogue: str
    location: str
    checksum_sha256: str
    as_of: dt.date
    as_of_basis: str
    imported_at: dt.datetime
    rows_read: int
    left_out: int
    refused: int
    unresolved: int
    added: int
    changed: int
    confirmed: int
    unchanged: int
    vanished: int


async def load_imports(session: AsyncSession, *, catalogue: str | None = None, limit: int = 100) -> list[PastImport]:
    """Return the newest imports, the newest first; an import that changed nothing is not among them."""
    query = select(ImportRow).order_by(ImportRow.id.desc()).limit(limit)
    if catalogue is not None:
        query = query.where(ImportRow.catalogue == catalogue)
    return [
        PastImport(
            import_id=row.id,
            catalogue=row.catalogue,
            location=row.location,
            checksum_sha256=row.checksum_sha256,
            as_of=row.as_of,
            as_of_basis=row.as_of_basis,
            imported_at=row.imported_at,
            rows_read=row.rows_read,
            left_out=row.left_out,
            refused=row.refused,
            unresolved=row.unresolved,
            added=row.added,
            changed=row.changed,
            confirmed=row.confirmed,
            unchanged=row.unchanged,
            vanished=row.vanished,
        )
        for row in await session.scalars(query)
    ]


async def load_last_imports(session: AsyncSession, catalogues: list[str]) -> dict[str, ImportRow]:
    """Return the newest import of each of the catalogues that was imported before."""
    newest = select(func.max(ImportRow.id)).where(ImportRow.catalogue.in_(catalogues)).group_by(ImportRow.catalogue)
    rows = await session.scalars(select(ImportRow).where(ImportRow.id.in_(newest)))
    return {row.catalogue: row for row in rows}


async def find_next_list(session: AsyncSession, catalogue: str, *, after: dt.date) -> dt.date | None:
    """Return the first day after `after` of which a list of the catalogue was imported, None where there is none."""
    later = (ImportRow.catalogue == catalogue) & (ImportRow.as_of > after)
    return await session.scalar(select(func.min(ImportRow.as_of)).where(later))


def to_import_row(report: CatalogueReport) -> ImportRow:
    """Return the row that keeps what an import did."""
    return ImportRow(
        catalogue=report.catalogue,
        location=report.location,
        checksum_sha256=report.checksum_sha256,
        as_of=report.as_of,
        as_of_basis=report.as_of_basis,
        imported_at=now(),
        rows_read=report.rows_read,
        left_out=report.rows_left_out,
        refused=len(report.refused),
        unresolved=report.rows_unresolved,
        added=len(report.added),
        changed=len(report.changed),
        confirmed=report.confirmed,
        unchanged=report.unchanged + report.newer_known + len(report.added_to_history),
        vanished=len(report.vanished),
    )


def describe_import(report: CatalogueReport) -> Change:
    """Return what the audit trail says of an import: its source, its numbers, and the first of its changes."""
    lists = {
        "added": report.added,
        "changed": report.changed,
        "vanished": report.vanished,
        "added_to_history": report.added_to_history,
    }
    return describe(
        IMPORT,
        report.catalogue,
        after={
            "location": report.location,
            "checksum_sha256": report.checksum_sha256,
            "as_of": report.as_of,
            "rows_read": report.rows_read,
            "rows_refused": len(report.refused),
            **{name: len(changes) for name, changes in lists.items()},
            "confirmed": report.confirmed,
            **{f"first_{name}": changes[:_MAX_AUDITED] for name, changes in lists.items()},
        },
    )
