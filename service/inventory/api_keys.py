"""API keys: created, replaced, revoked and listed; of a key's secret only the hash is kept."""

import datetime as dt
import re
from collections.abc import Collection
from typing import Final, Literal, cast

from msgspec import Struct
from sqlalchemy import CheckConstraint, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from service.inventory.audit import describe, record
from service.inventory.errors import AlreadyThere, InvalidEntry, KeyNotFound
from service.inventory.tables import Table
from service.inventory.utc import now
from service.key_format import make_key, read_key
from service.settings import Secret

Scope = Literal["read", "write", "admin"]
SCOPES: Final[tuple[Scope, ...]] = ("read", "write", "admin")
"""What a key may do; each scope includes those before it."""
KEY: Final = "key"
"""What a key is called in the audit trail."""

USE_IS_NOTED_EVERY: Final = dt.timedelta(minutes=1)

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class ApiKeyRow(Table):
    """A key by its public id; a revoked one stays, so that its name in the audit trail means one key for ever.

    `requests_per_minute` is null where the setting for all keys holds.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("scope IN ('read', 'write', 'admin')", name="scope_is_known"),
        CheckConstraint("requests_per_minute >= 1", name="requests_per_minute_is_positive"),
    )

    key_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]
    secret_hash: Mapped[str]
    requests_per_minute: Mapped[int | None]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key as it is kept; `last_used_at` is right to a minute."""

    key_id: str
    name: str
    scope: Scope
    secret_hash: Secret
    requests_per_minute: int | None
    created_at: dt.datetime
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None


class _Recorded(Struct, frozen=True, kw_only=True):
    """What the audit trail says of a key: its public id and its rights, nothing that anybody could use."""

    key_id: str
    scope: str
    requests_per_minute: int | None
    expires_at: dt.datetime | None


async def create_key(
    session: AsyncSession,
    name: str,
    *,
    scope: Scope,
    expires_at: dt.datetime | None = None,
    requests_per_minute: int | None = None,
) -> Secret:
    """Keep a new key and return it; nothing can show it again.

    Raises:
        InvalidEntry: a name that cannot be, or an expiry that is past.
        AlreadyThere: a key of that name is or was there.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidEntry(
            f"The name {name[:80]!r} cannot be used for a key; allowed are up to 64 letters, digits and . _ -,"
            f" beginning with a letter or digit, such as ops-laptop."
        )
    if expires_at is not None and expires_at <= now():
        raise InvalidEntry(f"A key cannot expire at {expires_at:%Y-%m-%d %H:%M}Z, which is past; name a later day.")
    token = make_key()
    row = ApiKeyRow(
        name=name,
        scope=scope,
        requests_per_minute=requests_per_minute,
        created_at=now(),
        expires_at=expires_at,
        last_used_at=None,
        revoked_at=None,
        **_kept(token),
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise AlreadyThere(
            f"A key {name!r} is or was there already; names are never used twice. See r1plan key list."
        ) from error
    await record(session, describe(KEY, name, after=_recorded(row)))
    return Secret(token)


async def rotate_key(session: AsyncSession, name: str) -> Secret:
    """Give the key another secret and return it; the old one ends at once.

    Raises:
        KeyNotFound: no key of that name can be used any more.
    """
    row = await _find(session, name)
    before = _recorded(row)
    token = make_key()
    for column, value in _kept(token).items():
        setattr(row, column, value)
    await session.flush()
    await record(session, describe(KEY, name, before=before, after=_recorded(row)))
    return Secret(token)


async def revoke_key(session: AsyncSession, name: str) -> None:
    """End a key; it stays in the list.

    Raises:
        KeyNotFound: no key of that name can be used any more.
    """
    row = await _find(session, name)
    row.revoked_at = now()
    await session.flush()
    await record(session, describe(KEY, name, before=_recorded(row)))


async def load_keys(session: AsyncSession) -> list[ApiKey]:
    """Return all keys that were ever created, by name."""
    return [
        ApiKey(
            key_id=row.key_id,
            name=row.name,
            scope=cast("Scope", row.scope),
            secret_hash=Secret(row.secret_hash),
            requests_per_minute=row.requests_per_minute,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )
        for row in await session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.name))
    ]


async def note_use(session: AsyncSession, key_ids: Collection[str]) -> None:
    """Write down that these keys are used now, where that was not written within the last minute."""
    moment = now()
    await session.execute(
        update(ApiKeyRow)
        .where(
            ApiKeyRow.key_id.in_(key_ids),
            or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at <= moment - USE_IS_NOTED_EVERY),
        )
        .values(last_used_at=moment)
    )


def _kept(token: str) -> dict[str, str]:
    presented = read_key(token)
    if presented is None:
        raise ValueError("a new key does not look like one")
    return {"key_id": presented.key_id, "secret_hash": presented.secret_hash}


async def _find(session: AsyncSession, name: str) -> ApiKeyRow:
    # Locked on PostgreSQL, where two could end one key at one moment; on SQLite changes follow each other anyway.
    query = select(ApiKeyRow).where(ApiKeyRow.name == name, ApiKeyRow.revoked_at.is_(None)).with_for_update()
    row = await session.scalar(query)
    if row is None:
        raise KeyNotFound(f"No key {name[:80]!r} is in use. See r1plan key list.")
    return row


def _recorded(row: ApiKeyRow) -> _Recorded:
    return _Recorded(
        key_id=row.key_id,
        scope=row.scope,
        requests_per_minute=row.requests_per_minute,
        expires_at=row.expires_at,
    )
