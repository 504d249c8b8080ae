"""`/v1/plan/chart`: a plan as a picture."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from planner import FIELDS
from service.api.answering import answer_entry, is_match
from service.api.documentation import answers, problems, takes
from service.api.query import read_query
from service.cache import Entry
from service.charting import CHART_FIELDS, Charting, read_chart_fields
from service.charts.drawing import MEDIA_TYPES
from service.charts.price_speed import OPTIONS_DRAWN


@get(
    "/",
    summary="Plan as a picture",
    description=(
        "Draws the plan for the query's fields, 520 pixels wide (a PNG has half as many again): price against speed, "
        f"or memory against context. Up to {OPTIONS_DRAWN} options are drawn where `limit` is not given. Where nothing "
        "fits, the picture says so."
    ),
    responses={
        **answers(bytes, "The picture."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes({**FIELDS, **CHART_FIELDS}, media_types=MEDIA_TYPES.values()),
)
async def get_chart(request: Request[Any, Any, Any], charting: NamedDependency[Charting]) -> ASGIResponse:
    """Answer with the picture of the plan for the query's fields."""
    fields = read_query(request.scope["query_string"], known=(*FIELDS, *CHART_FIELDS))
    kind, picture_format, planned = read_chart_fields(fields)
    order = await charting.order(kind, picture_format, planned)
    known = request.headers.get("if-none-match")
    if is_match(known, order.etag):
        # Nothing needs to be drawn for that.
        return answer_entry(Entry(body=b"", etag=order.etag), if_none_match=known)
    found = await charting.draw(order)
    return answer_entry(found.entry, if_none_match=None, source=found.source, media_type=MEDIA_TYPES[picture_format])


ROUTER = Router("/v1/plan/chart", route_handlers=[get_chart], tags=["plan"])
