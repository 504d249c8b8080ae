"""`/v1/fit`: whether a model fits a machine, and what would make it fit."""

from typing import Any, Final

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from planner import FIT_FIELDS, NAMES_OF_A_MACHINE, Fit
from service.api.documentation import takes, takes_body
from service.api.task_routes import answer_body, answer_query, responses_to_body, responses_to_query
from service.planning import Planning
from service.tasks import FIT

_WHAT: Final = (Fit, "The verdict with its working; a GPU's name that several bear is judged for each of them.")


@get(
    "/",
    summary="Does it fit, for query parameters",
    description=(
        "Whether the model fits this machine (gpu, instance_type, memory_bytes or vram_gb): the memory part by part, "
        "the engine's budget and the physical card, the largest context and batch, and what would make it fit."
    ),
    responses=responses_to_query(*_WHAT),
    **takes(FIT_FIELDS),
)
async def get_fit(request: Request[Any, Any, Any], planning: NamedDependency[Planning]) -> ASGIResponse:
    """Answer with the verdict for the query's fields."""
    return await answer_query(request, planning, task=FIT)


@post(
    "/",
    status_code=200,
    summary="Does it fit, for a JSON object",
    description="As GET, the fields as one JSON object; a field that repeats takes a list.",
    responses=responses_to_body(*_WHAT),
    **takes_body(FIT_FIELDS, one_of=NAMES_OF_A_MACHINE),
)
async def post_fit(request: Request[Any, Any, Any], planning: NamedDependency[Planning]) -> ASGIResponse:
    """Answer with the verdict for the body's fields."""
    return await answer_body(request, planning, task=FIT)


ROUTER = Router("/v1/fit", route_handlers=[get_fit, post_fit], tags=["fit"])
