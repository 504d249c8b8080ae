"""A load of HTTP requests, from a client that costs far less than any server it measures."""

from __future__ import annotations

import asyncio
import statistics
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.servers import Server

CONNECTIONS = 16


@dataclass
class Target:
    """A path of a server, and what each round of load found.

    `rates` are requests a second, `cpu_seconds` the server's processor time for one request, empty where not known.
    """

    server: Server
    path: str
    rates: list[float] = field(default_factory=list[float])
    cpu_seconds: list[float] = field(default_factory=list[float])


_END_OF_HEAD = b"\r\n\r\n"
_LONGEST_HEAD = 4096


class _Connection(asyncio.BufferedProtocol):
    """Sends the same request again as soon as its answer has come, whose body has a known length; reads nothing of it.

    What stands in the head may change its length: the seconds until a limit of requests begins anew.
    """

    _buffer = memoryview(bytearray(1 << 20))

    def __init__(self, request: bytes, *, body_bytes: int) -> None:
        self.answers = 0
        self._request = request
        self._body_bytes = body_bytes
        self._missing_bytes = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._missing_bytes == 0:
            head_bytes = bytes(self._buffer[: min(nbytes, _LONGEST_HEAD)]).index(_END_OF_HEAD) + len(_END_OF_HEAD)
            self._missing_bytes = head_bytes + self._body_bytes
        self._missing_bytes -= nbytes
        if self._missing_bytes > 0:
            return
        assert self._missing_bytes == 0, "an answer had another length than the first one"
        self.answers += 1
        assert self._transport is not None
        self._transport.write(self._request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def _measure_body(target: Target, request: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.server.port)
    writer.write(request)
    head = await reader.readuntil(_END_OF_HEAD)
    assert head.startswith(b"HTTP/1.1 200 "), head
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    writer.transport.abort()
    return int(lengths[0].partition(b":")[2])


async def _load(target: Target, *, seconds: float, connections: int) -> None:
    port = target.server.port
    request = f"GET {target.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    body_bytes = await _measure_body(target, request)
    loop = asyncio.get_running_loop()
    opened = [_Connection(request, body_bytes=body_bytes) for _ in range(connections)]
    for each in opened:
        await loop.create_connection(lambda each=each: each, "127.0.0.1", port)
    await asyncio.sleep(seconds / 10)
    start, cpu, before = time.perf_counter(), target.server.cpu_seconds(), sum(each.answers for each in opened)
    await asyncio.sleep(seconds)
    answers = sum(each.answers for each in opened) - before
    target.rates.append(answers / (time.perf_counter() - start))
    cpu_now = target.server.cpu_seconds()
    if cpu is not None and cpu_now is not None:
        target.cpu_seconds.append((cpu_now - cpu) / answers)
    for each in opened:
        each.close()


def load_in_turns(targets: Sequence[Target], *, rounds: int, seconds: float, connections: int = CONNECTIONS) -> None:
    """Load each of `targets` in turn, `rounds` times over: a noisy moment falls on all of them."""
    for _ in range(rounds):
        for target in targets:
            asyncio.run(_load(target, seconds=seconds, connections=connections))


def compare(these: Sequence[float], those: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, least and greatest ratio of `these` to `those`, round by round."""
    ratios = [one / other for one, other in zip(these, those, strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


def fetch(server: Server, path: str) -> bytes:
    """Return the body of one GET."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=60) as answer:
        body: bytes = answer.read()
    return body


def time_processor(call: Callable[[], object]) -> float:
    """Return the seconds of processor time that `call` takes in this process."""
    start = time.process_time()
    call()
    return time.process_time() - start


def time_call(call: Callable[[], object]) -> float:
    """Return the seconds that `call` takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
