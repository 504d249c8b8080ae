"""`/v1/inventory/changes`: who changed what in the inventory, when, from what and to what."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from planner import Field
from service.admission.caller import Caller
from service.admission.refusals import missing
from service.api.answering import answer_value
from service.api.documentation import answers, problems, takes
from service.api.paging import PAGING
from service.api.query import read_fields
from service.inventory.api_keys import KEY
from service.inventory.audit import KINDS
from service.inventory.audit_listing import AuditFilter, AuditPage, list_changes
from service.inventory.database import Database
from service.inventory.listing import DEFAULT_LIMIT

_FIELDS: Final[dict[str, Field]] = {
    "kind": Field(kind="text", choices=KINDS, example="offer", description="Changes of this kind of thing only."),
    "id": Field(kind="text", example="l4", description="Changes of the thing of this identifier only."),
    "actor": Field(kind="text", example="key:ops", description="Changes that this actor made only."),
    "since": Field(kind="date", example="2026-05-01", description="Changes of this day (UTC) or later only."),
    **PAGING,
}


@get(
    "/",
    summary="The audit trail",
    description="The newest change first. Changes of keys are told to keys of scope `admin` only.",
    responses={
        **answers(AuditPage, "A page of changes."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes(_FIELDS),
)
async def get_changes(request: Request[Any, Any, Any], database: NamedDependency[Database]) -> ASGIResponse:
    """Answer with a page of changes, those of keys for administrators only: who may do what concerns nobody else."""
    given = read_fields(request.scope["query_string"], fields=_FIELDS)
    limit, cursor = given.pop("limit", DEFAULT_LIMIT), given.pop("cursor", None)
    if "id" in given:
        given["thing_id"] = given.pop("id")
    caller: Caller = request.auth
    is_admin = caller.may("admin")
    if given.get("kind") == KEY and not is_admin:
        raise missing("admin", caller=caller)
    audit_filter = AuditFilter(**given, without_kind=None if is_admin else KEY)
    async with database.read() as session:
        page = await list_changes(session, audit_filter, cursor=cursor, limit=limit)
    return answer_value(page, if_none_match=request.headers.get("if-none-match"))


ROUTER: Final = Router("/v1/inventory/changes", route_handlers=[get_changes], tags=["inventory"])
