"""The service as its own processes: two that share a database and a Redis, and one that loses them."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.offer_changes import set_price
from tests.redis_process import RedisProcess
from tests.relay import Relay
from tests.service.api.conftest import change_inventory
from tests.service_process import ServiceProcess

PLAN = "/v1/plan?context=24k&batch=3"


def another_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient, None]:
    async with httpx.AsyncClient(timeout=20) as client:
        yield client


async def test_one_process_answers_from_what_another_has_computed(
    postgresql_url: str, redis_url: str, client: httpx.AsyncClient
) -> None:
    environment = {"R1PLAN_DATABASE_URL": postgresql_url, "R1PLAN_REDIS_URL": redis_url}
    with (
        ServiceProcess(port=another_port(), environment=environment) as one,
        ServiceProcess(port=another_port(), environment=environment) as other,
    ):
        first = await client.get(one.url + PLAN)
        second = await client.get(other.url + PLAN)
        third = await client.get(other.url + PLAN)

        assert first.headers["cache-status"] == "r1plan; fwd=uri-miss; stored"
        assert second.headers["cache-status"] == "r1plan; hit; detail=shared"
        assert third.headers["cache-status"] == "r1plan; hit"
        assert first.content == second.content == third.content
        assert first.headers["etag"] == second.headers["etag"] == third.headers["etag"]
        for service in (one, other):
            assert (await client.get(service.url + "/health/ready")).json()["cache"] == "redis"


async def test_a_changed_price_is_in_the_next_answer_of_both_processes(
    database_url: str, redis_url: str, client: httpx.AsyncClient
) -> None:
    environment = {"R1PLAN_DATABASE_URL": database_url, "R1PLAN_REDIS_URL": redis_url}
    with (
        ServiceProcess(port=another_port(), environment=environment) as one,
        ServiceProcess(port=another_port(), environment=environment) as other,
    ):
        option = (await client.get(one.url + PLAN)).json()["options"][0]
        offer_id = option["offer"]["offer_id"]
        await client.get(other.url + PLAN)

        for round_ in range(1, 11):
            price = round(option["usd_per_hour"] - 0.001 * round_, 6)

            async def lower_price(session: AsyncSession, price: float = price) -> None:
                await set_price(session, offer_id, usd_per_hour=price)

            await change_inventory(database_url, lower_price)
            for service in (one, other):
                answer = (await client.get(service.url + PLAN)).json()
                assert answer["options"][0]["offer"]["offer_id"] == offer_id
                assert answer["options"][0]["usd_per_hour"] == price


async def test_no_request_fails_while_redis_goes_and_comes_back(
    seeded_url: str, tmp_path: Path, client: httpx.AsyncClient
) -> None:
    with RedisProcess(port=another_port(), folder=tmp_path) as redis:
        environment = {"R1PLAN_DATABASE_URL": seeded_url, "R1PLAN_REDIS_URL": redis.url}
        with ServiceProcess(port=another_port(), environment=environment) as service:
            ready = service.url + "/health/ready"
            states: list[str] = []
            answers: list[httpx.Response] = []
            for number in range(1_000):
                if number == 300:
                    redis.stop()
                if number == 600:
                    states.append((await client.get(ready)).json()["cache"])
                    redis.start()
                # A quarter of them are new, so that Redis is asked all the time.
                answers.append(await client.get(f"{service.url}/v1/plan?context={2048 + number // 4}&gpu=l4"))
            async with asyncio.timeout(10):
                while (await client.get(ready)).json()["cache"] != "redis":  # noqa: ASYNC110 - another process's state
                    await asyncio.sleep(0.05)
            await client.get(f"{service.url}/v1/plan?context=1000&gpu=l4")
            metrics = (await client.get(service.url + "/metrics")).text

    assert {answer.status_code for answer in answers} == {200}
    assert states == ["redis unreachable, using in-process"]
    assert "r1plan_redis_up 1.0" in metrics


async def test_without_its_database_a_running_service_is_alive_and_says_503(
    postgresql_url: str, client: httpx.AsyncClient
) -> None:
    server = make_url(postgresql_url)
    relay = Relay(port=another_port(), target=(server.host or "127.0.0.1", server.port or 5432))
    relay.open()
    url = server.set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)
    with ServiceProcess(port=another_port(), environment={"R1PLAN_DATABASE_URL": url}) as process:
        service = process.url
        assert (await client.get(service + PLAN)).status_code == 200
        relay.close()
        for path in (PLAN, PLAN, "/health/ready", "/v1/offers", "/v1/gpus/l4"):
            answer = await client.get(service + path)
            assert answer.status_code == 503, path
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
        assert (await client.get(service + "/health/live")).status_code == 200
        relay.open()
        assert (await client.get(service + PLAN)).status_code == 200
        assert (await client.get(service + "/health/ready")).status_code == 200
    relay.close()


async def test_many_who_ask_the_same_at_once_cost_one_computation(seeded_url: str) -> None:
    limits = httpx.Limits(max_connections=50)
    with ServiceProcess(port=another_port(), environment={"R1PLAN_DATABASE_URL": seeded_url}) as service:
        async with httpx.AsyncClient(timeout=20, limits=limits) as client:
            answers = await asyncio.gather(*(client.get(service.url + PLAN) for _ in range(50)))
            metrics = (await client.get(service.url + "/metrics")).text

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    # One for the warm-up at the start, one for these.
    assert 'r1plan_answers_total{outcome="miss"} 2.0' in metrics
