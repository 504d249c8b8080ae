"""A price written through one process is what the other plans on."""

import asyncio
from pathlib import Path

import httpx

from tests.redis_process import RedisProcess
from tests.service.api.inventory.conftest import make_authorization
from tests.service.api.test_processes import another_port
from tests.service_process import ServiceProcess

PLAN = "/v1/plan?context=24k&batch=3&gpu=l4"
ROUNDS = 100


async def test_a_price_written_through_one_process_is_in_the_other_ones_answer_within_a_second(
    prepared_url: str, tmp_path: Path
) -> None:
    key = await make_authorization(prepared_url)
    with RedisProcess(port=another_port(), folder=tmp_path) as redis:
        environment = {
            "R1PLAN_DATABASE_URL": prepared_url,
            "R1PLAN_REDIS_URL": redis.url,
        }
        with (
            ServiceProcess(port=another_port(), environment=environment) as one,
            ServiceProcess(port=another_port(), environment=environment) as other,
        ):
            async with httpx.AsyncClient(timeout=20) as client:
                option = (await client.get(other.url + PLAN)).json()["options"][0]
                path = f"/v1/inventory/offers/{option['offer']['offer_id']}"
                etag = (await client.get(one.url + path)).headers["etag"]
                for round_ in range(1, ROUNDS + 1):
                    if round_ == ROUNDS - 10:
                        redis.stop()
                    price = round(option["usd_per_hour"] - 0.0001 * round_, 6)
                    written = await client.patch(
                        one.url + path, json={"usd_per_hour": price}, headers={**key, "if-match": etag}
                    )
                    assert written.status_code == 200, written.text
                    etag = written.headers["etag"]
                    async with asyncio.timeout(1 if round_ < ROUNDS - 10 else 5):
                        answer = (await client.get(other.url + PLAN)).json()
                    assert answer["options"][0]["usd_per_hour"] == price
