"""The audit trail: who changed what in the inventory, when, from what and to what.

Every kind of thing follows one pattern: in a transaction of `database.change(actor=...)` take the turn with
`hold_revision`, read what is there, change it, and end with `raise_revision(session, describe(...))`.
What the API changes it reads in the same transaction and holds against If-Match first (`service.api.preconditions`).
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec
from msgspec import Struct
from sqlalchemy import JSON, Index, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from service.inventory.errors import KeyInTheOpen
from service.inventory.tables import InventoryRevision, Table
from service.inventory.utc import now
from service.key_format import holds_key

ACTOR: Final = "actor"
"""Where a session of `Database.change` says who acts."""

Action: TypeAlias = Literal["create", "update", "delete"]
Kind: TypeAlias = Literal[
    "gpu", "provider", "offer", "price", "node", "reservation", "model", "import", "review", "key"
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""The kinds of things whose changes are written down."""


class AuditRow(Table):
    """A change of one thing: the row is written in the transaction of the change, and never changed again.

    `revision` is the inventory's after the change. `before` and `after` hold all fields of a thing created or deleted,
    and only those that changed of one updated; an import tells its numbers and the first of its changes.
    """

    __tablename__ = "audit_trail"
    __table_args__ = (Index("ix_audit_trail_kind_thing_id", "kind", "thing_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    changed_at: Mapped[dt.datetime]
    actor: Mapped[str]
    kind: Mapped[str]
    thing_id: Mapped[str]
    action: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int]


class Change(Struct, frozen=True, kw_only=True):
    """What happened to one thing; `before` and `after` as in `AuditRow`."""

    kind: Kind
    thing_id: str
    action: Action
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def describe(
    kind: Kind,
    thing_id: str,
    *,
    before: Struct | Mapping[str, Any] | None = None,
    after: Struct | Mapping[str, Any] | None = None,
) -> Change:
    """Return the change of a thing from `before` to `after`, where None is: not there."""
    old: dict[str, Any] | None = msgspec.to_builtins(before)
    new: dict[str, Any] | None = msgspec.to_builtins(after)
    if old is None or new is None:
        action: Action = "delete" if new is None else "create"
        return Change(kind=kind, thing_id=thing_id, action=action, before=old, after=new)
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return Change(
        kind=kind,
        thing_id=thing_id,
        action="update",
        before={name: old.get(name) for name in changed},
        after={name: new.get(name) for name in changed},
    )


async def record(session: AsyncSession, *changes: Change) -> None:
    """Write `changes` down as made by the session's actor at the revision of now.

    For what raises no revision because no plan rests on it; all else is recorded by `raise_revision`.

    Raises:
        KeyInTheOpen: a key would come to stand in the inventory, and here; what holds one already may be taken out.
    """
    if not changes:
        return
    if any(change.after is not None and holds_key(msgspec.json.encode(change).decode()) for change in changes):
        raise KeyInTheOpen
    revision = (await session.scalars(select(InventoryRevision.revision))).one()
    moment = now()
    await session.execute(
        insert(AuditRow),
        [
            {
                "changed_at": moment,
                "actor": session.info[ACTOR],
                "kind": change.kind,
                "thing_id": change.thing_id,
                "action": change.action,
                "before": change.before,
                "after": change.after,
                "revision": revision,
            }
            for change in changes
        ],
    )
