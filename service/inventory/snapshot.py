"""The whole inventory in memory, as the planner wants it, and never older than the database."""

import asyncio
import datetime as dt
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from planner import Fleet, Inventory, Past
from service.inventory.database import Database
from service.inventory.fleet.loading import load_fleet
from service.inventory.own_models import load_models
from service.inventory.repository import (
    Revision,
    find_first_rental_price,
    load_gpus,
    load_offers,
    load_provider_names,
    read_revision,
)

MAX_PAST_DAYS: Final = 2
"""How many past days are kept: one takes as much memory as the whole inventory of today."""


class Snapshot(Struct, frozen=True, kw_only=True):
    """All GPUs, offers, added models and own machines at one revision; `inventory` is the planner's index over them."""

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
        self._past: OrderedDict[dt.date, Snapshot] = OrderedDict()
        self._rebuilding_past = asyncio.Lock()

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

    async def as_of(self, day: dt.date) -> Snapshot:
        """Return a snapshot of the prices of a past day, as they are known by now.

        Raises:
            InventoryUnavailable: the database cannot be reached.
        """
        # One at a time: each takes a while and much memory, and plans of today do not wait for it.
        async with self._rebuilding_past:
            snapshot = self._past.get(day)
            if snapshot is None or snapshot.revision != await self._read_newest():
                snapshot = self._past[day] = await load_snapshot(self._database, as_of=day)
            self._past.move_to_end(day)
            if len(self._past) > MAX_PAST_DAYS:
                self._past.popitem(last=False)
            return snapshot

    async def _query_newest(self) -> Revision:
        async with self._database.read() as session:
            return await read_revision(session)


async def load_snapshot(database: Database, *, as_of: dt.date | None = None) -> Snapshot:
    """Return a snapshot of the inventory as it is now, or of a past day's prices: revision and rows of one moment.

    Raises:
        InventoryUnavailable: the database cannot be reached.
    """
    async with database.read() as session:
        revision = await read_revision(session)
        gpus = await load_gpus(session, as_of=as_of)
        offers = await load_offers(session, as_of=as_of)
        models = await load_models(session)
        # Plans as of a past day are on its prices alone: what was free then is no question anybody asks.
        fleet = await load_fleet(session) if as_of is None else Fleet()
        providers = await load_provider_names(session)
        past = None
        if as_of is not None:
            has_rentals = any(offer.purchase_usd is None for offer in offers)
            past = Past(as_of=as_of, first_price=None if has_rentals else await find_first_rental_price(session))
    # An inventory of tens of thousands of offers takes a quarter of a second to index: not on the event loop.
    inventory = await asyncio.to_thread(
        Inventory,
        revision=revision.revision,
        gpus=gpus,
        offers=offers,
        models=models,
        providers=providers,
        past=past,
        fleet=fleet,
    )
    return Snapshot(revision=revision, inventory=inventory)
