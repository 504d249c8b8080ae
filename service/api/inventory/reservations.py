"""`/v1/reservations` and `/v1/inventory/reservations`: GPUs of one's own promised to somebody."""

import datetime as dt
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter
from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Field
from service.api.body import read_json_object
from service.api.inventory.resource import (
    BODY,
    WRITE,
    Resource,
    actor_of,
    answer_written,
    make_router,
    refuse_faults,
    responds_to_write,
)
from service.api.inventory.words import NodeName, Owner, Purpose
from service.api.struct_body import read_whole, takes_struct
from service.inventory.database import Database
from service.inventory.errors import InvalidEntry
from service.inventory.fleet.idempotency import reserve_once
from service.inventory.fleet.node_faults import MAX_GPUS
from service.inventory.fleet.order_faults import MAX_NODES, find_order_faults
from service.inventory.fleet.reservation import Reservation, load_reservation, load_reservation_page
from service.inventory.fleet.reservations import (
    ReservationOrder,
    cancel_reservation,
    change_reservation,
    reserve,
)
from service.inventory.utc import now

# Days that are long to come, so that the examples can be tried as they are.
Start = Annotated[dt.datetime, Meta(tz=True, examples=["2031-12-01T09:00:00Z"])]
End = Annotated[dt.datetime, Meta(tz=True, examples=["2031-12-05T18:00:00Z"])]
Allocations = Annotated[
    dict[NodeName, Annotated[int, Meta(ge=1, le=MAX_GPUS)]],
    Meta(min_length=1, max_length=MAX_NODES, examples=[{"gpu-01": 2}]),
]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="A key of your own for this request: sent again within seven days, it is answered again and nothing"
        " is reserved twice. A refusal is not kept.",
    ),
]
_ROUTE: Final = "/v1/inventory/reservations"


class ReservationList(Struct, frozen=True, kw_only=True):
    """Reservations as they were made; `next_cursor` leads to the page after this one, null to none."""

    items: tuple[Reservation, ...]
    next_cursor: str | None


class NewReservation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be reserved: GPUs by node, from `start` (null, or a moment that has passed: now) up to `end`."""

    owner: Owner
    end: End
    allocations: Allocations
    start: Start | None = None
    purpose: Purpose = ""


class Reservations(Resource[Reservation]):
    """The reservations that were not cancelled."""

    path = "reservations"
    noun = "reservation"
    id_name = "reservation_id"
    thing = Reservation
    page = ReservationList
    creation = NewReservation
    change = NewReservation
    filters: Mapping[str, Field] = {  # pyright: ignore[reportIncompatibleVariableOverride]  (a class constant)
        "node": Field(kind="text", example="gpu-01", description="Those on this node only."),
        "owner": Field(kind="text", example="anna", description="Those of this owner only."),
        "start": Field(
            kind="moment", example="2031-12-01T09:00Z", description="Those only that hold something after this."
        ),
        "end": Field(
            kind="moment", example="2031-12-05T18:00Z", description="Those only that hold something before this."
        ),
    }

    async def load(self, session: AsyncSession, thing_id: str) -> Reservation:
        """Return the reservation of that identifier."""
        return await load_reservation(session, thing_id)

    async def load_page(
        self,
        session: AsyncSession,
        *,
        after: str,
        limit: int,
        **filters: Any,  # noqa: ANN401 - by `filters`
    ) -> Sequence[Reservation]:
        """Return the first `limit` reservations after that identifier."""
        return await load_reservation_page(session, after=after, limit=limit, **filters)

    async def find_faults(self, session: AsyncSession, values: Mapping[str, Any]) -> Sequence[InvalidEntry]:
        """Return what cannot be of a reservation."""
        return await find_order_faults(session, values, moment=now())

    async def update(self, session: AsyncSession, thing: Reservation, changes: dict[str, Any]) -> None:
        """Change the reservation's fields given, where GPUs and time are free."""
        fields = {name: getattr(thing, name) for name in ReservationOrder.__struct_fields__}
        await change_reservation(session, thing.reservation_id, ReservationOrder(**{**fields, **changes}))

    async def remove(self, session: AsyncSession, thing_id: str) -> None:
        """Cancel the reservation: what it holds is free at once."""
        await cancel_reservation(session, thing_id)


@post(
    "/",
    summary="Reserve GPUs",
    description="All of them, all the time asked, or 409: nobody else is promised what this holds. With an"
    " `Idempotency-Key` the same request may be sent again.",
    status_code=HTTPStatus.CREATED,
    responses=responds_to_write(
        Reservations(), HTTPStatus.CREATED, *BODY, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
    ),
    **takes_struct(NewReservation, opt=WRITE),
)
async def create_reservation(
    request: Request[Any, Any, Any], database: NamedDependency[Database], idempotency_key: IdempotencyKey = None
) -> ASGIResponse:
    """Reserve what the body says."""
    given = read_whole(await read_json_object(request), NewReservation)
    await refuse_faults(Reservations(), database, given)
    order = ReservationOrder(**given.values)
    async with database.change(actor=actor_of(request)) as session:
        if idempotency_key is None:
            made = await reserve(session, order)
        else:
            made = await reserve_once(session, order, key=idempotency_key.removeprefix('"').removesuffix('"'))
    headers = {"location": f"{_ROUTE}/{made.reservation_id}"}
    return answer_written(made, status=HTTPStatus.CREATED, headers=headers)


ROUTER: Final = make_router(Reservations(), create=create_reservation)
SHORT_ROUTER: Final = Router("/v1/reservations", route_handlers=[create_reservation], tags=["inventory"])
