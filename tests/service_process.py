"""The service as its own process: started as a user starts it, awaited, stopped, its words kept."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from tests.secret_watch import watch

_POLL_SECONDS = 0.05


class ServiceDidNotStartError(Exception):
    """The service ended, or was not ready in time; the message holds what it wrote."""


class ServiceProcess:
    """`python -m service serve` on 127.0.0.1 and one port, for the length of a `with` block.

    No R1PLAN_ setting of the surrounding process is handed on; `environment` holds all that the service gets.
    """

    def __init__(self, *, port: int, environment: Mapping[str, str], start_seconds: float = 30.0) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._start_seconds = start_seconds
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("R1PLAN_")}
        self._environment = {
            **inherited,
            "R1PLAN_HOST": "127.0.0.1",
            "R1PLAN_PORT": str(port),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this line: the process writes to it
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """What the service has written so far, both streams together."""
        self._output.seek(0)
        return self._output.read().decode(errors="replace")

    @property
    def exit_status(self) -> int | None:
        """The status that the service ended with; None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int:
        """The id of the service's main process."""
        if self._process is None:
            raise ServiceDidNotStartError("the service was never started")
        return self._process.pid

    def start(self) -> None:
        """Start the service and return when `/health/ready` answers 200."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + self._start_seconds
        while not self._is_ready():
            status = self._process.poll()
            if status is not None or time.monotonic() > deadline:
                reason = "was not ready in time" if status is None else f"ended with status {status}"
                self.kill()
                watch("a service that did not start", output=self.output, environment=self._environment)
                raise ServiceDidNotStartError(f"the service {reason}; it wrote:\n{self.output}")
            time.sleep(_POLL_SECONDS)

    def stop(self, *, within_seconds: float = 10.0) -> int:
        """Ask the service to end (SIGTERM) and return its exit status; `TimeoutExpired` if it does not."""
        if self._process is None:
            raise ServiceDidNotStartError("the service was never started")
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=within_seconds)

    def kill(self) -> None:
        """End the service at once, if it still runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self.kill()
            watch("the service", output=self.output, environment=self._environment)
            self._output.close()
