"""`/v1/inventory/free`: what of one's own machines is free."""

import datetime as dt
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse
from msgspec import Struct

from planner import FIELDS, Field, show_moment
from service.api.answering import answer_value
from service.api.documentation import answers, problems, takes
from service.api.query import read_fields
from service.inventory.fleet.free import FreeNode, find_free
from service.inventory.snapshot import SnapshotStore
from service.inventory.utc import now
from service.refusing import Refusal

_FIELDS: Final[dict[str, Field]] = {name: FIELDS[name] for name in ("start", "end")}


class FreeCapacity(Struct, frozen=True, kw_only=True):
    """Every node, by name, as it is from `start` up to `end`; at `start` where `end` is null."""

    start: dt.datetime
    end: dt.datetime | None
    items: tuple[FreeNode, ...]


@get(
    "/",
    summary="What is free of one's own machines",
    description="At a moment, or throughout a time; a start that is not given or has passed is now.",
    responses={
        **answers(FreeCapacity, "The nodes, what of each is free, and who holds the rest until when."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes(_FIELDS),
)
async def get_free(request: Request[Any, Any, Any], snapshots: NamedDependency[SnapshotStore]) -> ASGIResponse:
    """Answer with what is free."""
    given = read_fields(request.scope["query_string"], fields=_FIELDS)
    fleet = (await snapshots.current()).inventory.fleet
    start = max(given.get("start", now()), now())
    end = given.get("end")
    if end is not None and end <= start:
        allowed = f"a moment after {show_moment(start)}"
        raise Refusal(
            f"end is {show_moment(end)}. Allowed: {allowed}.", code="invalid_end", field="end", allowed=allowed
        )
    found = FreeCapacity(start=start, end=end, items=find_free(fleet, start=start, end=end))
    return answer_value(found, if_none_match=request.headers.get("if-none-match"))


ROUTER: Final = Router("/v1/inventory/free", route_handlers=[get_free], tags=["inventory"])
