"""One kind of thing under `/v1/inventory`: listed, created, read, updated and deleted, the same for all kinds.

A write needs the scope `write`. An update or a deletion needs an If-Match, so that of two who have read the same state
one wins and the other is told. Each write is one transaction, which raises the revision and stands in the audit trail.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Final, Generic, TypeVar
from urllib.parse import quote

import msgspec
from litestar import Request, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Schema
from litestar.response.base import ASGIResponse
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Field
from service.admission.caller import Caller
from service.api.answering import CACHE_CONTROL, answer_value
from service.api.body import read_json_object
from service.api.documentation import answers, problems, takes
from service.api.paging import PAGING
from service.api.preconditions import IfMatch, check_if_match, etag_of
from service.api.query import read_fields
from service.api.struct_body import Given, read_some, read_whole, takes_struct
from service.inventory.changes import hold_revision
from service.inventory.database import Database
from service.inventory.errors import InvalidEntry, InventoryRefusal
from service.inventory.listing import DEFAULT_LIMIT, decode_cursor, encode_cursor
from service.refusing import conflict, refuse_fields, to_field_errors

WRITE: Final = {"scope": "write"}
_Thing = TypeVar("_Thing", bound=Struct)
BODY: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
_MATCH: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED)


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a page begins: after the thing of this identifier."""

    after: str


class Resource(Generic[_Thing]):
    """What one kind of thing needs to say of itself; every method runs in the caller's transaction.

    `page` is the Struct of a page: `items` and `next_cursor`. `creation` has the fields of a body that creates,
    `change` those that may be updated. `one_of` are schemas of which a `creation` meets exactly one. `filters` are the
    list's own query parameters.
    """

    path: ClassVar[str]
    noun: ClassVar[str]
    id_name: ClassVar[str]
    thing: ClassVar[type[Struct]]
    page: ClassVar[type[Struct]]
    creation: ClassVar[type[Struct]]
    change: ClassVar[type[Struct]]
    one_of: ClassVar[Sequence[Schema]] = ()
    filters: ClassVar[Mapping[str, Field]] = {}

    @abstractmethod
    async def load(self, session: AsyncSession, thing_id: str) -> _Thing:
        """Return the thing of that identifier; raises the kind's own NotFound."""

    @abstractmethod
    async def load_page(self, session: AsyncSession, *, after: str, limit: int, **filters: Any) -> Sequence[_Thing]:  # noqa: ANN401 - by `filters`
        """Return the first `limit` things after that identifier, by identifier."""

    async def find_faults(self, session: AsyncSession, values: Mapping[str, Any]) -> Sequence[InvalidEntry]:
        """Return what cannot be of a thing with these fields, some of which may be missing; none where all may be."""
        del session, values
        return ()

    @abstractmethod
    async def create(self, session: AsyncSession, values: Any) -> None:  # noqa: ANN401 - a `creation`
        """Make what a `creation` says; raises InvalidEntry for fields that cannot be."""

    @abstractmethod
    def identify(self, values: Any) -> str:  # noqa: ANN401 - a `creation`
        """Return the identifier that a thing of these values has."""

    @abstractmethod
    async def update(self, session: AsyncSession, thing: _Thing, changes: dict[str, Any]) -> None:
        """Change the fields given of a `change`; raises InvalidEntry for fields that cannot be."""

    @abstractmethod
    async def remove(self, session: AsyncSession, thing_id: str) -> None:
        """Delete the thing; raises StillInUse where others stand on it."""


def make_router(resource: Resource[Any], *, create: HTTPRouteHandler | None = None) -> Router:
    """Return the five routes of a resource; `create` is its own way to create, where it has one."""
    noun, id_name = resource.noun, resource.id_name
    article = "an" if noun[0] in "aeiou" else "a"
    base = f"/v1/inventory/{resource.path}"
    one = f"/{{{id_name}:str}}"
    fields = {**resource.filters, **PAGING}

    @get(
        "/",
        summary=f"{noun[0].upper()}{noun[1:]}s as they are kept",
        responses=_responds(resource.page, f"A page, by {id_name}."),
        **takes(fields),
    )
    async def list_things(request: Request[Any, Any, Any], database: NamedDependency[Database]) -> ASGIResponse:
        given = read_fields(request.scope["query_string"], fields=fields)
        limit, cursor = given.pop("limit", DEFAULT_LIMIT), given.pop("cursor", None)
        after = "" if cursor is None else decode_cursor(cursor, type_=Place).after
        async with database.read() as session:
            things = await resource.load_page(session, after=after, limit=limit + 1, **given)
        shown = things[:limit]
        more = encode_cursor(Place(after=getattr(shown[-1], id_name))) if len(things) > limit else None
        return answer_value(
            resource.page(items=tuple(shown), next_cursor=more), if_none_match=request.headers.get("if-none-match")
        )

    @get(
        one,
        summary=f"One {noun} as it is kept",
        description="Its ETag is what a write to it names in If-Match.",
        responses=_responds(resource.thing, f"The {noun}.", HTTPStatus.NOT_FOUND),
        **takes({}),
    )
    async def get_thing(request: Request[Any, Any, Any], database: NamedDependency[Database]) -> ASGIResponse:
        async with database.read() as session:
            thing = await _load(resource, session, request)
        return answer_value(thing, if_none_match=request.headers.get("if-none-match"))

    @post(
        "/",
        summary=f"Create {article} {noun}",
        description="One that was deleted can be created again, and keeps its history.",
        status_code=HTTPStatus.CREATED,
        responses=responds_to_write(resource, HTTPStatus.CREATED, *BODY, HTTPStatus.CONFLICT),
        **takes_struct(resource.creation, opt=WRITE, one_of=resource.one_of),
    )
    async def create_thing(request: Request[Any, Any, Any], database: NamedDependency[Database]) -> ASGIResponse:
        given = read_whole(await read_json_object(request), resource.creation)
        await refuse_faults(resource, database, given)
        values = resource.creation(**given.values)
        async with database.change(actor=actor_of(request)) as session:
            await hold_revision(session)
            thing_id = resource.identify(values)
            await _refuse_what_is_there(resource, session, thing_id)
            await resource.create(session, values)
            thing = await resource.load(session, thing_id)
        location = f"{base}/{quote(thing_id, safe=':~')}"
        return answer_written(thing, status=HTTPStatus.CREATED, headers={"location": location})

    @patch(
        one,
        summary=f"Change {article} {noun}",
        description="Fields that are not given stay as they are; null empties one that may be empty.",
        responses=responds_to_write(resource, HTTPStatus.OK, *BODY, *_MATCH, HTTPStatus.CONFLICT),
        **takes_struct(resource.change, opt=WRITE, is_partial=True),
    )
    async def update_thing(
        request: Request[Any, Any, Any], database: NamedDependency[Database], if_match: IfMatch = None
    ) -> ASGIResponse:
        given = read_some(await read_json_object(request), resource.change)
        await refuse_faults(resource, database, given, request=request)
        async with database.change(actor=actor_of(request)) as session:
            await hold_revision(session)
            thing = await _load(resource, session, request)
            check_if_match(if_match, thing)
            await resource.update(session, thing, given.values)
            thing = await _load(resource, session, request)
        return answer_written(thing, status=HTTPStatus.OK)

    @delete(
        one,
        summary=f"Delete {article} {noun}",
        description="Its history is kept.",
        status_code=HTTPStatus.NO_CONTENT,
        responses={
            204: ResponseSpec(data_container=None, description="It is deleted."),
            **problems(HTTPStatus.BAD_REQUEST, *_MATCH, HTTPStatus.CONFLICT),
        },
        **takes({}, opt=WRITE),
    )
    async def delete_thing(
        request: Request[Any, Any, Any], database: NamedDependency[Database], if_match: IfMatch = None
    ) -> None:
        async with database.change(actor=actor_of(request)) as session:
            await hold_revision(session)
            thing = await _load(resource, session, request)
            check_if_match(if_match, thing)
            await resource.remove(session, getattr(thing, id_name))

    handlers = [list_things, get_thing, create or create_thing, update_thing, delete_thing]
    return Router(base, route_handlers=handlers, tags=["inventory"])


async def refuse_faults(
    resource: Resource[Any], database: Database, given: Given, *, request: Request[Any, Any, Any] | None = None
) -> None:
    """Let a body pass that can be read; what the inventory does not take of it is said by the write itself.

    `request` is that of a change, whose thing has the fields that the body leaves out.

    Raises:
        Refusal: 400 with all that cannot be read, and with what else cannot be of the fields that can.
    """
    if not given.errors:
        return
    async with database.read() as session:
        values = given.values if request is None else given.over(await _load(resource, session, request))
        faults = await resource.find_faults(session, values)
    raise refuse_fields([*given.errors, *to_field_errors(*faults)])


async def _load(resource: Resource[_Thing], session: AsyncSession, request: Request[Any, Any, Any]) -> _Thing:
    thing_id: str = request.path_params[resource.id_name]
    # Databases take neither NUL nor what is no UTF-8; nothing bears such a name.
    can_be_kept = "\0" not in thing_id and thing_id == thing_id.encode(errors="replace").decode()
    return await resource.load(session, thing_id if can_be_kept else "")


async def _refuse_what_is_there(resource: Resource[Any], session: AsyncSession, thing_id: str) -> None:
    try:
        there = await resource.load(session, thing_id)
    except InventoryRefusal:
        return
    raise conflict(f"The {resource.noun} {thing_id!r} is there already.", code="already_there", there=there)


def actor_of(request: Request[Any, Any, Any]) -> str:
    """Return who the audit trail says sent `request`."""
    caller: Caller = request.auth
    return caller.actor


def answer_written(thing: Struct, *, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> ASGIResponse:
    """Return the answer to a write that made or changed `thing`."""
    return ASGIResponse(
        body=msgspec.json.encode(thing),
        status_code=status,
        media_type="application/json",
        headers={"etag": etag_of(thing), "cache-control": CACHE_CONTROL, **(headers or {})},
    )


def _responds(kind: type[Struct], description: str, *statuses: HTTPStatus) -> dict[int, ResponseSpec]:
    refusals = problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE, *statuses)
    return {**answers(kind, description), **refusals}


def responds_to_write(resource: Resource[Any], status: HTTPStatus, *refusals: HTTPStatus) -> dict[int, ResponseSpec]:
    """Return the documentation of what a write that leaves a thing answers."""
    done = ResponseSpec(
        data_container=resource.thing, description=f"The {resource.noun} as it is now.", generate_examples=False
    )
    return {int(status): done, **problems(*refusals)}
