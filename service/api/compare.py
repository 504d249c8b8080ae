"""`/v1/compare`: two to six machines side by side."""

from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from planner import FIT_FIELDS, Comparison
from service.api.documentation import takes
from service.api.task_routes import answer_query, responses_to_query
from service.planning import Planning
from service.tasks import COMPARE


@get(
    "/",
    summary="Machines side by side",
    description="Two to six GPUs, instance types or both, judged on one request; each with its cheapest offer.",
    responses=responses_to_query(Comparison, "The machines in the order they were named, GPUs first."),
    **takes(FIT_FIELDS),
)
async def get_compare(request: Request[Any, Any, Any], planning: NamedDependency[Planning]) -> ASGIResponse:
    """Answer for the query's fields."""
    return await answer_query(request, planning, task=COMPARE)


ROUTER = Router("/v1/compare", route_handlers=[get_compare], tags=["fit"])
