"""`/v1/plan`: answers, and how they are kept."""

import datetime as dt
from typing import Any

import httpx
from litestar.testing import AsyncTestClient
from sqlalchemy.ext.asyncio import AsyncSession

from service.app import create_app
from service.inventory.database import Database
from service.inventory.migrate import upgrade
from service.inventory.offer_changes import remove_offer, set_price
from service.inventory.repository import load_offers
from tests.service.api.conftest import Change, settings_for


async def plan(api: httpx.AsyncClient, **fields: str | int) -> dict[str, Any]:
    answer = await api.get("/v1/plan", params=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_plan_names_an_option_with_its_price_and_its_working(api: httpx.AsyncClient) -> None:
    answer = await plan(api, context="32k")

    option = answer["options"][0]
    per_gpu = option["memory"]["per_gpu"]
    parts = (
        "weights_bytes",
        "kv_cache_bytes",
        "activation_bytes",
        "graph_bytes",
        "runtime_bytes",
        "headroom_bytes",
    )
    assert answer["outcome"] == "plan"
    assert sum(per_gpu[part] for part in parts) == per_gpu["usable_bytes"]
    assert option["usd_per_hour"] == option["offer"]["usd_per_hour"]
    assert option["launch"]["command"]


async def test_what_was_not_said_is_assumed_and_said_to_be(api: httpx.AsyncClient) -> None:
    answer = await plan(api)

    assert answer["request"]["context"] == 32_768
    assert {"context", "batch", "model"} <= set(answer["request"]["assumed"])


async def test_a_query_and_a_json_object_with_the_same_fields_get_the_same_plan(api: httpx.AsyncClient) -> None:
    query = await api.get("/v1/plan", params=[("context", "16k"), ("batch", "4"), ("gpu", "l4"), ("gpu", "rtx-4090")])
    body = await api.post("/v1/plan", json={"context": 16_384, "batch": 4, "gpu": ["l4", "rtx-4090"]})

    assert body.status_code == 200
    assert query.content == body.content
    assert query.headers["cache-status"].startswith("r1plan; fwd=uri-miss")
    assert body.headers["cache-status"] == "r1plan; hit"


async def test_the_second_of_two_equal_queries_is_a_hit_with_the_same_tag(api: httpx.AsyncClient) -> None:
    first = await api.get("/v1/plan", params={"context": "8k"})
    second = await api.get("/v1/plan", params={"context": "8k"})

    assert "hit" not in first.headers["cache-status"]
    assert second.headers["cache-status"] == "r1plan; hit"
    assert second.headers["etag"] == first.headers["etag"]
    assert second.content == first.content
    assert int(second.headers["content-length"]) == len(second.content)
    assert second.headers["content-type"] == "application/json"


async def test_answers_must_be_asked_for_again_before_they_are_used_again(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/plan")).headers["cache-control"] == "no-cache"


async def test_who_has_the_answer_already_gets_304_without_it(api: httpx.AsyncClient) -> None:
    etag = (await api.get("/v1/plan", params={"context": "8k"})).headers["etag"]

    for query in ("context=8k", "context=8192"):
        for named in (etag, f'"other", W/{etag}', "*"):
            answer = await api.get(f"/v1/plan?{query}", headers={"if-none-match": named})
            assert answer.status_code == 304
            assert answer.content == b""
            assert answer.headers["etag"] == etag


async def test_who_has_another_answer_gets_this_one(api: httpx.AsyncClient) -> None:
    for _ in range(2):
        answer = await api.get("/v1/plan", headers={"if-none-match": '"other"'})
        assert answer.status_code == 200


async def test_head_says_what_get_would(api: httpx.AsyncClient) -> None:
    for _ in range(2):
        answer = await api.head("/v1/plan", params={"context": "4k"})
        assert answer.status_code == 200
        assert answer.content == b""
        assert answer.headers["etag"]


async def test_a_changed_price_is_in_the_next_answer(api: httpx.AsyncClient, change: Change) -> None:
    before = (await plan(api, context="32k"))["options"][0]
    dearer = before["usd_per_hour"] * 2

    async def raise_price(session: AsyncSession) -> None:
        await set_price(session, before["offer"]["offer_id"], usd_per_hour=dearer, as_of=dt.date(2026, 11, 21))

    await change(raise_price)
    after = await plan(api, context="32k", gpu=before["gpu"]["gpu_id"], provider=before["offer"]["provider"])
    again = await plan(api, context="32k")

    prices = {option["offer"]["offer_id"]: option["usd_per_hour"] for option in after["options"] + again["options"]}
    assert prices.get(before["offer"]["offer_id"], dearer) == dearer
    assert again["inventory"]["revision"] == (await plan(api))["inventory"]["revision"] > 1


async def test_nothing_that_fits_is_an_answer_and_says_what_would_help(api: httpx.AsyncClient) -> None:
    answer = await plan(api, context="128k", batch=64, gpu="t4", gpu_count=1)

    assert answer["outcome"] == "infeasible"
    assert answer["options"] == []
    assert answer["rejections"]


async def test_a_pair_that_cannot_exist_is_a_rejection_and_no_error(api: httpx.AsyncClient) -> None:
    answer = await plan(api, weight_format="nvfp4", engine="llama.cpp")

    assert answer["outcome"] == "infeasible"
    assert answer["rejections"][0]["message"]


async def test_an_empty_inventory_is_infeasible_for_want_of_offers(sqlite_url: str) -> None:
    database = Database(settings_for(sqlite_url))
    await upgrade(database)
    await database.close()
    async with AsyncTestClient(create_app(settings_for(sqlite_url))) as api:
        answer = await plan(api)

    assert answer["outcome"] == "infeasible"
    assert answer["inventory"] == {
        "revision": 0,
        "as_of": None,
        "offers": 0,
        "newest_price": None,
        "oldest_price": None,
    }
    assert [rejection["reason"] for rejection in answer["rejections"]] == ["no_offers"]


async def test_an_inventory_emptied_meanwhile_is_infeasible(api: httpx.AsyncClient, change: Change) -> None:
    async def remove_all(session: AsyncSession) -> None:
        for offer in await load_offers(session):
            await remove_offer(session, offer.offer_id)

    assert (await plan(api))["outcome"] == "plan"
    await change(remove_all)
    assert (await plan(api))["outcome"] == "infeasible"
