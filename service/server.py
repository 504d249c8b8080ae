"""The server: granian, one worker process, over the application of one set of settings."""

import errno
import functools
import os
import socket
from collections.abc import Callable
from typing import Any, Final

import click
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer
from litestar.types import ASGIApp

from service.app import create_app
from service.logs import configure_logging
from service.settings import Settings

STOP_SECONDS: Final = 8
"""How long requests under way may take to end after SIGTERM."""

_POLL_SECONDS: Final = 0.02


class AddressUnusable(Exception):
    """The service cannot listen where its settings say; the message is one line that says why."""


def find_address(settings: Settings) -> str:
    """Return the IP address to listen on, having seen that nobody listens there yet.

    The server itself would share a port with whoever listens on it already, and each would get some of the requests.

    Raises:
        AddressUnusable: the host has no address here, or the port is taken or forbidden.
    """
    where = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # Connections of an earlier run that linger do not count as taking the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = "another program listens there; stop it, or set R1PLAN_PORT to a free port"
        else:
            # The resolver's error numbers are negative and its own.
            words = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error.strerror
            reason = f"{words}; see R1PLAN_HOST and R1PLAN_PORT"
        raise AddressUnusable(f"The service cannot listen on {where}: {reason}.") from error
    return str(address[0])


def serve(settings: Settings, *, address: str) -> None:
    """Serve the API at `address` until SIGTERM or SIGINT; says on standard output when it can be reached.

    Raises:
        SystemExit: the worker process ended by itself; the status is 1.
    """
    # Settings go over as a value: the worker reads no environment of its own.
    run_server(functools.partial(_load, settings), address=address, port=settings.port, level=settings.log_level)


def run_server(load: Callable[[], ASGIApp], *, address: str, port: int, level: str = "info") -> None:
    """Run granian, as this service runs it, over the application that `load` makes in the worker process."""
    server = _Server(
        "service.app:create_app",
        address=address,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        websockets=False,
        # Its own words about workers are for who looks for a fault; requests are logged by the application.
        log_level=LogLevels.debug if level == "debug" else LogLevels.error,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.listens_at = (address, port)
    server.serve(target_loader=load, wrap_loader=False)


class _Server(MPServer):
    """Granian that says when its worker takes connections."""

    listens_at: tuple[str, int]

    def startup(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        """Start the worker, and wait until it takes connections or somebody wants it to end."""
        super().startup(spawn_target, target_loader)  # pyright: ignore[reportUnknownMemberType]  (granian leaves it untyped)
        while not self.main_loop_interrupt.wait(_POLL_SECONDS):
            try:
                with socket.create_connection(self.listens_at, timeout=1):
                    break
            except OSError:
                continue
        else:
            return
        click.echo(f"r1plan listens on {_url(*self.listens_at)} (the API's page: /schema)")


def _load(settings: Settings) -> ASGIApp:
    configure_logging(settings.log_level, secrets=settings.secrets())
    return create_app(settings)


def _url(address: str, port: int) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address, f"[{address}]" if ":" in address else address)  # noqa: S104
    return f"http://{host}:{port}"
