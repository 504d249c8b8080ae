"""The whole inventory in memory, as the planner wants it, and never older than the database."""

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Struct

from planner import Inventory
from service.inventory.database import Database
from service.inventory.own_models import load_models
from service.inventory.repository import Revision, load_gpus, load_offers, read_revision


class Snapshot(Struct, frozen=True, kw_only=True):
    """All GPUs, offers and added models at one revision; `inventory` is the planner's index over them."""

    revision: Revision
    inventory: Inventory


class SnapshotStore:
    """Keeps the newest snapshot, and makes another only when the inventory has changed."""

    def __init__(self, database: Database, *, read_newest: Callable[[], Awaitable[Revision]] | None = None) -> None:
        """Read from `database`, nothing yet; `read_newest` is a faster way to the newest revision, where there is one.

        `read_newest` returns a revision committed before it was called or later, and raises InventoryUnavailable.
        """
        self._database = database
        self._read_newest = self._query_newest if read_newest is None else read_newest
        self._snapshot: Snapshot | None = None
        self._rebuilding = asyncio.Lock()

    async def current(self) -> Snapshot:
        """Return a snapshot that holds every change committed before this call.

        Raises:
            InventoryUnavailable: the database cannot be reached.
        """
        snapshot = self._snapshot
        if snapshot is not None and snapshot.revision == await self._read_newest():
            return snapshot
        async with self._rebuilding:
            # Another call may have built it while this one waited.
            snapshot = self._snapshot
            if snapshot is None or snapshot.revision != await self._read_newest():
                snapshot = await load_snapshot(self._database)
                self._snapshot = snapshot
            return snapshot

    async def _query_newest(self) -> Revision:
        async with self._database.read() as session:
            return await read_revision(session)


async def load_snapshot(database: Database) -> Snapshot:
    """Return a snapshot of the inventory as it is now: revision and rows of the same moment.

    Raises:
        InventoryUnavailable: the database cannot be reached.
    """
    async with database.read() as session:
        revision = await read_revision(session)
        gpus = await load_gpus(session)
        offers = await load_offers(session)
        models = await load_models(session)
    # An inventory of tens of thousands of offers takes a quarter of a second to index: not on the event loop.
    inventory = await asyncio.to_thread(Inventory, revision=revision.revision, gpus=gpus, offers=offers, models=models)
    return Snapshot(revision=revision, inventory=inventory)
