"""Around the whole API: every request is counted, timed and, where it is worth a line, logged."""

import logging
import time
from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import UNMATCHED, Metrics

_log = logging.getLogger("service.requests")
_SERVER_ERROR: Final = 500
# Anybody may make methods up; series are for those that the API takes.
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
_OTHER: Final = "other"
_CACHE_HIT: Final = b"r1plan; hit"


class Observed:
    """An ASGI application whose requests are observed, those with unknown paths and methods included.

    One line for each request that took work or was refused goes out at INFO; answers from the cache and health checks,
    which are many and say nothing new, at DEBUG. A HEAD request is answered as its GET without the body.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        """Observe `app`."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (or the server's lifespan events, untouched)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        method: str = scope["method"]
        is_head = method == "HEAD"
        if is_head:
            scope["method"] = "GET"
        status = _SERVER_ERROR
        is_hit = False

        async def observe(message: Message) -> None:
            nonlocal status, is_hit
            if message["type"] == "http.response.start":
                status = message["status"]
                is_hit = (b"cache-status", _CACHE_HIT) in message["headers"]
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        try:
            await self._app(scope, receive, observe)
        finally:
            seconds = time.perf_counter() - start
            route: str = scope.get("path_template", UNMATCHED)
            self._metrics.count_request(
                method=method if method in _METHODS else _OTHER, route=route, status=status, seconds=seconds
            )
            is_quiet = is_hit or (route.startswith(("/health", "/metrics")) and status < _SERVER_ERROR)
            level = logging.DEBUG if is_quiet else logging.INFO
            if _log.isEnabledFor(level):
                _log.log(
                    level,
                    "method=%s path=%s status=%d milliseconds=%.2f",
                    method,
                    _printable(scope["path"]),
                    status,
                    1000 * seconds,
                )


def _printable(path: str) -> str:
    # A path may hold line ends; a log line may not. Query strings stay out: questions are people's own words.
    return path.encode("unicode_escape").decode("ascii")[:200].replace(" ", "%20")
