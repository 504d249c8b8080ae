"""`/v1/memory`: what every weight format and KV cache dtype needs, and the smallest GPUs that hold it."""

from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from planner import MEMORY_FIELDS, Requirements
from service.api.documentation import takes
from service.api.task_routes import answer_query, responses_to_query
from service.planning import Planning
from service.tasks import MEMORY


@get(
    "/",
    summary="What it needs",
    description=(
        "What each weight format and KV cache dtype takes at this context and batch on one GPU, and the smallest GPUs "
        "that hold it."
    ),
    responses=responses_to_query(Requirements, "All pairs of formats, those that need least first."),
    **takes(MEMORY_FIELDS),
)
async def get_memory(request: Request[Any, Any, Any], planning: NamedDependency[Planning]) -> ASGIResponse:
    """Answer for the query's fields."""
    return await answer_query(request, planning, task=MEMORY)


ROUTER = Router("/v1/memory", route_handlers=[get_memory], tags=["fit"])
