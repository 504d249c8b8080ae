"""Server processes to measure: the service, a bare Litestar handler, and either under uvicorn.

`python -m tests.benchmarks.servers WHAT SERVER PORT [BODY_FILE]` runs one in the foreground.
"""

from __future__ import annotations

import functools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from litestar import Litestar, get
from litestar.types import ASGIApp

from service.app import create_app
from service.logs import configure_logging
from service.server import run_server
from service.settings import read_settings

_START_SECONDS = 30.0
_ARGUMENTS = 4


def load_bare(body_file: str) -> ASGIApp:
    """Return a Litestar application with one handler that returns the bytes of `body_file`."""
    body = Path(body_file).read_bytes()

    @get("/bare", media_type="application/json", sync_to_thread=False)
    def bare() -> bytes:
        return body

    return Litestar([bare], openapi_config=None, logging_config=None)


def load_service() -> ASGIApp:
    """Return the service's application for the environment's settings."""
    configure_logging("info")
    return create_app(read_settings(os.environ))


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and the process that it began with."""

    port: int
    pid: int

    def peak_mib(self) -> float | None:
        """Return the most memory that one of its processes has taken, or None where the system does not tell."""
        try:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            peaks = [_peak_kib(Path(f"/proc/{pid}/status")) for pid in (str(self.pid), *children)]
        except OSError:
            return None
        return max(peaks) / 1024

    def cpu_seconds(self) -> float | None:
        """Return the processor time that its processes have taken, or None where the system does not tell."""
        try:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            ticks = sum(_cpu_ticks(Path(f"/proc/{pid}/stat")) for pid in (str(self.pid), *children))
        except OSError:
            return None
        return ticks / os.sysconf("SC_CLK_TCK")


def _peak_kib(status: Path) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])


def _cpu_ticks(stat: Path) -> int:
    # The command's name, in brackets, may hold blanks; user and system time are the 14th and 15th field of the line.
    fields = stat.read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def running(
    what: str, *, server: str = "granian", body_file: Path | None = None, **environment: str
) -> Generator[Server]:
    """Run `what` ("service" or "bare") under `server` for the length of a `with` block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("R1PLAN_")}
    arguments = [what, server, str(port), *([] if body_file is None else [str(body_file)])]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.servers", *arguments],
        env={**inherited, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_open(port, process)
        yield Server(port=port, pid=process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_START_SECONDS)


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with status {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen")


def _main(what: str, server: str, port: int, body_file: str = "") -> None:
    load = load_service if what == "service" else functools.partial(load_bare, body_file)
    if server == "granian":
        run_server(load, address="127.0.0.1", port=port)
    else:
        uvicorn.run(load(), host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[_ARGUMENTS:])
