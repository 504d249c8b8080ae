"""Reservations asked for twice under one key: made once, answered the same."""

import datetime as dt
import hashlib
import re
from typing import Final

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.audit import ACTOR
from service.inventory.changes import hold_revision
from service.inventory.errors import IdempotencyKeyReused, InvalidEntry, KeyInTheOpen
from service.inventory.fleet.reservation import Reservation
from service.inventory.fleet.reservations import ReservationOrder, reserve
from service.inventory.fleet.tables import IdempotencyKeyRow
from service.inventory.utc import now
from service.key_format import holds_key

KEY_PATTERN: Final = "[!#-~]{1,255}"
"""A key: visible characters of ASCII but the quotation mark, which may stand around it."""

KEPT_FOR: Final = dt.timedelta(days=7)
"""How long a key is remembered."""


async def reserve_once(session: AsyncSession, order: ReservationOrder, *, key: str) -> Reservation:
    """Do what `reserve` does, unless this actor did so under `key`: then return what was answered, and change nothing.

    A refusal is not kept: it changed nothing, and the same key may try again. A key is remembered for seven days.

    Raises:
        IdempotencyKeyReused: the actor asked for something else under this key.
        InvalidEntry: a key that cannot be.
        KeyInTheOpen: an API key: it would be kept as it is.
        GpusTaken, InvalidEntry: as `reserve`.
    """
    if re.fullmatch(KEY_PATTERN, key) is None:
        raise InvalidEntry(
            "An idempotency key must have 1 to 255 visible ASCII characters, none of them a quotation mark.",
            field="idempotency-key",
        )
    if holds_key(key):
        raise KeyInTheOpen
    # Who sends the same twice at one moment stands in the same queue: the second finds what the first has done.
    await hold_revision(session)
    actor: str = session.info[ACTOR]
    asked = hashlib.sha256(msgspec.json.encode(order)).hexdigest()
    kept = await session.get(IdempotencyKeyRow, (actor, key))
    if kept is not None and kept.created_at > now() - KEPT_FOR:
        if kept.asked_sha256 != asked:
            raise IdempotencyKeyReused(
                f"The idempotency key {key!r} came with another request before; allowed is a new key for a new request."
            )
        return msgspec.json.decode(kept.answer, type=Reservation)
    reservation = await reserve(session, order)
    await session.execute(delete(IdempotencyKeyRow).where(IdempotencyKeyRow.created_at <= now() - KEPT_FOR))
    answer = msgspec.json.encode(reservation).decode()
    session.add(
        IdempotencyKeyRow(actor=actor, key=key, asked_sha256=asked, answer=answer, created_at=reservation.created_at)
    )
    await session.flush()
    return reservation
