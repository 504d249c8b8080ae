"""Fifty who reserve at once over HTTP, from real processes of the service: no GPU is promised twice, and none lost.

Each database is tried twenty times; R1PLAN_TEST_RUNS says how often instead.
"""

import asyncio
import os
import socket
from collections import Counter
from contextlib import ExitStack

import httpx

from tests.service.api.inventory.conftest import NODE, NODES, RESERVATIONS, in_hours, make_authorization
from tests.service_process import ServiceProcess

RUNS = int(os.environ.get("R1PLAN_TEST_RUNS", "20"))
ASKING = 50


def another_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def test_of_fifty_who_reserve_one_of_eight_gpus_eight_get_one(prepared_url: str) -> None:
    headers = await make_authorization(prepared_url)
    environment = {"R1PLAN_DATABASE_URL": prepared_url, "R1PLAN_RATE_PER_KEY": "1000000"}
    limits = httpx.Limits(max_connections=ASKING, max_keepalive_connections=ASKING)
    with ExitStack() as stack:
        services = [stack.enter_context(ServiceProcess(port=another_port(), environment=environment)) for _ in range(2)]
        async with httpx.AsyncClient(timeout=60, limits=limits, headers=headers) as client:
            for run in range(RUNS):
                await _try(client, [service.url for service in services], node=f"gpu-{run:02}")


async def _try(client: httpx.AsyncClient, urls: list[str], *, node: str) -> None:
    assert (await client.post(urls[0] + NODES, json={**NODE, "node": node})).status_code == 201

    async def reserve(number: int) -> httpx.Response:
        body = {"owner": f"owner {number}", "end": in_hours(1), "allocations": {node: 1}}
        return await client.post(f"{urls[number % len(urls)]}/v1/reservations", json=body)

    answers = await asyncio.gather(*(reserve(number) for number in range(ASKING)))
    kept = (await client.get(urls[1] + RESERVATIONS, params={"node": node})).json()["items"]

    assert Counter(answer.status_code for answer in answers) == {201: 8, 409: ASKING - 8}
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert sorted(one["reservation_id"] for one in kept) == sorted(one["reservation_id"] for one in made)
    free = (await client.get(urls[0] + "/v1/inventory/free")).json()["items"]
    assert {one["node"]: one["free_gpus"] for one in free}[node] == 0
