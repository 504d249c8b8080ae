"""Health and metrics: what the service says of itself, with its database and without."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from litestar.testing import AsyncTestClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from service.app import create_app
from service.inventory.offer_changes import remove_offer
from service.inventory.refresh_sources import NewSource, add_source
from service.inventory.refresh_tables import RefreshSourceRow
from service.inventory.utc import now
from tests.service.api.conftest import Change, settings_for
from tests.service.api.test_bad_input import assert_problem

NEED_THE_DATABASE = ["/v1/plan", "/v1/gpus", "/v1/gpus/l4", "/v1/offers", "/v1/offers/any", "/health/ready"]


@pytest.fixture(params=["sqlite", "postgresql", "no tables"])
def unusable_url(request: pytest.FixtureRequest, tmp_path: Path, free_port: int) -> str:
    """Return the URL of a database that cannot be used."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite3'}"
    if request.param == "postgresql":
        return f"postgresql+asyncpg://nobody:sesame@127.0.0.1:{free_port}/none"
    return f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}"


async def test_a_service_with_its_database_is_ready_and_says_what_it_stands_on(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert answer.json()["database"] == "sqlite"
    assert answer.json()["cache"] == "in-process"
    assert answer.json()["inventory_revision"] >= 1
    assert answer.json()["newest_price"].startswith("2026-")


async def test_without_its_database_the_service_is_alive_and_not_ready(unusable_url: str) -> None:
    async with AsyncTestClient(create_app(settings_for(unusable_url))) as api:
        assert (await api.get("/health/live")).status_code == 200
        for path in NEED_THE_DATABASE:
            answer = await api.get(path)
            problem = assert_problem(answer, status=503, code="inventory_unavailable")
            assert int(answer.headers["retry-after"]) > 0
            assert "sesame" not in answer.text
            assert str(problem["detail"]).count("/") == 0


async def test_what_needs_no_database_is_answered_without_it(unusable_url: str) -> None:
    async with AsyncTestClient(create_app(settings_for(unusable_url))) as api:
        for path in ("/v1/weight-formats", "/v1/engines", "/metrics", "/schema/openapi.json"):
            assert (await api.get(path)).status_code == 200


async def test_a_service_without_its_redis_is_ready_and_says_so(seeded_url: str, free_port: int) -> None:
    settings = settings_for(seeded_url, R1PLAN_REDIS_URL=f"redis://:sesame@127.0.0.1:{free_port}/0")
    async with AsyncTestClient(create_app(settings)) as api:
        ready = await api.get("/health/ready")
        metrics = (await api.get("/metrics")).text

    assert ready.status_code == 200
    assert ready.json()["cache"] == "redis unreachable, using in-process"
    assert "r1plan_redis_up 0.0" in metrics
    assert "r1plan_redis_errors_total 1.0" in metrics
    assert "sesame" not in ready.text + metrics


async def test_a_source_that_grows_old_degrades_the_service_and_does_not_stop_it(
    api: httpx.AsyncClient, change: Change, tmp_path: Path
) -> None:
    async def add(session: AsyncSession) -> None:
        for name in ("fresh", "old"):
            source = NewSource(name=name, format="csv", location=str(tmp_path), schedule="every 6h")
            await add_source(session, source)
        long_ago = now() - dt.timedelta(hours=13)
        old = update(RefreshSourceRow).where(RefreshSourceRow.name == "old")
        await session.execute(old.values(last_success_at=long_ago, last_error="the server is gone"))

    await change(add)
    ready = await api.get("/health/ready")
    metrics = (await api.get("/metrics")).text

    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    (stale,) = ready.json()["stale_sources"]
    assert (stale["name"], stale["last_error"]) == ("old", "the server is gone")
    assert 'r1plan_source_stale{source="old"} 1.0' in metrics
    assert 'r1plan_source_stale{source="fresh"} 0.0' in metrics
    assert 'r1plan_source_last_success_timestamp_seconds{source="fresh"} 0.0' in metrics


async def test_metrics_count_requests_by_route_and_status_and_answers_by_where_they_came_from(
    api: httpx.AsyncClient,
) -> None:
    for path in ("/v1/plan?context=2k", "/v1/plan?context=2k", "/v1/plan?context=0", "/v1/gpus/none", "/made/up"):
        await api.get(path)
    await api.request("BREW", "/v1/plan")
    answer = await api.get("/metrics")
    lines = answer.text.splitlines()

    assert answer.headers["content-type"].startswith("text/plain")
    assert 'r1plan_http_requests_total{method="GET",route="/v1/plan",status="200"} 2.0' in lines
    assert 'r1plan_http_requests_total{method="GET",route="/v1/plan",status="400"} 1.0' in lines
    assert 'r1plan_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in lines
    assert 'r1plan_http_requests_total{method="other",route="unmatched",status="405"} 1.0' in lines
    assert 'r1plan_answers_total{outcome="memory"} 1.0' in lines
    assert not any("made" in line or "none" in line for line in lines)
    for name in ("r1plan_http_request_seconds_count", "r1plan_planner_seconds_count"):
        assert any(line.startswith(name) for line in lines)


async def repeatedly(ask: Callable[[], Awaitable[str]]) -> AsyncGenerator[str, None]:
    while True:
        yield await ask()
        await asyncio.sleep(0.05)


async def test_a_changed_inventory_is_in_memory_before_anybody_asks_for_a_plan(
    api: httpx.AsyncClient, change: Change
) -> None:
    async def planned_on() -> str:
        lines = (await api.get("/metrics")).text.splitlines()
        return next(line for line in lines if line.startswith("r1plan_inventory_revision "))

    async def delete_the_first_offer(session: AsyncSession) -> None:
        await remove_offer(session, (await api.get("/v1/offers?limit=1")).json()["items"][0]["offer_id"])

    before = await planned_on()
    await change(delete_the_first_offer)
    async with asyncio.timeout(60):
        await anext(line async for line in repeatedly(planned_on) if line != before)
