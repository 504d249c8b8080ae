"""`/v1/limits`: how far context and batch reach on a machine."""

from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from planner import FIT_FIELDS, Limits
from service.api.documentation import takes
from service.api.task_routes import answer_query, responses_to_query
from service.planning import Planning
from service.tasks import LIMITS


@get(
    "/",
    summary="Context against batch",
    description=(
        "For every weight format that runs on this machine: the largest batch at each context, and the largest context "
        "at each batch."
    ),
    responses=responses_to_query(Limits, "The frontiers of every machine that the name means."),
    **takes(FIT_FIELDS),
)
async def get_limits(request: Request[Any, Any, Any], planning: NamedDependency[Planning]) -> ASGIResponse:
    """Answer for the query's fields."""
    return await answer_query(request, planning, task=LIMITS)


ROUTER = Router("/v1/limits", route_handlers=[get_limits], tags=["fit"])
