"""`/v1/plan`: the cheapest deployments for a request."""

from typing import Any, Final

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from planner import FIELDS, Infeasible, Plan
from service.api.documentation import takes, takes_body
from service.api.task_routes import answer_body, answer_query, responses_to_body, responses_to_query
from service.planning import Planning
from service.tasks import PLAN

_WHAT: Final = (Plan | Infeasible, "A plan, or that none exists and what would help.")


@get(
    "/",
    summary="Plan for query parameters",
    description="The cheapest GPU and quantization that holds the model at this context and batch.",
    responses=responses_to_query(*_WHAT),
    **takes(FIELDS),
)
async def get_plan(request: Request[Any, Any, Any], planning: NamedDependency[Planning]) -> ASGIResponse:
    """Answer with the plan for the query's fields."""
    return await answer_query(request, planning, task=PLAN)


@post(
    "/",
    status_code=200,
    summary="Plan for a JSON object",
    description="As GET, the fields as one JSON object; a field that repeats takes a list.",
    responses=responses_to_body(*_WHAT),
    **takes_body(FIELDS),
)
async def post_plan(request: Request[Any, Any, Any], planning: NamedDependency[Planning]) -> ASGIResponse:
    """Answer with the plan for the body's fields."""
    return await answer_body(request, planning, task=PLAN)


ROUTER = Router("/v1/plan", route_handlers=[get_plan, post_plan], tags=["plan"])
