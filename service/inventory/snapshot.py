"""The whole inventory in memory, as the planner wants it, and never older than the database."""

import asyncio

from msgspec import Struct

from planner import Inventory
from service.inventory.database import Database
from service.inventory.repository import Revision, load_gpus, load_offers, read_revision


class Snapshot(Struct, frozen=True, kw_only=True):
    """All GPUs and offers at one revision; `inventory` is the planner's index over them."""

    revision: Revision
    inventory: Inventory


class SnapshotStore:
    """Keeps the newest snapshot, and makes another only when the inventory has changed."""

    def __init__(self, database: Database) -> None:
        """Read from `database`; nothing is read yet."""
        self._database = database
        self._snapshot: Snapshot | None = None
        self._rebuilding = asyncio.Lock()

    async def current(self) -> Snapshot:
        """Return the snapshot of the newest revision that was committed before this call.

        Raises:
            InventoryUnavailable: the database cannot be reached.
        """
        async with self._database.read() as session:
            revision = await read_revision(session)
        snapshot = self._snapshot
        if snapshot is not None and snapshot.revision == revision:
            return snapshot
        async with self._rebuilding:
            # Another call may have built it while this one waited.
            snapshot = self._snapshot
            if snapshot is None or snapshot.revision != revision:
                snapshot = await load_snapshot(self._database)
                self._snapshot = snapshot
        return snapshot


async def load_snapshot(database: Database) -> Snapshot:
    """Return a snapshot of the inventory as it is now: revision and rows of the same moment.

    Raises:
        InventoryUnavailable: the database cannot be reached.
    """
    async with database.read() as session:
        revision = await read_revision(session)
        gpus = await load_gpus(session)
        offers = await load_offers(session)
    return Snapshot(revision=revision, inventory=Inventory(revision=revision.revision, gpus=gpus, offers=offers))
