"""What routes that answer a task share: its fields read from a query or a body, and what they may answer with."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request
from litestar.openapi import ResponseSpec
from litestar.response.base import ASGIResponse

from service.api.answering import answer_entry
from service.api.body import read_json_object
from service.api.documentation import answers, problems
from service.api.query import read_query
from service.planning import Planning
from service.tasks import Task

_BODY_PROBLEMS: Final = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
_PROBLEMS: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE)


async def answer_query(request: Request[Any, Any, Any], planning: Planning, *, task: Task[Any, Any]) -> ASGIResponse:
    """Return the answer of `task` to the query's fields."""
    query: bytes = request.scope["query_string"]
    found = await planning.answer(task, read_query(query, known=task.fields), query=query)
    return answer_entry(found.entry, if_none_match=request.headers.get("if-none-match"), source=found.source)


async def answer_body(request: Request[Any, Any, Any], planning: Planning, *, task: Task[Any, Any]) -> ASGIResponse:
    """Return the answer of `task` to the body's fields."""
    found = await planning.answer(task, await read_json_object(request))
    return answer_entry(found.entry, if_none_match=None, source=found.source)


def responses_to_query(kind: Any, description: str) -> dict[int, ResponseSpec]:  # noqa: ANN401 - a type or a union
    """Return the documentation of what a route that reads a query answers."""
    return {**answers(kind, description), **problems(*_PROBLEMS)}


def responses_to_body(kind: Any, description: str) -> dict[int, ResponseSpec]:  # noqa: ANN401 - as above
    """Return the documentation of what a route that reads a body answers."""
    return {200: answers(kind, description)[200], **problems(*_PROBLEMS, *_BODY_PROBLEMS)}
