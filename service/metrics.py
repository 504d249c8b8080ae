"""What the service counts and times, for Prometheus."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from service.cache import Source
from service.inventory.refresh_sources import RefreshSource

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")  # which every text answer carries
UNMATCHED: Final = "unmatched"
"""The route of requests whose path is none, so that made-up paths make no new series."""

REFUSED: Final = "refused"
"""The route of requests that the gate refused, before anybody looked where they would have gone."""

_LATENCY_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The service's metrics, in a registry of their own."""

    def __init__(self) -> None:
        """Register every metric at zero."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "r1plan_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "r1plan_http_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ("route",),
            buckets=_LATENCY_BUCKETS,
            registry=self.registry,
        )
        self._answers = Counter(
            "r1plan_answers",
            "Plans answered from the memory of this process, the shared cache, a computation under way, or computed.",
            ("outcome",),
            registry=self.registry,
        )
        self._planner_seconds = Histogram(
            "r1plan_planner_seconds",
            "Seconds that the planner took for one plan, waiting apart.",
            buckets=_LATENCY_BUCKETS,
            registry=self.registry,
        )
        self._redis_errors = Counter("r1plan_redis_errors", "Redis operations that failed.", registry=self.registry)
        self._redis_up = Gauge("r1plan_redis_up", "1 while Redis is in use, 0 without it.", registry=self.registry)
        self._revision = Gauge("r1plan_inventory_revision", "Revision of the inventory.", registry=self.registry)
        self._offers = Gauge("r1plan_inventory_offers", "Offers in the inventory.", registry=self.registry)
        self._source_success = Gauge(
            "r1plan_source_last_success_timestamp_seconds",
            "When a source was last read (Unix time), 0 where it never was.",
            ("source",),
            registry=self.registry,
        )
        self._source_stale = Gauge(
            "r1plan_source_stale",
            "1 where a source has missed a whole turn of its schedule.",
            ("source",),
            registry=self.registry,
        )
        outcomes: tuple[Source, ...] = ("memory", "shared", "coalesced", "miss")
        # Looking a child up by its labels costs more than counting it, and the paths are few.
        self._answer_children = {outcome: self._answers.labels(outcome) for outcome in outcomes}
        self._request_children: dict[tuple[str, str, int], Counter] = {}
        self._seconds_children: dict[str, Histogram] = {}

    def count_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the path's template, never the path itself."""
        key = (method, route, status)
        requests = self._request_children.get(key)
        if requests is None:
            requests = self._request_children[key] = self._requests.labels(method, route, str(status))
        requests.inc()
        latency = self._seconds_children.get(route)
        if latency is None:
            latency = self._seconds_children[route] = self._seconds.labels(route)
        latency.observe(seconds)

    def count_answer(self, outcome: Source) -> None:
        """Count one plan by where it came from."""
        self._answer_children[outcome].inc()

    def time_planner(self, seconds: float) -> None:
        """Record how long the planner took for one plan."""
        self._planner_seconds.observe(seconds)

    def count_redis_error(self) -> None:
        """Count one Redis operation that failed."""
        self._redis_errors.inc()

    def set_redis_up(self, *, is_up: bool) -> None:
        """Record whether Redis is in use."""
        self._redis_up.set(int(is_up))

    def set_inventory(self, *, revision: int, offers: int) -> None:
        """Record which inventory is planned from."""
        self._revision.set(revision)
        self._offers.set(offers)

    def set_sources(self, sources: Iterable[RefreshSource]) -> None:
        """Record how the sources that are read by a schedule stand; those that were removed are forgotten."""
        self._source_success.clear()
        self._source_stale.clear()
        for source in sources:
            success = source.last_success_at
            self._source_success.labels(source.name).set(0 if success is None else success.timestamp())
            self._source_stale.labels(source.name).set(int(source.is_stale))

    def render(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
