"""`/v1/plan`: the cheapest deployments for a request."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from planner import FIELDS, Infeasible, Plan
from service.api.answering import answer_entry
from service.api.body import read_json_object
from service.api.documentation import answers, problems, takes, takes_body
from service.api.query import read_query
from service.planning import Planning

PATH: Final = "/v1/plan"
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


ROUTER = Router(PATH, route_handlers=[get_plan, post_plan], tags=["plan"])
