"""The use case: a request in, the bytes of its answer out, from the cache where nothing has changed since."""

import asyncio
import datetime as dt
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec
from msgspec import Struct

from planner import PLANNER_VERSION, check_as_of
from service.cache import AnswerCache, CacheState, Entry, Found
from service.freshness import RevisionReader
from service.inventory.repository import Revision
from service.inventory.snapshot import Snapshot, SnapshotStore
from service.metrics import Metrics
from service.tasks import Task

MAX_REMEMBERED_QUERIES: Final = 4_096
MAX_REMEMBERED_QUERY_BYTES: Final = 2_048


class _Remembered(Struct, frozen=True):
    """What a query string was answered with, and what that answer followed from."""

    revision: Revision
    today: dt.date
    key: str


class Planning:
    """Answers requests of every task.

    Answers are computed on one thread beside the event loop: they take some milliseconds, and requests that the cache
    can answer do not wait behind them. One thread, because more would share one interpreter and only add waiting.
    """

    def __init__(
        self,
        *,
        snapshots: SnapshotStore,
        revisions: RevisionReader,
        answers: AnswerCache,
        metrics: Metrics,
        now: Callable[[], dt.datetime],
    ) -> None:
        """Take what a plan is made from; `now` decides how old a price is, and what of the own fleet is free."""
        self._snapshots = snapshots
        self._revisions = revisions
        self._answers = answers
        self._metrics = metrics
        self._now = now
        self._remembered: OrderedDict[tuple[str, bytes], _Remembered] = OrderedDict()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="planner")

    @property
    def cache_state(self) -> CacheState:
        """Where answers are kept now."""
        return self._answers.state

    async def follow_inventory(self) -> None:
        """Let the snapshot of a changed inventory be made now, so that hardly a request has to wait for it.

        Raises:
            InventoryUnavailable: the database cannot be reached.
        """
        inventory = (await self._snapshots.current()).inventory
        self._metrics.set_inventory(revision=inventory.revision, offers=len(inventory.offers))

    async def recall(self, task: str, query: bytes) -> Entry | None:
        """Return the answer to the very same query string of the task of that name, if it still holds and is here.

        Raises:
            InventoryUnavailable: the database cannot be reached, so that nobody knows whether it still holds.
        """
        remembered = self._remembered.get((task, query))
        if (
            remembered is None
            or remembered.today != self._now().date()
            or remembered.revision != await self._revisions.read()
        ):
            return None
        entry = self._answers.recall(remembered.key)
        if entry is not None:
            self._metrics.count_answer("memory")
        return entry

    async def answer(self, task: Task[Any, Any], fields: Mapping[str, object], *, query: bytes | None = None) -> Found:
        """Return the answer of `task` to `fields` (as it reads them) as JSON; `query` is remembered for `recall`.

        Raises:
            InvalidRequest: a field that cannot be used.
            InventoryUnavailable: the database cannot be reached.
        """
        snapshot = await self._snapshots.current()
        now = self._now()
        today = now.date()
        read = task.read(fields, snapshot.inventory.models)
        request = task.settle(read, snapshot.inventory.fleet, now)
        as_of = task.as_of(request)
        if as_of is not None:
            check_as_of(as_of, today=today)
        # What was known of a past day does not depend on today.
        key = answer_key(task.name, request, revision=snapshot.revision, today=as_of or today)

        async def compute() -> bytes:
            planned_on = snapshot if as_of is None else await self._snapshots.as_of(as_of)
            return await self._compute(task, request, planned_on, today)

        found = await self._answers.fetch(key, compute)
        self._metrics.count_answer(found.source)
        # What depends on the moment may be another answer at the next one, so only its key is cached, not its query.
        if request is read and query is not None and len(query) <= MAX_REMEMBERED_QUERY_BYTES:
            self._remembered[task.name, query] = _Remembered(snapshot.revision, today, key)
            if len(self._remembered) > MAX_REMEMBERED_QUERIES:
                self._remembered.popitem(last=False)
        return found

    async def close(self) -> None:
        """Let the answers under way end."""
        await self._answers.close()
        self._thread.shutdown()
        await self._revisions.close()

    async def _compute(self, task: Task[Any, Any], request: object, snapshot: Snapshot, today: dt.date) -> bytes:
        body, seconds = await asyncio.get_running_loop().run_in_executor(
            self._thread, _answer_and_encode, task, request, snapshot, today
        )
        self._metrics.time_planner(seconds)
        return body


def answer_key(task: str, request: object, *, revision: Revision, today: dt.date) -> str:
    """Return the name of an answer: a hash of all that it follows from."""
    parts = (task, request, revision, PLANNER_VERSION, today)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def _answer_and_encode(
    task: Task[Any, Any], request: object, snapshot: Snapshot, today: dt.date
) -> tuple[bytes, float]:
    start = time.perf_counter()
    answer = task.answer(request, snapshot.inventory, today)
    seconds = time.perf_counter() - start
    return msgspec.json.encode(answer), seconds
