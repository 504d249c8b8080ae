"""The GPU names in doubt: kept for a person to say which GPU is meant, and followed once said."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.audit import describe, record
from service.inventory.errors import GpuNotFound
from service.inventory.import_tables import GpuReviewRow
from service.inventory.importers.catalogue import Doubt
from service.inventory.importers.errors import ReviewNotFound
from service.inventory.importers.gpu_names import ReviewKey
from service.inventory.tables import GpuRow
from service.inventory.utc import now

REVIEW: Final = "review"


class Review(Struct, frozen=True, kw_only=True):
    """A GPU in doubt; `gpu_id` is the answer, None while it waits. `memory_gib` is 0 where the catalogue tells none."""

    review_id: int
    catalogue: str
    name: str
    machine: str
    memory_gib: float
    reason: str
    candidates: tuple[str, ...]
    rows: int
    first_line: int
    gpu_id: str | None


async def load_decisions(session: AsyncSession, *, catalogue: str) -> dict[ReviewKey, str]:
    """Return the answers given for a catalogue's GPUs in doubt."""
    rows = await session.scalars(
        select(GpuReviewRow).where(GpuReviewRow.catalogue == catalogue, GpuReviewRow.gpu_id.is_not(None))
    )
    return {_key(row): row.gpu_id for row in rows if row.gpu_id is not None}


async def load_reviews(session: AsyncSession, *, catalogue: str | None = None) -> list[Review]:
    """Return the GPUs in doubt, those that wait first, then by catalogue and name."""
    query = select(GpuReviewRow).order_by(
        GpuReviewRow.gpu_id.is_not(None), GpuReviewRow.catalogue, GpuReviewRow.name, GpuReviewRow.machine
    )
    if catalogue is not None:
        query = query.where(GpuReviewRow.catalogue == catalogue)
    return [
        Review(
            review_id=row.id,
            catalogue=row.catalogue,
            name=row.name,
            machine=row.machine,
            memory_gib=row.memory_gib,
            reason=row.reason,
            candidates=tuple(row.candidates),
            rows=row.rows,
            first_line=row.first_line,
            gpu_id=row.gpu_id,
        )
        for row in await session.scalars(query)
    ]


async def decide(session: AsyncSession, review_id: int, *, gpu_id: str) -> None:
    """Write down which GPU is meant; the catalogue's next import follows it.

    Raises:
        ReviewNotFound: there is no such entry.
        GpuNotFound: the inventory has no such GPU.
    """
    row = await session.get(GpuReviewRow, review_id)
    if row is None:
        raise ReviewNotFound(f"The review list has no entry {review_id}.")
    query = select(GpuRow.gpu_id).where(GpuRow.deleted_at.is_(None)).order_by(GpuRow.gpu_id)
    gpu_ids = list(await session.scalars(query))
    if gpu_id not in gpu_ids:
        nearest = ", ".join(get_close_matches(gpu_id, gpu_ids, n=3, cutoff=0))
        raise GpuNotFound(f"The inventory has no GPU {gpu_id[:80]!r}; the nearest are {nearest}.")
    before, after = {"gpu_id": row.gpu_id}, {"catalogue": row.catalogue, "name": row.name, "gpu_id": gpu_id}
    row.gpu_id = gpu_id
    row.decided_at = now()
    await session.flush()
    await record(session, describe(REVIEW, str(review_id), before=before, after=after))


async def keep_doubts(
    session: AsyncSession, doubts: Mapping[ReviewKey, Doubt], *, catalogue: str, is_newest: bool
) -> bool:
    """Make the list of GPUs that wait for an answer that of this import; return whether that changed it.

    Answers given stay, whether the catalogue still names that GPU or not. What waits and is
    named no more is taken out only where the list `is_newest`.
    """
    rows = {
        _key(row): row for row in await session.scalars(select(GpuReviewRow).where(GpuReviewRow.catalogue == catalogue))
    }
    changed = False
    for key, doubt in doubts.items():
        row = rows.get(key)
        if row is None:
            session.add(_new_row(doubt, catalogue=catalogue))
        elif _said(row) != (doubt.reason, list(doubt.candidates), doubt.rows, doubt.first_line):
            row.reason, row.candidates, row.rows, row.first_line = (
                doubt.reason,
                list(doubt.candidates),
                doubt.rows,
                doubt.first_line,
            )
            row.seen_at = now()
        else:
            continue
        changed = True
    settled = [row.id for key, row in rows.items() if key not in doubts and row.gpu_id is None]
    if settled and is_newest:
        await session.execute(delete(GpuReviewRow).where(GpuReviewRow.id.in_(settled)))
        changed = True
    await session.flush()
    return changed


def _new_row(doubt: Doubt, *, catalogue: str) -> GpuReviewRow:
    return GpuReviewRow(
        catalogue=catalogue,
        name=doubt.key.name,
        machine=doubt.key.machine,
        memory_gib=doubt.key.memory_gib,
        reason=doubt.reason,
        candidates=list(doubt.candidates),
        rows=doubt.rows,
        first_line=doubt.first_line,
        seen_at=now(),
        gpu_id=None,
        decided_at=None,
    )


def _key(row: GpuReviewRow) -> ReviewKey:
    return ReviewKey(row.name, row.machine, row.memory_gib)


def _said(row: GpuReviewRow) -> tuple[str, list[str], int, int]:
    return row.reason, row.candidates, row.rows, row.first_line
