"""Where the settings of servers are kept: in Redis where there is one, else in a file."""

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path
from typing import Protocol

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots.server_settings import ServerSettings
from bots.settings import InvalidSetting, Secret, Settings
from bots.states import REDIS_SECONDS

_PREFIX = "r1plan:bot:server:"


class ServersUnavailable(Exception):
    """The settings of a server can neither be read nor kept now."""


class Servers(Protocol):
    """The settings of servers by the server's id. Every method raises ServersUnavailable."""

    async def read(self, server_id: int) -> ServerSettings:
        """Return the settings of a server."""
        ...

    async def keep(self, server_id: int, settings: ServerSettings) -> None:
        """Keep these settings until they are changed."""
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...


class ServersInRedis:
    """Shared among bot processes, without an expiry."""

    def __init__(self, redis_url: Secret) -> None:
        """Keep settings in the Redis at `redis_url`; nothing is opened before it is needed."""
        self._redis: Redis = Redis.from_url(
            redis_url.reveal(), socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS
        )

    async def read(self, server_id: int) -> ServerSettings:
        """Return the settings of a server."""
        try:
            kept = await self._redis.get(f"{_PREFIX}{server_id}")
            return msgspec.json.decode(kept, type=ServerSettings) if kept else ServerSettings()
        except (RedisError, OSError, msgspec.DecodeError) as error:
            raise ServersUnavailable(str(error)) from error

    async def keep(self, server_id: int, settings: ServerSettings) -> None:
        """Keep these settings; where nothing is set, nothing is kept."""
        key = f"{_PREFIX}{server_id}"
        try:
            if settings.given():
                await self._redis.set(key, msgspec.json.encode(settings))
            else:
                await self._redis.delete(key)
        except (RedisError, OSError) as error:
            raise ServersUnavailable(str(error)) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


class ServersInFile:
    """For one bot process: read once, and written whole with every change."""

    def __init__(self, file: Path) -> None:
        """Read `file`, which need not be there yet; raises InvalidSetting where it cannot be read."""
        self._file = file
        self._changing = asyncio.Lock()
        try:
            self._kept = msgspec.json.decode(file.read_bytes(), type=dict[str, ServerSettings])
        except FileNotFoundError:
            self._kept = {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidSetting(f"R1PLAN_BOT_SETTINGS_FILE cannot be read ({file}): {error}") from error

    async def read(self, server_id: int) -> ServerSettings:
        """Return the settings of a server."""
        return self._kept.get(str(server_id), ServerSettings())

    async def keep(self, server_id: int, settings: ServerSettings) -> None:
        """Keep these settings; where nothing is set, nothing is kept."""
        async with self._changing:
            others = {key: value for key, value in self._kept.items() if key != str(server_id)}
            kept = {**others, str(server_id): settings} if settings.given() else others
            try:
                await asyncio.to_thread(_write, self._file, msgspec.json.format(msgspec.json.encode(kept)))
            except OSError as error:
                raise ServersUnavailable(str(error)) from error
            self._kept = kept

    async def aclose(self) -> None:
        """Leave nothing open: the file is whole after every change."""


def open_servers(settings: Settings) -> Servers:
    """Return where the settings of servers are kept; raises InvalidSetting where the file cannot be read."""
    if settings.redis_url is not None:
        return ServersInRedis(settings.redis_url)
    return ServersInFile(settings.servers_file)


def _write(file: Path, content: bytes) -> None:
    """Put `content` in the place of `file` at once: a reader finds the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        written.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            written.unlink()
        raise
