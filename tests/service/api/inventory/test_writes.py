"""GPUs, providers and offers: created, read, updated and deleted, and what stands against it."""

import asyncio
from typing import Any

import httpx
import pytest

from service.inventory.api_keys import Scope
from service.inventory.utc import today
from tests.service.api.inventory.conftest import open_client

GPU = {
    "gpu_id": "abacus-1",
    "name": "Abacus 1",
    "vendor": "nvidia",
    "architecture": "Hopper",
    "gpu_class": "data_center",
    "visible_memory_gib": 79.5,
    "compute_capability": [9, 0],
    "memory_bandwidth_gb_per_s": 3350,
    "tdp_watts": 700,
}
PROVIDER = {"name": "acme", "kind": "cloud"}
OFFER = {
    "provider": "acme",
    "instance_type": "A1 large",
    "region": "north-1",
    "pricing": "on_demand",
    "gpu_id": "abacus-1",
    "gpu_count": 2,
    "country": "FI",
    "usd_per_hour": 1.5,
}
OFFER_ID = "acme:a1-large:north-1:on_demand"
OFFER_PATH = f"/v1/inventory/offers/{OFFER_ID}"


@pytest.fixture
async def offered(writer: httpx.AsyncClient) -> httpx.AsyncClient:
    """Return the client after it has created a GPU, a provider and an offer."""
    for path, body in (("gpus", GPU), ("providers", PROVIDER), ("offers", OFFER)):
        answer = await writer.post(f"/v1/inventory/{path}", json=body)
        assert answer.status_code == 201, answer.text
    return writer


async def etag_of(client: httpx.AsyncClient, path: str) -> dict[str, str]:
    return {"if-match": (await client.get(path)).headers["etag"]}


async def plan_price(client: httpx.AsyncClient) -> float:
    answer = (await client.get("/v1/plan?gpu=abacus-1&context=8k&batch=1")).json()
    return answer["options"][0]["usd_per_hour"]


async def test_what_is_created_is_at_its_location_and_in_the_next_plan(offered: httpx.AsyncClient) -> None:
    for path, thing_id, body in (("gpus", "abacus-1", GPU), ("providers", "acme", PROVIDER)):
        answer = await offered.get(f"/v1/inventory/{path}/{thing_id}")
        assert answer.json().items() >= body.items()
    created = await offered.post("/v1/inventory/offers", json=OFFER | {"region": "north-2"})
    assert created.headers["location"] == "/v1/inventory/offers/acme:a1-large:north-2:on_demand"
    read = await offered.get(created.headers["location"])
    assert read.content == created.content
    assert read.headers["etag"] == created.headers["etag"]
    assert read.json().items() >= (OFFER | {"region": "north-2", "as_of": today().isoformat()}).items()
    assert await plan_price(offered) == 1.5


async def test_a_changed_price_is_in_the_next_plan_and_the_old_one_in_the_history(offered: httpx.AsyncClient) -> None:
    answer = await offered.patch(
        OFFER_PATH, json={"usd_per_hour": 1.2345678}, headers=await etag_of(offered, OFFER_PATH)
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["usd_per_hour"] == 1.234568
    assert answer.headers["etag"] == (await offered.get(OFFER_PATH)).headers["etag"]
    assert await plan_price(offered) == 1.234568
    prices = (await offered.get(f"/v1/offers/{OFFER_ID}/prices")).json()["items"]
    assert [price["usd_per_hour"] for price in prices] == [1.234568, 1.5]


async def test_a_price_of_an_earlier_day_joins_the_history_only(offered: httpx.AsyncClient) -> None:
    body = {"usd_per_hour": 9.0, "as_of": "2026-01-01", "source": "an old invoice", "country": "SE"}
    answer = await offered.patch(OFFER_PATH, json=body, headers=await etag_of(offered, OFFER_PATH))

    assert (answer.json()["usd_per_hour"], answer.json()["country"]) == (1.5, "SE")
    prices = (await offered.get(f"/v1/offers/{OFFER_ID}/prices")).json()["items"]
    assert [(price["usd_per_hour"], price["source"]) for price in prices] == [
        (1.5, "entered by hand"),
        (9.0, "an old invoice"),
    ]


async def test_fields_that_are_not_given_stay_and_null_empties_one(offered: httpx.AsyncClient) -> None:
    path = "/v1/inventory/gpus/abacus-1"
    answer = await offered.patch(
        path, json={"tdp_watts": None, "aliases": ["Abacus"]}, headers=await etag_of(offered, path)
    )
    assert answer.status_code == 200
    expected: dict[str, Any] = GPU | {"tdp_watts": None, "aliases": ["Abacus"]}
    assert answer.json().items() >= expected.items()
    assert (await offered.get("/v1/gpus/Abacus")).json()["gpu_id"] == "abacus-1"


async def test_what_was_deleted_is_gone_and_can_be_created_again(offered: httpx.AsyncClient) -> None:
    for path in (OFFER_PATH, "/v1/inventory/providers/acme", "/v1/inventory/gpus/abacus-1"):
        answer = await offered.delete(path, headers=await etag_of(offered, path))
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await offered.get(path)).status_code == 404
        assert (await offered.delete(path, headers={"if-match": "*"})).status_code == 404
    assert (await offered.get("/v1/offers?provider=acme")).status_code == 400
    for path, body in (("gpus", GPU), ("providers", PROVIDER), ("offers", OFFER | {"usd_per_hour": 3})):
        assert (await offered.post(f"/v1/inventory/{path}", json=body)).status_code == 201
    assert await plan_price(offered) == 3
    prices = (await offered.get(f"/v1/offers/{OFFER_ID}/prices")).json()["items"]
    assert [price["usd_per_hour"] for price in prices] == [3, 1.5]


async def test_what_is_there_already_is_shown_in_the_conflict(offered: httpx.AsyncClient) -> None:
    answer = await offered.post("/v1/inventory/offers", json=OFFER | {"usd_per_hour": 7})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_there")
    assert answer.json()["there"] == (await offered.get(OFFER_PATH)).json()


async def test_what_offers_stand_on_cannot_go(offered: httpx.AsyncClient) -> None:
    for path in ("/v1/inventory/providers/acme", "/v1/inventory/gpus/abacus-1"):
        answer = await offered.delete(path, headers={"if-match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (409, "still_in_use")


async def test_a_write_on_what_changed_meanwhile_is_refused(offered: httpx.AsyncClient) -> None:
    seen = await etag_of(offered, OFFER_PATH)
    assert (await offered.patch(OFFER_PATH, json={"gpu_count": 4}, headers=seen)).status_code == 200

    for answer in (
        await offered.patch(OFFER_PATH, json={"gpu_count": 8}, headers=seen),
        await offered.patch(OFFER_PATH, json={"gpu_count": 8}, headers={"if-match": f"W/{seen['if-match']}"}),
        await offered.delete(OFFER_PATH, headers=seen),
    ):
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
        assert answer.json()["allowed"] == (await offered.get(OFFER_PATH)).headers["etag"]
    for answer in (await offered.patch(OFFER_PATH, json={"gpu_count": 8}), await offered.delete(OFFER_PATH)):
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")
    assert (await offered.get(OFFER_PATH)).json()["gpu_count"] == 4


async def test_of_writers_who_have_read_the_same_exactly_one_wins(
    offered: httpx.AsyncClient, prepared_url: str
) -> None:
    async with open_client(prepared_url, scope="write", name="another") as another:
        for round_ in range(5):
            seen = await etag_of(offered, OFFER_PATH)
            bodies = [{"usd_per_hour": 2 + round_ + number / 10} for number in range(6)]
            answers = await asyncio.gather(
                *(
                    (offered, another)[number % 2].patch(OFFER_PATH, json=body, headers=seen)
                    for number, body in enumerate(bodies)
                )
            )
            assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
            (winner,) = (answer for answer in answers if answer.status_code == 200)
            assert (await another.get(OFFER_PATH)).content == winner.content
    assert len((await offered.get(f"/v1/offers/{OFFER_ID}/prices")).json()["items"]) == 6


async def test_every_field_at_fault_is_named_with_what_is_allowed_and_the_nearest(writer: httpx.AsyncClient) -> None:
    answer = await writer.post(
        "/v1/inventory/gpus",
        json={
            "gpu_id": "No Such",
            "name": "x" * 101,
            "vendor": "nvida",
            "visible_memory_gib": 0,
            "tdp_wats": 5,
            "compute_capability": [9],
            "release_year": 3000,
            "aliases": ["ok", 5],
        },
    )
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    problem = answer.json()
    errors = {error["field"]: error for error in problem["errors"]}
    assert problem["code"] == "invalid_fields"
    assert problem["field"] == problem["errors"][0]["field"] == "gpu_id"
    assert set(errors) == {
        *("gpu_id", "name", "vendor", "visible_memory_gib", "tdp_wats", "compute_capability", "release_year"),
        *("aliases", "architecture", "gpu_class"),
    }
    assert errors["vendor"]["nearest"] == ["nvidia"]
    assert errors["tdp_wats"]["nearest"][0] == "tdp_watts"
    assert errors["release_year"]["nearest"] == [2100]
    assert errors["visible_memory_gib"]["nearest"] == [0.1]
    assert errors["architecture"]["detail"].startswith("architecture is missing.")
    assert all(error["allowed"] for error in problem["errors"])


async def test_fields_that_do_not_fit_the_inventory_are_named_together(offered: httpx.AsyncClient) -> None:
    body = OFFER | {"gpu_id": "abacus-2", "provider": "acmee", "pricing": "buy", "as_of": "2999-01-01"}
    errors = (await offered.post("/v1/inventory/offers", json=body)).json()["errors"]
    assert [(error["field"], error.get("nearest", [])[:1]) for error in errors] == [
        ("gpu_id", ["abacus-1"]),
        ("provider", ["acme"]),
        ("purchase_usd", []),
        ("as_of", [today().isoformat()]),
    ]


@pytest.mark.parametrize("path", ["gpus", "providers", "offers"])
async def test_pages_of_a_list_hold_each_thing_once(offered: httpx.AsyncClient, path: str) -> None:
    ids: list[str] = []
    cursor: str | None = None
    while True:
        parameters: dict[str, str | int] = {"limit": 37} | ({} if cursor is None else {"cursor": cursor})
        page = (await offered.get(f"/v1/inventory/{path}", params=parameters)).json()
        ids += [item.get("offer_id") or item.get("gpu_id") or item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(ids) == len(set(ids)) == {"gpus": 77, "offers": 420}.get(path, len(ids))
    assert {"gpus": "abacus-1", "providers": "acme", "offers": OFFER_ID}[path] in ids


async def test_offers_are_listed_by_gpu_and_provider(offered: httpx.AsyncClient) -> None:
    for query in ("gpu_id=abacus-1", "provider=acme", "provider=acme&gpu_id=abacus-1"):
        items = (await offered.get(f"/v1/inventory/offers?{query}")).json()["items"]
        assert [item["offer_id"] for item in items] == [OFFER_ID]


async def test_each_write_raises_the_revision_once_and_none_that_changes_nothing(offered: httpx.AsyncClient) -> None:
    async def revision() -> int:
        return (await offered.get("/health/ready")).json()["inventory_revision"]

    start = await revision()
    await offered.patch(OFFER_PATH, json={"gpu_count": 4}, headers={"if-match": "*"})
    assert await revision() == start + 1
    await offered.patch(OFFER_PATH, json={"gpu_count": 4}, headers={"if-match": "*"})
    await offered.patch(OFFER_PATH, json={"gpu_count": 0}, headers={"if-match": "*"})
    await offered.patch(OFFER_PATH, json={}, headers={"if-match": "*"})
    assert await revision() == start + 1


@pytest.mark.parametrize("scope", [None, "read"])
async def test_who_may_not_write_changes_nothing(prepared_url: str, scope: Scope | None) -> None:
    async with open_client(prepared_url, scope=scope or "read", name="reader") as client:
        if scope is None:
            del client.headers["authorization"]
        status = 401 if scope is None else 403
        assert (await client.post("/v1/inventory/providers", json=PROVIDER)).status_code == status
        path = "/v1/inventory/gpus/l4"
        assert (await client.patch(path, json={"name": "L5"}, headers={"if-match": "*"})).status_code == status
        assert (await client.delete(path, headers={"if-match": "*"})).status_code == status
        assert (await client.get(path)).json()["name"] == "L4"
