"""Which keys are good: a key that somebody presents held against those that the database keeps."""

import asyncio
import datetime as dt
import hmac
import logging
import time
from typing import Final

from service.admission.refusals import key_expired, key_revoked, key_unknown
from service.inventory.api_keys import USE_IS_NOTED_EVERY, ApiKey, load_keys, note_use
from service.inventory.database import Database
from service.inventory.errors import InventoryUnavailable
from service.inventory.utc import now
from service.key_format import PresentedKey, read_key

KEPT_SECONDS: Final = 1.0
"""How long the keys of the database are remembered: a revoked key ends within it, in every process."""

_log = logging.getLogger(__name__)


class Keyring:
    """The keys of the database, read again when they are a second old and a key is presented.

    All are read at once, since they are few: so made-up keys cost no more than real ones.
    """

    def __init__(self, database: Database) -> None:
        """Know no key yet."""
        self._database = database
        self._keys: dict[str, ApiKey] = {}
        self._read_at = -KEPT_SECONDS
        self._reading = asyncio.Lock()
        self._noted: dict[str, float] = {}
        self._notes: set[asyncio.Task[None]] = set()

    async def identify(self, token: str) -> ApiKey:
        """Return the key that `token` is.

        Raises:
            Refusal: it is none, or none that can be used any more.
            InventoryUnavailable: the database cannot be reached, so that nobody knows.
        """
        presented = read_key(token)
        if presented is None:
            raise key_unknown()
        key = await self._find(presented)
        # In constant time, so that how long it takes says nothing about how much of it is right.
        if key is None or not hmac.compare_digest(key.secret_hash.reveal(), presented.secret_hash):
            raise key_unknown()
        if key.revoked_at is not None:
            raise key_revoked(key)
        if key.expires_at is not None and key.expires_at <= now():
            raise key_expired(key)
        self._note(key.key_id)
        return key

    async def close(self) -> None:
        """Let what is being written end."""
        await asyncio.gather(*self._notes)

    async def _find(self, presented: PresentedKey) -> ApiKey | None:
        asked_at = time.monotonic()
        key = self._keys.get(presented.key_id)
        # A key that is not known may have been made a moment ago.
        if key is None or asked_at - self._read_at >= KEPT_SECONDS:
            await self._read(asked_at)
            key = self._keys.get(presented.key_id)
        return key

    async def _read(self, asked_at: float) -> None:
        async with self._reading:
            if self._read_at >= asked_at:
                return  # somebody read them while this one waited
            began_at = time.monotonic()
            async with self._database.read() as session:
                self._keys = {key.key_id: key for key in await load_keys(session)}
            self._read_at = began_at

    def _note(self, key_id: str) -> None:
        moment = time.monotonic()
        last = self._noted.get(key_id)
        if last is None or moment - last >= USE_IS_NOTED_EVERY / dt.timedelta(seconds=1):
            self._noted[key_id] = moment
            task = asyncio.create_task(self._write(key_id), name="note use of key")
            self._notes.add(task)
            task.add_done_callback(self._notes.discard)

    async def _write(self, key_id: str) -> None:
        try:
            async with self._database.change() as session:
                await note_use(session, [key_id])
        except InventoryUnavailable as error:
            # The request is answered all the same; the next minute writes again.
            _log.warning("use of key %s not noted reason=%s", key_id, error)
