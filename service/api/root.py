"""`/`: where everything is."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Router, get
from litestar.response.base import ASGIResponse
from msgspec import Struct

from planner import PLANNER_VERSION
from service.api.answering import answer_value
from service.api.documentation import answers, problems, takes
from service.api.page import API_VERSION


class Service(Struct, frozen=True, kw_only=True):
    """What answers here, and where to read on."""

    service: str = "r1plan"
    api_version: str = API_VERSION
    planner_version: str = PLANNER_VERSION
    page: str = "/schema"
    openapi: str = "/schema/openapi.json"
    try_this: str = "/v1/plan?context=32k"


@get(
    "/",
    summary="What answers here",
    responses={
        **answers(Service, "Where everything is."),
        **problems(HTTPStatus.BAD_REQUEST),
    },
    **takes({}),
)
async def get_service(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Answer where everything is."""
    return answer_value(Service(), if_none_match=request.headers.get("if-none-match"))


ROUTER = Router("/", route_handlers=[get_service], tags=["operation"])
