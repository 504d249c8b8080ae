"""The use case: a request in, the bytes of its plan out, from the cache where nothing has changed since."""

import asyncio
import datetime as dt
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec
from msgspec import Struct

from planner import PLANNER_VERSION, PlanRequest, plan, read_plan_request
from service.cache import AnswerCache, CacheState, Entry, Found
from service.freshness import RevisionReader
from service.inventory.repository import Revision
from service.inventory.snapshot import Snapshot, SnapshotStore
from service.metrics import Metrics

MAX_REMEMBERED_QUERIES: Final = 4_096
MAX_REMEMBERED_QUERY_BYTES: Final = 2_048


class _Remembered(Struct, frozen=True):
    """What a query string was answered with, and what that answer followed from."""

    revision: Revision
    today: dt.date
    key: str


class Planning:
    """Answers plan requests.

    Plans are computed on one thread beside the event loop: a plan takes some milliseconds, and requests that the cache
    can answer do not wait behind it. One thread, because more would share one interpreter and only add waiting.
    """

    def __init__(
        self,
        *,
        snapshots: SnapshotStore,
        revisions: RevisionReader,
        answers: AnswerCache,
        metrics: Metrics,
        today: Callable[[], dt.date],
    ) -> None:
        """Take what a plan is made from; `today` decides how old a price is."""
        self._snapshots = snapshots
        self._revisions = revisions
        self._answers = answers
        self._metrics = metrics
        self._today = today
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="planner")

    @property
    def cache_state(self) -> CacheState:
        """Where answers are kept now."""
        return self._answers.state

    async def recall(self, query: bytes) -> Entry | None:
        """Return the answer to the very same query string, if it still holds and this process has it.

        Raises:
            InventoryUnavailable: the database cannot be reached, so that nobody knows whether it still holds.
        """
        remembered = self._remembered.get(query)
        if (
            remembered is None
            or remembered.today != self._today()
            or remembered.revision != await self._revisions.read()
        ):
            return None
        entry = self._answers.recall(remembered.key)
        if entry is not None:
            self._metrics.count_answer("memory")
        return entry

    async def plan(self, fields: Mapping[str, object], *, query: bytes | None = None) -> Found:
        """Return the plan for `fields` (as `read_plan_request` takes them) as JSON; `query` is remembered for `recall`.

        Raises:
            InvalidRequest: a field that cannot be used.
            InventoryUnavailable: the database cannot be reached.
        """
        request = read_plan_request(fields)
        snapshot = await self._snapshots.current()
        today = self._today()
        key = answer_key(request, revision=snapshot.revision, today=today)
        found = await self._answers.fetch(key, lambda: self._compute(request, snapshot, today))
        self._metrics.count_answer(found.source)
        if query is not None and len(query) <= MAX_REMEMBERED_QUERY_BYTES:
            self._remembered[query] = _Remembered(snapshot.revision, today, key)
            if len(self._remembered) > MAX_REMEMBERED_QUERIES:
                self._remembered.popitem(last=False)
        return found

    async def close(self) -> None:
        """Let the plans under way end."""
        await self._answers.close()
        self._thread.shutdown()
        await self._revisions.close()

    async def _compute(self, request: PlanRequest, snapshot: Snapshot, today: dt.date) -> bytes:
        self._metrics.set_inventory(revision=snapshot.revision.revision, offers=len(snapshot.inventory.offers))
        body, seconds = await asyncio.get_running_loop().run_in_executor(
            self._thread, _plan_and_encode, request, snapshot, today
        )
        self._metrics.time_planner(seconds)
        return body


def answer_key(request: PlanRequest, *, revision: Revision, today: dt.date) -> str:
    """Return the name of an answer: a hash of all that it follows from."""
    parts = (request, revision, PLANNER_VERSION, today)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def _plan_and_encode(request: PlanRequest, snapshot: Snapshot, today: dt.date) -> tuple[bytes, float]:
    start = time.perf_counter()
    answer = plan(request, snapshot.inventory, today=today)
    seconds = time.perf_counter() - start
    return msgspec.json.encode(answer), seconds
