"""A relay before a server, which can vanish as a server that fell would."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

_CHUNK_BYTES = 65_536


class Relay:
    """Passes connections to one port of 127.0.0.1 on to `target`, on threads of its own."""

    def __init__(self, *, port: int, target: tuple[str, int]) -> None:
        self.port = port
        self._target = target
        self._listener: socket.socket | None = None
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Take connections."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        self._run(self._accept, listener)

    def close(self) -> None:
        """Take no more connections and break those that are open."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # Closing alone would leave the thread in its accept().
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        for each in self._sockets:
            each.close()
        self._sockets.clear()

    def _run(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._sockets |= {client, server}
            self._run(self._pass, client, server)
            self._run(self._pass, server, client)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK_BYTES):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
