"""Sources that are read by a schedule: added, removed, found due, and how each went."""

import datetime as dt
import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.errors import AlreadyThere, InvalidEntry, SourceNotFound
from service.inventory.importers.download import is_address, show_address
from service.inventory.importers.formats import FORMATS
from service.inventory.importers.importing import ImportRequest
from service.inventory.refresh_tables import RefreshSourceRow
from service.inventory.schedules import check_schedule, next_time
from service.inventory.utc import now

RETRY: Final = dt.timedelta(minutes=15)
"""How soon a source that failed is tried again, unless its schedule comes round earlier."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_MAX_ERROR: Final = 500


class RefreshSource(Struct, frozen=True, kw_only=True):
    """A source as people may see it; moments are in UTC.

    `is_stale` says that a whole turn of its schedule has passed without success; its facts are then those of
    `last_success_at`, and dated so.
    """

    name: str
    format: str
    location: str
    schedule: str
    is_enabled: bool
    is_stale: bool
    due_at: dt.datetime
    last_tried_at: dt.datetime | None
    last_success_at: dt.datetime | None
    last_result: str | None
    last_error_at: dt.datetime | None
    last_error: str | None


class NewSource(Struct, frozen=True, kw_only=True):
    """A source to be added."""

    name: str
    format: str
    location: str
    schedule: str
    provider: str | None = None
    provider_kind: str | None = None
    list_name: str | None = None
    is_enabled: bool = True


async def add_source(session: AsyncSession, source: NewSource) -> None:
    """Add a source; it is due at once.

    Raises:
        AlreadyThere: a source of that name is there.
        InvalidEntry: a name, format, location or schedule that cannot be.
    """
    if _NAME.fullmatch(source.name) is None:
        raise InvalidEntry(
            f"{source.name[:80]!r} is no name of a source; allowed are up to 64 characters of a-z, 0-9 and . _ -,"
            f" beginning with a letter or digit, such as skypilot-aws."
        )
    if source.format not in FORMATS:
        raise InvalidEntry(f"{source.format[:80]!r} is no format; allowed is one of {', '.join(FORMATS)}.")
    if await session.get(RefreshSourceRow, source.name) is not None:
        raise AlreadyThere(f"The source {source.name!r} is there already; remove it first.")
    moment = now()
    session.add(
        RefreshSourceRow(
            name=source.name,
            format=source.format,
            location=_check_location(source.location),
            provider=source.provider,
            provider_kind=source.provider_kind,
            list_name=source.list_name,
            schedule=check_schedule(source.schedule),
            is_enabled=source.is_enabled,
            added_at=moment,
            due_at=moment,
        )
    )
    await session.flush()


async def remove_source(session: AsyncSession, name: str) -> None:
    """Remove a source; the offers that it brought stay.

    Raises:
        SourceNotFound: no source has that name.
    """
    await session.delete(await get_source(session, name))


async def enable_source(session: AsyncSession, name: str, *, is_enabled: bool) -> None:
    """Let a source be read by its schedule again, or no more.

    Raises:
        SourceNotFound: no source has that name.
    """
    source = await get_source(session, name)
    source.is_enabled = is_enabled
    source.due_at = now()


async def get_source(session: AsyncSession, name: str) -> RefreshSourceRow:
    """Return the row of a source.

    Raises:
        SourceNotFound: no source has that name.
    """
    source = await session.get(RefreshSourceRow, name)
    if source is None:
        known = ", ".join(await session.scalars(select(RefreshSourceRow.name).order_by(RefreshSourceRow.name)))
        raise SourceNotFound(f"There is no source {name[:80]!r}; allowed is one of: {known or 'none was added yet'}.")
    return source


async def load_sources(session: AsyncSession) -> list[RefreshSource]:
    """Return all sources, by name."""
    moment = now()
    rows = await session.scalars(select(RefreshSourceRow).order_by(RefreshSourceRow.name))
    return [_to_source(row, at=moment) for row in rows]


async def find_due(session: AsyncSession, *, overdue: dt.timedelta) -> RefreshSourceRow | None:
    """Return the source that has been due for longest, for at least `overdue`."""
    query = select(RefreshSourceRow).where(RefreshSourceRow.is_enabled, RefreshSourceRow.due_at <= now() - overdue)
    return await session.scalar(query.order_by(RefreshSourceRow.due_at, RefreshSourceRow.name).limit(1))


def request_of(source: RefreshSourceRow) -> ImportRequest:
    """Return the import that reading the source is."""
    return ImportRequest(
        format=FORMATS[source.format],
        source=source.location,
        provider=source.provider,
        provider_kind=source.provider_kind,
        name=source.list_name,
    )


def note_success(source: RefreshSourceRow, *, result: str) -> None:
    """Note that the source was read, and when it is next."""
    moment = now()
    source.last_tried_at = source.last_success_at = moment
    source.last_result = result
    source.last_error = source.last_error_at = None
    source.due_at = next_time(source.schedule, after=moment)


def note_failure(source: RefreshSourceRow, *, error: str) -> None:
    """Note that the source could not be read, and when it is tried again."""
    moment = now()
    source.last_tried_at = source.last_error_at = moment
    source.last_error = error[:_MAX_ERROR]
    source.due_at = min(next_time(source.schedule, after=moment), moment + RETRY)


def _to_source(row: RefreshSourceRow, *, at: dt.datetime) -> RefreshSource:
    since = row.last_success_at or row.added_at
    turn_after_next = next_time(row.schedule, after=next_time(row.schedule, after=since))
    return RefreshSource(
        name=row.name,
        format=row.format,
        location=_shown(row.location),
        schedule=row.schedule,
        is_enabled=row.is_enabled,
        is_stale=row.is_enabled and at > turn_after_next,
        due_at=row.due_at,
        last_tried_at=row.last_tried_at,
        last_success_at=row.last_success_at,
        last_result=row.last_result,
        last_error_at=row.last_error_at,
        last_error=row.last_error,
    )


def _check_location(location: str) -> str:
    if is_address(location):
        if not _has_host(location):
            raise InvalidEntry("This is no address; allowed is one such as https://example.com/v8/aws/vms.csv.")
        if not location.casefold().startswith("https://"):
            raise InvalidEntry(f"{show_address(location)[:200]} cannot be used; allowed are https:// and paths.")
        return location
    path = Path(location).expanduser().absolute()
    if not path.exists():
        raise InvalidEntry(f"There is no file or folder {path}; allowed is one that is there, or an https address.")
    return str(path)


def _has_host(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


def _shown(location: str) -> str:
    if not is_address(location):
        return location
    # One that was kept before addresses were checked may hold a password in a place that nobody can tell.
    return show_address(location) if _has_host(location) else "no address"
