"""The answer cache: the bytes of answers by the hash of everything they follow from.

An answer never goes stale, because whatever may change it is part of its key; it only falls out when room is needed.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

from msgspec import Struct

MAX_BYTES = 64 * 1024 * 1024
# What an entry takes beside its body: key, tag, objects and the dictionary's slot, rounded up.
_ENTRY_OVERHEAD_BYTES = 512


class Entry(Struct, frozen=True, kw_only=True):
    """An answer as it goes over the wire: its JSON and its strong entity tag (quotes included)."""

    body: bytes
    etag: str

    @property
    def size_bytes(self) -> int:
        """What keeping this entry costs."""
        return len(self.body) + _ENTRY_OVERHEAD_BYTES


def make_entry(body: bytes) -> Entry:
    """Return `body` with its tag: a hash of the bytes themselves, so that equal answers carry equal tags."""
    return Entry(body=body, etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"')


Source = Literal["memory", "shared", "coalesced", "miss"]
CacheState = Literal["in-process", "redis", "redis unreachable, using in-process"]


class Found(Struct, frozen=True, kw_only=True):
    """An answer and where it came from.

    `memory` is this process, `shared` the cache of all processes, `coalesced` a computation that another request had
    begun, `miss` one of its own.
    """

    entry: Entry
    source: Source


class SharedAnswers(Protocol):
    """A cache that several processes share. Neither method raises: a cache that fails is a cache that has nothing."""

    @property
    def is_up(self) -> bool:
        """Whether it is in use now."""
        ...

    async def get(self, key: str) -> bytes | None:
        """Return the answer under `key`, or None."""
        ...

    async def put(self, key: str, body: bytes) -> None:
        """Keep `body` under `key` for a while."""
        ...


class AnswerCache:
    """Answers in this process, up to a number of bytes, the least recently used going first; behind it, a shared one.

    Identical questions at one moment are computed once.
    """

    def __init__(self, *, shared: SharedAnswers | None = None, max_bytes: int = MAX_BYTES) -> None:
        """Begin empty."""
        self._shared = shared
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._flights: dict[str, asyncio.Task[Found]] = {}
        self.size_bytes = 0

    @property
    def state(self) -> CacheState:
        """Where answers are kept now."""
        if self._shared is None:
            return "in-process"
        return "redis" if self._shared.is_up else "redis unreachable, using in-process"

    def recall(self, key: str) -> Entry | None:
        """Return the answer under `key` if this process has it."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    async def fetch(self, key: str, compute: Callable[[], Awaitable[bytes]]) -> Found:
        """Return the answer under `key`, computing it where nobody has it and nobody is at it.

        What `compute` raises goes to everybody who waits for it. A caller that gives up does not stop the others.
        """
        entry = self.recall(key)
        if entry is not None:
            return Found(entry=entry, source="memory")
        flight = self._flights.get(key)
        if flight is not None:
            found = await asyncio.shield(flight)
            return Found(entry=found.entry, source="coalesced")
        flight = asyncio.create_task(self._compute(key, compute), name=f"answer {key[:12]}")
        self._flights[key] = flight
        flight.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(flight)

    async def close(self) -> None:
        """Let what is being computed end."""
        await asyncio.gather(*self._flights.values(), return_exceptions=True)

    def _land(self, key: str, flight: asyncio.Task[Found]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            # Where every caller has given up nobody else would look at the exception.
            flight.exception()

    async def _compute(self, key: str, compute: Callable[[], Awaitable[bytes]]) -> Found:
        body = None if self._shared is None else await self._shared.get(key)
        if body is not None:
            return Found(entry=self._keep(key, body), source="shared")
        body = await compute()
        entry = self._keep(key, body)
        if self._shared is not None:
            await self._shared.put(key, body)
        return Found(entry=entry, source="miss")

    def _keep(self, key: str, body: bytes) -> Entry:
        entry = make_entry(body)
        if entry.size_bytes > self._max_bytes:
            return entry
        self._entries[key] = entry
        self.size_bytes += entry.size_bytes
        while self.size_bytes > self._max_bytes:
            _, oldest = self._entries.popitem(last=False)
            self.size_bytes -= oldest.size_bytes
        return entry
