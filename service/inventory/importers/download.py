"""A catalogue from an https address: bounded in size and time, and never from inside one's own network."""

import datetime as dt
import ipaddress
import socket
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from msgspec import Struct

from service.inventory.importers.errors import SourceRefused
from service.inventory.utc import today

MAX_BYTES: Final = 256 * 1024 * 1024
TIMEOUT_SECONDS: Final = 300.0
_CONNECT_SECONDS: Final = 10.0
_SILENCE_SECONDS: Final = 30.0
_MAX_REDIRECTS: Final = 5
_CHUNK: Final = 256 * 1024
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_OK: Final = 200


class DownloadRules(Struct, frozen=True, kw_only=True):
    """What may be downloaded.

    `private_networks` are those whose addresses may be reached, such as 10.20.0.0/16: none, unless who runs the service
    names them. The other defaults are what the command line and the API use; a test that serves a file on this machine
    allows http for itself.
    """

    schemes: tuple[str, ...] = ("https",)
    private_networks: tuple[str, ...] = ()
    max_bytes: int = MAX_BYTES
    timeout_seconds: float = TIMEOUT_SECONDS


class Download(Struct, frozen=True, kw_only=True):
    """A downloaded file; `location` is its address without a password, `date` the day that the server gives it."""

    path: Path
    location: str
    date: dt.date | None


def is_address(text: str) -> bool:
    """Return whether `text` is an address to download from, whatever its scheme, and no path."""
    return "://" in text


@asynccontextmanager
async def download(address: str, *, rules: DownloadRules | None = None) -> AsyncGenerator[Download, None]:
    """Give the file at `address`, kept as long as the block lasts.

    Redirects are followed under the same rules. The server's name is looked up once, and what is connected to is what
    was checked.

    Raises:
        SourceRefused: the address is not allowed, the server does not give the file, or it is too large or too slow.
    """
    rules = rules or DownloadRules()
    _check_address(address, rules=rules)
    shown = show_address(address)
    timeout = aiohttp.ClientTimeout(
        total=rules.timeout_seconds, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS
    )
    connector = aiohttp.TCPConnector(resolver=_CheckedResolver(rules), use_dns_cache=False)
    with TemporaryDirectory(prefix="r1plan-import-") as folder:
        try:
            async with aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as client:
                path = _path_for(address, folder=Path(folder))
                date = await _fetch(client, address, path=path, rules=rules)
        except TimeoutError as error:
            raise SourceRefused(f"{shown} took longer than {rules.timeout_seconds:g} seconds.") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise SourceRefused(f"{shown} cannot be downloaded: {_reason(error)}.") from error
        yield Download(path=path, location=shown, date=date)


async def _fetch(client: aiohttp.ClientSession, address: str, *, path: Path, rules: DownloadRules) -> dt.date | None:
    for _ in range(_MAX_REDIRECTS + 1):
        async with client.get(address, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as response:
            if response.status in _REDIRECTS and "Location" in response.headers:
                address = urljoin(str(response.url), response.headers["Location"])
                _check_address(address, rules=rules)
                continue
            if response.status != _OK:
                raise SourceRefused(f"{show_address(address)} answers with status {response.status}.")
            await _save(response, path, shown=show_address(address), max_bytes=rules.max_bytes)
            return _read_date(response.headers.get("Last-Modified"))
    raise SourceRefused(f"{show_address(address)} redirects more than {_MAX_REDIRECTS} times.")


async def _save(response: aiohttp.ClientResponse, path: Path, *, shown: str, max_bytes: int) -> None:
    if (response.content_length or 0) > max_bytes:
        raise SourceRefused(f"{shown} has {response.content_length:,} bytes; allowed are {max_bytes:,}.")
    size = 0
    with path.open("wb") as file:
        async for chunk in response.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise SourceRefused(f"{shown} has more than {max_bytes:,} bytes.")
            file.write(chunk)


def _check_address(address: str, *, rules: DownloadRules) -> None:
    host = _host_of(address, schemes=rules.schemes)
    if host is None:
        raise SourceRefused(
            f"{show_address(address)[:200]} cannot be used; allowed are addresses that begin with"
            f" {' or '.join(f'{scheme}://' for scheme in rules.schemes)}."
        )
    # A number is not looked up, so no resolver sees it.
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return
    if not _is_allowed(str(number), rules=rules):
        raise _refuse_private(host)


def _host_of(address: str, *, schemes: Collection[str]) -> str | None:
    """Return whom an address names, None where it names nobody or has another scheme."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or None) if parts.scheme.casefold() in schemes else None
    except ValueError:
        return None


class _CheckedResolver(AbstractResolver):
    """Looks names up, and gives no address of a private network unless the rules allow it."""

    def __init__(self, rules: DownloadRules) -> None:
        self._rules = rules
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of `host` that may be used; raises SourceRefused where there is none."""
        found = await self._resolver.resolve(host, port, family)
        allowed = [each for each in found if _is_allowed(each["host"], rules=self._rules)]
        if not allowed:
            raise _refuse_private(host)
        return allowed

    async def close(self) -> None:
        """Close the resolver beneath."""
        await self._resolver.close()


def _refuse_private(host: str) -> SourceRefused:
    return SourceRefused(
        f"{host} is on a private network; allowed are public addresses, and the networks that"
        f" R1PLAN_IMPORT_PRIVATE_NETWORKS names."
    )


def _is_allowed(address: str, *, rules: DownloadRules) -> bool:
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address) and number.ipv4_mapped is not None:
        number = number.ipv4_mapped
    if number.is_global and not number.is_multicast:
        return True
    return any(number in ipaddress.ip_network(network) for network in rules.private_networks)


def _path_for(address: str, *, folder: Path) -> Path:
    """Return where to keep the file: its name, in a folder named like the one it comes from, which may be a cloud's."""
    parts = [part for part in PurePosixPath(unquote(urlsplit(address).path)).parts if part not in ("/", ".", "..")]
    names = [part.replace("\0", "") for part in parts[-2:]] or ["download"]
    path = folder.joinpath(*names)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def show_address(address: str) -> str:
    """Return an address as it may be shown: without a password, and without its query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        # Nobody can say what of it is a password.
        return "the address"
    host = parts.netloc.rpartition("@")[2]
    # A query may hold a signature or a key.
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _read_date(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return min(parsedate_to_datetime(text).date(), today())
    except ValueError:
        return None


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
