"""The short way to an answer given before: ahead of routing and reading, which would cost more than the answer does."""

from typing import Final

from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from service.api.answering import CACHE_CONTROL, CACHE_STATUS, is_match
from service.cache import Entry
from service.inventory.errors import InventoryUnavailable
from service.planning import Planning
from service.problems import send_problem
from service.tasks import TASKS

_TASKS: Final = {f"/v1/{name}": name for name in TASKS}
_HEADERS: Final = (
    (b"cache-control", CACHE_CONTROL.encode()),
    (b"cache-status", CACHE_STATUS["memory"].encode()),
)


class RecalledAnswers:
    """An ASGI application that answers a query string answered before, where that answer still holds.

    Everything else goes on to the application behind it, which would have given the same answer; so does the request of
    a caller who may not read, which is refused there.
    """

    def __init__(self, app: ASGIApp, *, planning: Planning) -> None:
        """Stand before `app`."""
        self._app = app
        self._planning = planning

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass the request on."""
        task = _TASKS.get(scope["path"]) if scope["type"] == "http" else None
        if task is None or scope["type"] != "http" or scope["method"] != "GET" or not scope["auth"].may("read"):
            await self._app(scope, receive, send)
            return
        try:
            entry = await self._planning.recall(task, scope["query_string"])
        except InventoryUnavailable as error:
            scope["path_template"] = scope["path"]
            await send_problem(error, scope, send)
            return
        if entry is None:
            await self._app(scope, receive, send)
            return
        scope["path_template"] = scope["path"]
        await _send_entry(entry, scope, send)


async def _send_entry(entry: Entry, scope: HTTPScope, send: Send) -> None:
    headers = [(b"etag", entry.etag.encode()), *_HEADERS]
    wanted = next((value for name, value in scope["headers"] if name == b"if-none-match"), None)
    if wanted is not None and is_match(wanted.decode("latin-1"), entry.etag):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    headers.append((b"content-length", str(len(entry.body)).encode()))
    headers.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": entry.body, "more_body": False})
