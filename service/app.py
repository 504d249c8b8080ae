"""The application: wires settings, inventory, cache and routes together."""

import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Final

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers.base import BaseRouteHandler
from litestar.types import ASGIApp

from service.admission.gate import Gate
from service.admission.guard import require_scope
from service.admission.keyring import Keyring
from service.admission.rate import RateCounter
from service.api import (
    ask,
    chart,
    compare,
    fit,
    formats,
    gpus,
    health,
    imports,
    limits,
    memory,
    models,
    offers,
    page,
    plan,
    root,
)
from service.api.admission import document_admission
from service.api.inventory import changes as inventory_changes
from service.api.inventory import free, nodes, reservations
from service.api.inventory import gpus as inventory_gpus
from service.api.inventory import offers as inventory_offers
from service.api.inventory import providers as inventory_providers
from service.api.methods import name_all_methods
from service.api.pair_schema import PairSchema
from service.api.query import read_query
from service.api.recall import RecalledAnswers
from service.api.switch_schema import SwitchSchema
from service.asking import Asking
from service.cache import AnswerCache
from service.charting import Charting
from service.freshness import make_revision_reader
from service.importing.uploads import Uploads
from service.inventory.database import Database
from service.inventory.errors import InventoryUnavailable
from service.inventory.snapshot import SnapshotStore
from service.inventory.utc import now
from service.metrics import Metrics
from service.observation import Observed
from service.pictures import Pictures
from service.planning import Planning
from service.problems import MAX_BODY_BYTES, answer_problem
from service.redis_answers import RedisAnswers
from service.redis_connection import RedisConnection
from service.refreshing.queue import GRACE, RefreshQueue
from service.refreshing.refreshing import Refreshing
from service.repeating import Repeating
from service.settings import Settings
from service.tasks import PLAN

INVENTORY_LOOK_SECONDS: Final = 0.25
REFRESH_LOOK_SECONDS: Final = 15.0


def create_app(settings: Settings) -> ASGIApp:
    """Return the API as an ASGI application; its database must be prepared, and is opened at the first use."""
    metrics = Metrics()
    database = Database(settings)
    revisions = make_revision_reader(database)
    snapshots = SnapshotStore(database, read_newest=revisions.read)
    uploads = Uploads(database, settings=settings)
    refreshing = Refreshing(database, settings=settings)
    redis = queue = None
    if settings.redis_url is not None:
        redis = RedisConnection(settings.redis_url.reveal(), on_error=metrics.count_redis_error)
        queue = RefreshQueue(settings.redis_url.reveal(), refreshing.refresh_due)
    # What a queue is there to read is left to it for a while.
    refresh = partial(refreshing.refresh_due, overdue=dt.timedelta() if queue is None else GRACE)
    schedule = Repeating(refresh, every_seconds=REFRESH_LOOK_SECONDS, name="refresh of sources")
    answers = AnswerCache(shared=None if redis is None else RedisAnswers(redis))
    keyring = Keyring(database)
    counter = RateCounter(redis=redis)
    planning = Planning(
        snapshots=snapshots,
        revisions=revisions,
        answers=answers,
        metrics=metrics,
        now=now,
    )
    watch = Repeating(planning.follow_inventory, every_seconds=INVENTORY_LOOK_SECONDS, name="look at the inventory")
    asking = Asking(snapshots=snapshots, planning=planning)
    charting = Charting(planning=planning, answers=answers, pictures=Pictures())

    @asynccontextmanager
    async def run(_: Litestar) -> AsyncGenerator[None]:
        if redis is not None:
            await redis.open()
        # The first to ask shall not wait for facts and inventory to be read.
        with suppress(InventoryUnavailable):
            await planning.answer(PLAN, {})
            await planning.follow_inventory()
        watch.start()
        schedule.start()
        if queue is not None:
            queue.start()
        try:
            yield
        finally:
            await watch.close()
            await schedule.close()
            await uploads.close()
            if queue is not None:
                await queue.close()
            await planning.close()
            await charting.close()
            await keyring.close()
            await counter.close()
            if redis is not None:
                await redis.close()
            await database.close()

    litestar = Litestar(
        route_handlers=[
            root.ROUTER,
            plan.ROUTER,
            chart.ROUTER,
            fit.ROUTER,
            memory.ROUTER,
            compare.ROUTER,
            limits.ROUTER,
            ask.ROUTER,
            models.ROUTER,
            formats.ROUTER,
            gpus.ROUTER,
            offers.ROUTER,
            imports.ROUTER,
            inventory_gpus.ROUTER,
            inventory_providers.ROUTER,
            inventory_offers.ROUTER,
            inventory_changes.ROUTER,
            nodes.ROUTER,
            reservations.ROUTER,
            reservations.SHORT_ROUTER,
            free.ROUTER,
            health.ROUTER,
            page.ASSETS_ROUTER,
        ],
        dependencies={
            "asking": Provide(lambda: asking, sync_to_thread=False),
            "charting": Provide(lambda: charting, sync_to_thread=False),
            "planning": Provide(lambda: planning, sync_to_thread=False),
            "database": Provide(lambda: database, sync_to_thread=False),
            "uploads": Provide(lambda: uploads, sync_to_thread=False),
            "snapshots": Provide(lambda: snapshots, sync_to_thread=False),
            "metrics": Provide(lambda: metrics, sync_to_thread=False),
        },
        guards=[require_scope, _refuse_unknown_parameters],
        exception_handlers={Exception: answer_problem},
        lifespan=[run],
        logging_config=None,
        openapi_config=page.make_openapi_config(),
        plugins=[PairSchema(), SwitchSchema()],
        request_max_body_size=MAX_BODY_BYTES,
    )
    name_all_methods(litestar)
    document_admission(litestar, requires_key_to_read=settings.requires_key_to_read)
    gate = Gate(RecalledAnswers(litestar, planning=planning), settings=settings, keyring=keyring, counter=counter)
    return Observed(gate, metrics=metrics)


def _refuse_unknown_parameters(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    query: bytes = connection.scope["query_string"]
    if query and not handler.opt.get("names_all_faults"):
        read_query(query, known=handler.opt.get("query", ()))
