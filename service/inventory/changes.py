"""Changes stand in a queue, and each raises the inventory's revision and is written down.

A change belongs into a transaction that the caller opens (`Database.change`); nothing here commits.
"""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.audit import Change, record
from service.inventory.tables import InventoryRevision
from service.inventory.utc import now


async def hold_revision(session: AsyncSession) -> None:
    """Make this transaction the only one that changes the inventory, until it ends."""
    # An update that changes nothing still takes the lock, on PostgreSQL the row's and on SQLite the file's.
    await session.execute(update(InventoryRevision).values(revision=InventoryRevision.revision))


async def raise_revision(session: AsyncSession, *changes: Change) -> None:
    """Count one change of the inventory, and write down what it did to each thing."""
    await session.execute(update(InventoryRevision).values(revision=InventoryRevision.revision + 1, changed_at=now()))
    await record(session, *changes)
