"""Uploads and what became of them: begun, under way, done or not, and listed."""

import datetime as dt
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.errors import JobNotFound
from service.inventory.importers.importing import ImportRequest
from service.inventory.importers.summary import ImportSummary
from service.inventory.job_tables import ImportJobRow
from service.inventory.listing import MAX_ID, RowId, decode_cursor, encode_cursor
from service.inventory.utc import now

JobState: TypeAlias = Literal["running", "done", "refused", "failed", "interrupted"]
_RUNNING: Final = "running"
_INTERRUPTED: Final = "The process that imported ended before it was done; nothing was imported. Send the file again."


class ImportProgress(Struct, frozen=True, kw_only=True):
    """How far an import is: `reading` in bytes of the file, unpacked, `writing` in offers; null before it began.

    `finished` is an import that is done: as many offers as it wrote, or would write.
    """

    step: Literal["reading", "writing", "finished"] | None
    done: int
    total: int


class ImportJob(Struct, frozen=True, kw_only=True):
    """An upload: `running`, `done`, `refused` (the file cannot be imported), `failed` or `interrupted`.

    Unless it is `done`, nothing of it is in the inventory. `result` tells the numbers in one line.
    """

    import_id: int
    state: JobState
    format: str
    name: str | None
    size_bytes: int
    is_dry_run: bool
    created_at: dt.datetime
    ended_at: dt.datetime | None
    progress: ImportProgress
    error: str | None
    result: str | None


class ImportJobReport(ImportJob, frozen=True, kw_only=True):
    """An upload with its report, null until it is `done`: the numbers, and the first rows behind each."""

    report: ImportSummary | None


class JobPage(Struct, frozen=True, kw_only=True):
    """Uploads, the newest first; `next_cursor` leads to the page after this one, None to none."""

    jobs: tuple[ImportJob, ...]
    next_cursor: str | None


class _Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    import_id: RowId


async def begin_job(session: AsyncSession, request: ImportRequest, *, size_bytes: int) -> int:
    """Note an upload that is about to be imported, and return its number."""
    job = ImportJobRow(
        state=_RUNNING,
        format=request.format.name,
        name=request.name or request.provider,
        size_bytes=size_bytes,
        is_dry_run=request.is_dry_run,
        created_at=now(),
        done=0,
        total=0,
    )
    session.add(job)
    await session.flush()
    return job.id


async def note_progress(session: AsyncSession, job_id: int, progress: ImportProgress) -> None:
    """Note how far an import is that is under way."""
    values = {"step": progress.step, "done": progress.done, "total": progress.total}
    under_way = (ImportJobRow.id == job_id) & (ImportJobRow.state == _RUNNING)
    await session.execute(update(ImportJobRow).where(under_way).values(values))


async def note_done(session: AsyncSession, job_id: int, summary: ImportSummary) -> None:
    """Note that an import was made: to be called in its own transaction."""
    written = summary.written
    values = {
        "state": "done",
        "ended_at": now(),
        "step": "finished",
        "done": written,
        "total": written,
        "result": str(summary),
        "summary": msgspec.to_builtins(summary),
    }
    await session.execute(update(ImportJobRow).where(ImportJobRow.id == job_id).values(values))


async def note_not_done(session: AsyncSession, job_id: int, *, state: JobState, error: str) -> None:
    """Note that an import was not made, and why."""
    values = {"state": state, "ended_at": now(), "error": error}
    await session.execute(update(ImportJobRow).where(ImportJobRow.id == job_id).values(values))


async def note_interrupted(session: AsyncSession) -> None:
    """Note of every import that is said to be under way that it is not: to be called by who has the turn to import."""
    values = {"state": "interrupted", "ended_at": now(), "error": _INTERRUPTED}
    await session.execute(update(ImportJobRow).where(ImportJobRow.state == _RUNNING).values(values))


async def load_job(session: AsyncSession, job_id: int) -> ImportJobReport:
    """Return an upload with its report.

    Raises:
        JobNotFound: none has that number.
    """
    row = await session.get(ImportJobRow, job_id) if 0 < job_id <= MAX_ID else None
    if row is None:
        raise JobNotFound(f"There is no import {job_id}.")
    job = _to_job(row)
    return ImportJobReport(
        **{name: getattr(job, name) for name in ImportJob.__struct_fields__},
        report=None if row.summary is None else msgspec.convert(row.summary, ImportSummary),
    )


async def list_jobs(session: AsyncSession, *, cursor: str | None, limit: int) -> JobPage:
    """Return the first `limit` uploads after `cursor`, the newest first.

    Raises:
        InvalidCursor: `cursor` is none that a page of uploads has given.
    """
    query = select(ImportJobRow).order_by(ImportJobRow.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(ImportJobRow.id < decode_cursor(cursor, type_=_Place).import_id)
    rows = (await session.scalars(query)).all()
    page = rows[:limit]
    next_cursor = encode_cursor(_Place(import_id=page[-1].id)) if len(rows) > limit else None
    return JobPage(jobs=tuple(map(_to_job, page)), next_cursor=next_cursor)


def _to_job(row: ImportJobRow) -> ImportJob:
    values = {
        "import_id": row.id,
        "state": row.state,
        "format": row.format,
        "name": row.name,
        "size_bytes": row.size_bytes,
        "is_dry_run": row.is_dry_run,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
        "progress": {"step": row.step, "done": row.done, "total": row.total},
        "error": row.error,
        "result": row.result,
    }
    return msgspec.convert(values, ImportJob)
