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
from service.inventory.refresh_sources import RefreshSource, load_sources
from service.inventory.snapshot import SnapshotStore
from service.metrics import CONTENT_TYPE, Metrics
from service.planning import Planning


class Liveness(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["live"] = "live"


class StaleSource(Struct, frozen=True, kw_only=True):
    """A source whose facts grow old: a whole turn of its schedule has passed without success.

    `last_success_at` is the moment that its facts are of, null where it never was read (UTC).
    """

    name: str
    last_success_at: dt.datetime | None
    last_error: str | None


class Readiness(Struct, frozen=True, kw_only=True):
    """The service can answer: its database is reachable. It is `degraded` where a source's facts grow old.

    `cache` says where answers are kept; without its Redis the service goes on. `newest_price` is the date of the newest
    price, null in an empty inventory.
    """

    status: Literal["ready", "degraded"]
    database: Literal["sqlite", "postgresql"]
    cache: CacheState
    inventory_revision: int
    offers: int
    newest_price: dt.date | None
    stale_sources: tuple[StaleSource, ...]


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
    stale = tuple(
        StaleSource(name=source.name, last_success_at=source.last_success_at, last_error=source.last_error)
        for source in await _load_sources(database)
        if source.is_stale
    )
    return answer_fresh(
        Readiness(
            status="degraded" if stale else "ready",
            database="sqlite" if database.is_sqlite else "postgresql",
            cache=planning.cache_state,
            inventory_revision=summary.revision,
            offers=summary.offers,
            newest_price=summary.newest_price,
            stale_sources=stale,
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
    database: NamedDependency[Database],
    snapshots: NamedDependency[SnapshotStore],
    planning: NamedDependency[Planning],
) -> ASGIResponse:
    """Answer with all metrics; without its database the inventory's are those last known."""
    with suppress(InventoryUnavailable):
        summary = (await snapshots.current()).inventory.summary
        metrics.set_inventory(revision=summary.revision, offers=summary.offers)
        metrics.set_sources(await _load_sources(database))
    metrics.set_redis_up(is_up=planning.cache_state == "redis")
    return ASGIResponse(body=metrics.render(), media_type=CONTENT_TYPE, headers={"cache-control": "no-store"})


async def _load_sources(database: Database) -> list[RefreshSource]:
    async with database.read() as session:
        return await load_sources(session)


ROUTER = Router("/", route_handlers=[get_liveness, get_readiness, get_metrics], tags=["operation"])
