"""Import catalogues: read, compare, and write all or nothing in one transaction."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Gpu
from service.inventory.audit import Change, record
from service.inventory.changes import hold_revision, raise_revision
from service.inventory.database import Database
from service.inventory.entries import check_date
from service.inventory.errors import GpuNotFound
from service.inventory.import_tables import ImportRow
from service.inventory.importers.applying import apply_difference
from service.inventory.importers.catalogue import MAX_REFUSED, Catalogue, Stamp, read_catalogue
from service.inventory.importers.difference import MAX_VANISHED_SHARE, Difference, compare
from service.inventory.importers.download import DownloadRules, download, is_address
from service.inventory.importers.formats import Format, Sheet, choose_sheets
from service.inventory.importers.gpu_names import GpuNames, ReviewKey
from service.inventory.importers.history import describe_import
from service.inventory.importers.known_offers import load_known_offers
from service.inventory.importers.report import CatalogueReport, ImportReport, make_report
from service.inventory.importers.review import keep_doubts, load_decisions
from service.inventory.importers.sources import SourceFile, open_source, read_lines
from service.inventory.repository import load_gpus, read_revision
from service.inventory.tables import GpuRow, ProviderRow
from service.inventory.utc import now

READING: Final = "reading"
WRITING: Final = "writing"
STATED: Final = "stated by the server"
_SHORT: Final = 8

Progress = Callable[[str, int, int], None]
"""Told the step ("reading", in bytes, or "writing", in offers), how much of it is done, and how much there is."""


Keep = Callable[[AsyncSession, ImportReport], Awaitable[None]]


class ImportRequest(Struct, frozen=True, kw_only=True):
    """What to import and how.

    `source` is a path or an address; `location` is what people are shown where the path is only a copy. `as_of` is the
    day of the prices, given by a person; without it the day is the file's. `name` is that of our own list, `provider`
    that of a catalogue's one file.
    """

    format: Format
    source: str
    location: str | None = None
    provider: str | None = None
    provider_kind: str | None = None
    name: str | None = None
    as_of: dt.date | None = None
    max_refused: int = MAX_REFUSED
    max_vanished_share: float = MAX_VANISHED_SHARE
    is_dry_run: bool = False


class _Inventory(Struct, frozen=True, kw_only=True):
    """What reading a catalogue needs of the inventory."""

    gpus: list[Gpu]
    kinds: dict[str, str]
    decisions: dict[str, dict[ReviewKey, str]]
    last: dict[str, ImportRow]


class _Read(Struct, frozen=True, kw_only=True):
    """A catalogue, read, and where it came from."""

    sheet: Sheet
    stamp: Stamp
    catalogue: Catalogue


async def run_import(
    database: Database,
    request: ImportRequest,
    *,
    progress: Progress = lambda _step, _done, _total: None,
    rules: DownloadRules | None = None,
    actor: str = "command line",
    keep: Keep | None = None,
) -> ImportReport:
    """Import what `request` names and return what that changed; a dry run returns what it would change.

    All of it or nothing is written. The same file again changes nothing, not even the revision. `progress` is called
    from another thread while reading. `rules` are for downloads. `actor` is who the audit trail says imported it.
    `keep` is called with the report in the transaction of the import, so that what it writes is kept or lost with it.

    Raises:
        ImportRefusal: the source cannot be read, is no such catalogue, or too much of it is in doubt.
        InvalidEntry: the day given lies in the future.
        InventoryUnavailable: the database cannot be reached, or is held too long by another writer.
    """
    if request.as_of is not None:
        check_date(request.as_of)
    async with _open(request, rules=rules) as files:
        sheets = choose_sheets(
            files,
            format_=request.format,
            provider=request.provider,
            provider_kind=request.provider_kind,
            name=request.name,
        )
        async with database.read() as session:
            inventory = await _look_up(session, [sheet.catalogue for sheet in sheets])
        read = await asyncio.to_thread(_read_all, sheets, request, inventory, progress)
    if request.is_dry_run:
        async with database.read() as session:
            reports = [(await _compare(session, each, request))[1] for each in read]
            return await _report(session, reports, is_dry_run=True)
    async with database.change(actor=actor) as session:
        await hold_revision(session)
        report = await _report(session, await _write_all(session, read, request, progress), is_dry_run=False)
        if keep is not None:
            await keep(session, report)
        return report


async def _report(session: AsyncSession, reports: list[CatalogueReport], *, is_dry_run: bool) -> ImportReport:
    revision = (await read_revision(session)).revision
    return ImportReport(is_dry_run=is_dry_run, revision=revision, catalogues=tuple(reports))


@asynccontextmanager
async def _open(request: ImportRequest, *, rules: DownloadRules | None) -> AsyncGenerator[list[SourceFile], None]:
    suffixes = request.format.suffixes
    if not is_address(request.source):
        with open_source(Path(request.source), suffixes=suffixes, location=request.location) as files:
            yield files
        return
    async with download(request.source, rules=rules) as downloaded:
        with open_source(downloaded.path, suffixes=suffixes, location=downloaded.location) as files:
            stated = downloaded.date
            yield files if stated is None else [replace(file, date=stated, date_basis=STATED) for file in files]


async def _look_up(session: AsyncSession, catalogues: list[str]) -> _Inventory:
    providers = select(ProviderRow).where(ProviderRow.deleted_at.is_(None))
    return _Inventory(
        gpus=await load_gpus(session),
        kinds={row.name: row.kind for row in await session.scalars(providers)},
        decisions={name: await load_decisions(session, catalogue=name) for name in catalogues},
        last=await _load_last_imports(session, catalogues),
    )


async def _load_last_imports(session: AsyncSession, catalogues: list[str]) -> dict[str, ImportRow]:
    """Return the newest import of each of the catalogues that was imported before."""
    newest = select(func.max(ImportRow.id)).where(ImportRow.catalogue.in_(catalogues)).group_by(ImportRow.catalogue)
    rows = await session.scalars(select(ImportRow).where(ImportRow.id.in_(newest)))
    return {row.catalogue: row for row in rows}


def _read_all(sheets: list[Sheet], request: ImportRequest, inventory: _Inventory, progress: Progress) -> list[_Read]:
    total = sum(sheet.file.size_bytes for sheet in sheets)
    done = 0
    read: list[_Read] = []
    kinds = dict(inventory.kinds)
    for sheet in sheets:
        stamp = _stamp(sheet, request, last=inventory.last.get(sheet.catalogue))
        before = done
        lines = read_lines(sheet.file, report=lambda count, before=before: progress(READING, before + count, total))
        catalogue = read_catalogue(
            sheet.read(lines),
            name=sheet.catalogue,
            is_own=request.format.is_own,
            gpus=GpuNames(inventory.gpus, decisions=inventory.decisions[sheet.catalogue]),
            kinds=kinds,
            stamp=stamp,
            max_refused=request.max_refused,
        )
        read.append(_Read(sheet=sheet, stamp=stamp, catalogue=catalogue))
        done += sheet.file.size_bytes
    return read


def _stamp(sheet: Sheet, request: ImportRequest, *, last: ImportRow | None) -> Stamp:
    source = f"{sheet.catalogue}@{sheet.file.checksum[:_SHORT]}"
    if request.as_of is not None:
        return Stamp(source=source, as_of=request.as_of, as_of_basis="stated at import")
    if last is not None and last.checksum_sha256 == sheet.file.checksum:
        # The same file says nothing new, whatever day its copy bears.
        return Stamp(source=source, as_of=last.as_of, as_of_basis=last.as_of_basis)
    return Stamp(source=source, as_of=sheet.file.date, as_of_basis=sheet.file.date_basis)


async def _compare(session: AsyncSession, read: _Read, request: ImportRequest) -> tuple[Difference, CatalogueReport]:
    catalogue = read.catalogue
    providers = {offer.provider for offer in catalogue.offers.values()}
    known = await load_known_offers(session, catalogue=catalogue.name, providers=providers)
    difference = await asyncio.to_thread(compare, catalogue, known, max_vanished_share=request.max_vanished_share)
    report = make_report(
        catalogue,
        difference,
        location=read.sheet.file.location,
        checksum=read.sheet.file.checksum,
        as_of=read.stamp.as_of,
        as_of_basis=read.stamp.as_of_basis,
    )
    return difference, report


async def _write_all(
    session: AsyncSession, read: list[_Read], request: ImportRequest, progress: Progress
) -> list[CatalogueReport]:
    compared = [(each, *await _compare(session, each, request)) for each in read]
    total = sum(_count(difference) for _, difference, _ in compared)
    done = 0

    def report_written(count: int) -> None:
        nonlocal done
        done += count
        progress(WRITING, done, total)

    # Read again: another import may have ended since this one began to read.
    last = await _load_last_imports(session, [each.sheet.catalogue for each in read])
    await _check_gpus(session, [difference for _, difference, _ in compared])
    changes: list[Change] = []
    for each, difference, report in compared:
        await apply_difference(
            session, difference, catalogue=each.catalogue.name, as_of=each.stamp.as_of, report=report_written
        )
        doubts_changed = await keep_doubts(session, each.catalogue.doubts, catalogue=each.catalogue.name)
        before = last.get(each.catalogue.name)
        is_same_file = before is not None and before.checksum_sha256 == report.checksum_sha256
        if not (is_same_file and difference.is_empty and not doubts_changed):
            session.add(_import_row(report))
            changes.append(describe_import(report))
    await session.flush()
    # GPUs that are newly in doubt change no plan.
    await (raise_revision if total else record)(session, *changes)
    return [report for _, _, report in compared]


def _count(difference: Difference) -> int:
    lists = (difference.added, difference.returned, difference.changed, difference.confirmed, difference.vanished)
    return sum(len(each) for each in lists)


async def _check_gpus(session: AsyncSession, differences: list[Difference]) -> None:
    """Let offers pass whose GPUs are still there: a person may have removed one while the catalogue was read."""
    needed = {offer.gpu_id for difference in differences for offer in difference.added}
    needed |= {each.offer.gpu_id for difference in differences for each in (*difference.changed, *difference.returned)}
    missing = needed - set(await session.scalars(select(GpuRow.gpu_id).where(GpuRow.deleted_at.is_(None))))
    if missing:
        raise GpuNotFound(f"The inventory no longer has the GPU {min(missing)!r}; run the import again.")


def _import_row(report: CatalogueReport) -> ImportRow:
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
        unchanged=report.unchanged + report.newer_known,
        vanished=len(report.vanished),
    )
