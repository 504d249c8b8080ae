"""`/health/live`, `/health/ready` and `/metrics`: for who runs the service."""

import datetime as dt
from contextlib import suppress
from http import HTTPStatus
from typing import Literal

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.response.base import ASGIResponse
from msgspec import Struct

from service.admission.guard import OPEN
from service.api.answering import answer_fresh
from service.api.documentation import problems, takes
from service.cache import CacheState
from service.inventory.database import Database
from service.inventory.errors import InventoryUnavailable
from service.inventory.snapshot import SnapshotStore
from service.metrics import CONTENT_TYPE, Metrics
from service.planning import Planning


class Liveness(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["live"] = "live"


class Readiness(Struct, frozen=True, kw_only=True):
    """The service can answer: its database is reachable.

    `cache` says where answers are kept; without its Redis the service goes on. `newest_price` is the date of the newest
    price, null in an empty inventory.
    """

    status: Literal["ready"] = "ready"
    database: Literal["sqlite", "postgresql"]
    cache: CacheState
    inventory_revision: int
    offers: int
    newest_price: dt.date | None


@get(
    "/health/live",
    summary="Is the process alive?",
    responses={
        200: ResponseSpec(data_container=Liveness, description="It is.", generate_examples=False),
        **problems(HTTPStatus.BAD_REQUEST),
    },
    **takes({}, opt=OPEN),
)
async def get_liveness() -> ASGIResponse:
    """Answer that the process answers."""
    return answer_fresh(Liveness())


@get(
    "/health/ready",
    summary="Can it answer?",
    responses={
        200: ResponseSpec(data_container=Readiness, description="It can.", generate_examples=False),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes({}, opt=OPEN),
)
async def get_readiness(
    snapshots: NamedDependency[SnapshotStore],
    database: NamedDependency[Database],
    planning: NamedDependency[Planning],
) -> ASGIResponse:
    """Answer what the service stands on, or 503 without its database."""
    summary = (await snapshots.current()).inventory.summary
    return answer_fresh(
        Readiness(
            database="sqlite" if database.is_sqlite else "postgresql",
            cache=planning.cache_state,
            inventory_revision=summary.revision,
            offers=summary.offers,
            newest_price=summary.newest_price,
        )
    )


@get(
    "/metrics",
    summary="Metrics for Prometheus",
    media_type=CONTENT_TYPE,
    responses={
        200: ResponseSpec(
            data_container=str,
            description="Prometheus' text format.",
            media_type=CONTENT_TYPE,  # pyright: ignore[reportArgumentType]  (Litestar takes any text, its annotation none)
            generate_examples=False,
        ),
        **problems(HTTPStatus.BAD_REQUEST),
    },
    **takes({}),
)
async def get_metrics(
    metrics: NamedDependency[Metrics],
    snapshots: NamedDependency[SnapshotStore],
    planning: NamedDependency[Planning],
) -> ASGIResponse:
    """Answer with all metrics; without its database the inventory's are those last known."""
    with suppress(InventoryUnavailable):
        summary = (await snapshots.current()).inventory.summary
        metrics.set_inventory(revision=summary.revision, offers=summary.offers)
    metrics.set_redis_up(is_up=planning.cache_state == "redis")
    return ASGIResponse(body=metrics.render(), media_type=CONTENT_TYPE, headers={"cache-control": "no-store"})


ROUTER = Router("/", route_handlers=[get_liveness, get_readiness, get_metrics], tags=["operation"])
