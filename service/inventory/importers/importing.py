"""Import catalogues: read, compare, and write all or nothing in one transaction."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import select
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
from service.inventory.importers.history import describe_import, find_next_list, load_last_imports, to_import_row
from service.inventory.importers.known_offers import load_known_offers
from service.inventory.importers.past_prices import leave_out_told_prices
from service.inventory.importers.report import CatalogueReport, ImportReport, make_report
from service.inventory.importers.review import keep_doubts, load_decisions
from service.inventory.importers.sources import SourceFile, open_source, read_lines
from service.inventory.repository import load_gpus, read_revision
from service.inventory.tables import GpuRow, ProviderRow

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


class _Compared(Struct, frozen=True, kw_only=True):
    """What a catalogue would change; `later` is the day of its next list that was imported already, if one was."""

    read: _Read
    difference: Difference
    later: dt.date | None
    report: CatalogueReport


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
            reports = [(await _compare(session, each, request)).report for each in read]
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
        last=await load_last_imports(session, catalogues),
    )


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


async def _compare(session: AsyncSession, read: _Read, request: ImportRequest) -> _Compared:
    catalogue = read.catalogue
    providers = {offer.provider for offer in catalogue.offers.values()}
    known = await load_known_offers(session, catalogue=catalogue.name, providers=providers)
    later = await find_next_list(session, catalogue.name, after=read.stamp.as_of)
    difference = await asyncio.to_thread(
        compare,
        catalogue,
        known,
        as_of=read.stamp.as_of,
        later=later,
        max_vanished_share=request.max_vanished_share,
    )
    await leave_out_told_prices(session, difference)
    report = make_report(
        catalogue,
        difference,
        location=read.sheet.file.location,
        checksum=read.sheet.file.checksum,
        as_of=read.stamp.as_of,
        as_of_basis=read.stamp.as_of_basis,
        later=later,
    )
    return _Compared(read=read, difference=difference, later=later, report=report)


async def _write_all(
    session: AsyncSession, read: list[_Read], request: ImportRequest, progress: Progress
) -> list[CatalogueReport]:
    compared = [await _compare(session, each, request) for each in read]
    total = sum(each.difference.size for each in compared)
    done = 0

    def report_written(count: int) -> None:
        nonlocal done
        done += count
        progress(WRITING, done, total)

    # Read again: another import may have ended since this one began to read.
    last = await load_last_imports(session, [each.sheet.catalogue for each in read])
    await _check_gpus(session, [each.difference for each in compared])
    changes: list[Change] = []
    for each in compared:
        catalogue, report = each.read.catalogue, each.report
        await apply_difference(
            session,
            each.difference,
            catalogue=catalogue.name,
            as_of=each.read.stamp.as_of,
            later=each.later,
            report=report_written,
        )
        doubts_changed = await keep_doubts(
            session, catalogue.doubts, catalogue=catalogue.name, is_newest=each.later is None
        )
        before = last.get(catalogue.name)
        is_same_file = before is not None and before.checksum_sha256 == report.checksum_sha256
        if not (is_same_file and each.difference.is_empty and not doubts_changed):
            session.add(to_import_row(report))
            changes.append(describe_import(report))
    await session.flush()
    # GPUs that are newly in doubt change no plan.
    await (raise_revision if total else record)(session, *changes)
    return [each.report for each in compared]


async def _check_gpus(session: AsyncSession, differences: list[Difference]) -> None:
    """Let offers pass whose GPUs are still there: a person may have removed one while the catalogue was read."""
    needed = {offer.gpu_id for difference in differences for offer in difference.added}
    for each in differences:
        needed |= {one.offer.gpu_id for one in (*each.changed, *each.returned)}
        needed |= {one.offer.gpu_id for one in each.past if one.known is None}
    missing = needed - set(await session.scalars(select(GpuRow.gpu_id).where(GpuRow.deleted_at.is_(None))))
    if missing:
        raise GpuNotFound(f"The inventory no longer has the GPU {min(missing)!r}; run the import again.")
