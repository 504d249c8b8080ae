"""The imports that were made: what, from where, when, and how much it changed."""

import datetime as dt

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.import_tables import ImportRow


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
