"""The audit trail, read in pages."""

import datetime as dt
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from planner import suggest
from service.inventory.audit import KINDS, AuditRow
from service.inventory.errors import InvalidEntry
from service.inventory.listing import DEFAULT_LIMIT, RowId, decode_cursor, encode_cursor


class AuditEntry(Struct, frozen=True, kw_only=True):
    """A change of one thing, and the revision that the inventory had after it.

    `before` and `after` hold all fields of a thing deleted or created, and only those that changed of one updated.
    """

    change_id: int
    changed_at: dt.datetime
    actor: str
    kind: str
    thing_id: str
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    revision: int


class AuditFilter(Struct, frozen=True, kw_only=True):
    """Which changes to list; None puts no condition. `since` is a day in UTC, `without_kind` a kind to leave out."""

    kind: str | None = None
    thing_id: str | None = None
    actor: str | None = None
    since: dt.date | None = None
    without_kind: str | None = None


class AuditPage(Struct, frozen=True, kw_only=True):
    """Changes, the newest first; `next_cursor` leads to the page after this one, null to none."""

    items: tuple[AuditEntry, ...]
    next_cursor: str | None


class _Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    before: RowId


async def list_changes(
    session: AsyncSession, audit_filter: AuditFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> AuditPage:
    """Return the first `limit` changes after `cursor` that pass the filter, the newest first.

    Raises:
        InvalidCursor: `cursor` is none that a page of changes has given.
        InvalidEntry: no change is one of that kind of thing.
    """
    if audit_filter.kind is not None:
        _check_kind(audit_filter.kind)
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit + 1)
    for column, value in (
        (AuditRow.kind, audit_filter.kind),
        (AuditRow.thing_id, audit_filter.thing_id),
        (AuditRow.actor, audit_filter.actor),
    ):
        if value is not None:
            query = query.where(column == value)
    if audit_filter.without_kind is not None:
        query = query.where(AuditRow.kind != audit_filter.without_kind)
    if audit_filter.since is not None:
        query = query.where(AuditRow.changed_at >= dt.datetime.combine(audit_filter.since, dt.time(), tzinfo=dt.UTC))
    if cursor is not None:
        query = query.where(AuditRow.id < decode_cursor(cursor, type_=_Place).before)
    rows = (await session.scalars(query)).all()
    return AuditPage(
        items=tuple(map(_to_entry, rows[:limit])),
        next_cursor=encode_cursor(_Place(before=rows[limit - 1].id)) if len(rows) > limit else None,
    )


def _check_kind(kind: str) -> None:
    if kind in KINDS:
        return
    nearest, allowed = suggest(kind, {each: each for each in KINDS}), ", ".join(KINDS)
    message = f"{kind[:80]!r} is no kind of thing; allowed is {allowed}. Nearest: {', '.join(nearest)}."
    raise InvalidEntry(message, field="kind", allowed=allowed, nearest=nearest)


def _to_entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        change_id=row.id,
        changed_at=row.changed_at,
        actor=row.actor,
        kind=row.kind,
        thing_id=row.thing_id,
        action=row.action,
        before=row.before,
        after=row.after,
        revision=row.revision,
    )
