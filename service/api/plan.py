"""`/v1/plan`: the cheapest deployments for a request."""

from http import HTTPStatus
from typing import Any, cast

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

from planner import FIELDS, Infeasible, Plan
from service.api.answering import CACHE_CONTROL, CACHE_STATUS, answer_entry, is_match
from service.api.body import read_json_object
from service.api.documentation import answers, problems, takes, takes_body
from service.api.query import read_query
from service.cache import Entry
from service.planning import Planning

_ANSWERS = answers(Plan | Infeasible, "A plan, or that none exists and what would help.")


@get(
    "/",
    summary="Plan for query parameters",
    description="The cheapest GPU and quantization that holds the model at this context and batch.",
    responses={**_ANSWERS, **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE)},
    **takes(FIELDS),
)
async def get_plan(request: Request[Any, Any, Any], planning: NamedDependency[Planning]) -> ASGIResponse:
    """Answer with the plan for the query's fields."""
    query: bytes = request.scope["query_string"]
    found = await planning.plan(read_query(query, known=FIELDS), query=query)
    return answer_entry(found.entry, if_none_match=request.headers.get("if-none-match"), source=found.source)


@post(
    "/",
    status_code=200,
    summary="Plan for a JSON object",
    description="As GET, the fields as one JSON object; a field that repeats takes a list.",
    responses={
        200: _ANSWERS[200],
        **problems(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    },
    **takes_body(FIELDS),
)
async def post_plan(request: Request[Any, Any, Any], planning: NamedDependency[Planning]) -> ASGIResponse:
    """Answer with the plan for the body's fields."""
    found = await planning.plan(await read_json_object(request))
    return answer_entry(found.entry, if_none_match=None, source=found.source)


class RecalledPlans:
    """Answers a query string that was answered before, and whose answer still holds, ahead of all reading of it."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`, the plan's routes."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass the request on."""
        entry: Entry | None = None
        if scope["type"] == "http" and scope["method"] == "GET":
            planning = cast("Planning", scope["litestar_app"].state.planning)
            entry = await planning.recall(scope["query_string"])
        if entry is None:
            await self._app(scope, receive, send)
            return
        headers = [(b"etag", entry.etag.encode()), *_HIT_HEADERS]
        wanted = next((value for name, value in scope["headers"] if name == b"if-none-match"), None)
        if wanted is not None and is_match(wanted.decode("latin-1"), entry.etag):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        headers.append((b"content-length", str(len(entry.body)).encode()))
        headers.append((b"content-type", b"application/json"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": entry.body, "more_body": False})


_HIT_HEADERS = (
    (b"cache-control", CACHE_CONTROL.encode()),
    (b"cache-status", CACHE_STATUS["memory"].encode()),
)


ROUTER = Router("/v1/plan", route_handlers=[get_plan, post_plan], middleware=[RecalledPlans], tags=["plan"])
