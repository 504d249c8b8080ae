"""Every field at fault is named at once, whether it cannot be read or does not fit the inventory."""

import datetime as dt
from typing import Any

import httpx
import pytest

from service.inventory.utc import today
from tests.service.api.inventory.conftest import NODE, NODES, RESERVATIONS, order, reserve

MATCH = {"if-match": "*"}


async def faults_of(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_fields"), answer.text
    errors: list[dict[str, Any]] = answer.json()["errors"]
    found = {error["field"]: error for error in errors}
    assert len(found) == len(errors)
    assert all(error["allowed"] for error in errors)
    return found


async def test_an_offer_is_told_all_that_is_wrong_with_it(writer: httpx.AsyncClient) -> None:
    body = {"provider": "awss", "gpu_id": "l44", "gpu_count": 0, "country": "zzz", "as_of": "2999-01-01"}
    body |= {"instance_type": "m", "pricing": "on_demand"}

    faults = await faults_of(await writer.post("/v1/inventory/offers", json=body))

    assert set(faults) == {"provider", "gpu_id", "gpu_count", "country", "as_of", "usd_per_hour"}
    assert (faults["gpu_id"]["nearest"][0], faults["provider"]["nearest"][0]) == ("l4", "aws")
    assert (faults["as_of"]["nearest"], faults["gpu_count"]["nearest"]) == ([today().isoformat()], [1])


async def test_a_change_of_an_offer_is_told_all_that_is_wrong_with_it(writer: httpx.AsyncClient) -> None:
    path = f"/v1/inventory/offers/{(await writer.get('/v1/inventory/offers')).json()['items'][0]['offer_id']}"
    body = {"gpu_id": "l44", "gpu_count": 0, "usd_per_hour": None, "purchase_usd": 5, "nope": 1}

    faults = await faults_of(await writer.patch(path, json=body, headers=MATCH))
    assert set(faults) == {"gpu_id", "gpu_count", "usd_per_hour", "nope"}


async def test_a_node_is_told_all_that_is_wrong_with_it(fleet: httpx.AsyncClient) -> None:
    body = {"node": "Big One", "gpu_id": "l44", "gpu_count": 99, "site": "", "usd_per_hour": -1}
    for answer in (
        await fleet.post(NODES, json=body),
        await fleet.patch(f"{NODES}/gpu-01", json=body, headers=MATCH),
    ):
        faults = await faults_of(answer)
        assert set(faults) == set(body)
        assert faults["gpu_id"]["nearest"][0] == "l4"
    named = await faults_of(await fleet.post(NODES, json=body))
    assert named["node"]["nearest"] == ["big-one"]


async def test_a_gpu_in_capitals_is_told_how_it_is_spelt(fleet: httpx.AsyncClient) -> None:
    faults = await faults_of(await fleet.post(NODES, json={**NODE, "node": "gpu-02", "gpu_id": "L4"}))
    assert faults["gpu_id"]["nearest"][0] == "l4"


@pytest.mark.parametrize(
    ("allocations", "fields"),
    [
        ({"nope": 1, "nope2": 2, "n7": 5}, {"allocations.nope", "allocations.nope2", "allocations.n7"}),
        ({"gpu-01": 0, "zz": 100}, {"allocations.gpu-01", "allocations.zz"}),
        ({"gpu-01": "all", "gpu-02": 1}, {"allocations.gpu-01", "allocations.gpu-02"}),
        ({"gpu-01": 9, "Gpu 01": 1}, {"allocations.gpu-01", "allocations.Gpu 01"}),
        ({}, {"allocations"}),
        ({f"n{number}": 1 for number in range(65)}, {"allocations"}),
        ([], {"allocations"}),
    ],
)
async def test_each_node_of_a_reservation_at_fault_is_named(
    fleet: httpx.AsyncClient, allocations: object, fields: set[str]
) -> None:
    made = await reserve(fleet, **order())
    for answer in (
        await fleet.post("/v1/reservations", json=order(allocations=allocations, nope=1, end="2020-01-01T00:00Z")),
        await fleet.patch(
            f"{RESERVATIONS}/{made['reservation_id']}",
            json={"allocations": allocations, "nope": 1, "end": "2020-01-01T00:00Z"},
            headers=MATCH,
        ),
    ):
        assert set(await faults_of(answer)) == {*fields, "nope", "end"}


async def test_what_is_allowed_is_said_in_words(fleet: httpx.AsyncClient) -> None:
    answers = [
        await fleet.post("/v1/inventory/providers", json={"name": "a/b", "kind": "clowd"}),
        await fleet.post(NODES, json={"node": "?", "site": "\n", "gpu_id": "\n", "gpu_count": 1}),
        await fleet.post("/v1/reservations", json=order(owner="\t", purpose="\t", allocations={"?": 1})),
        await fleet.post("/v1/inventory/gpus", json={"gpu_id": "?", "name": "", "architecture": "\n"}),
        await fleet.post("/v1/inventory/offers", json={"country": "x", "provider": "/", "region": "\n"}),
    ]
    for answer in answers:
        faults = await faults_of(answer)
        assert "[^" not in answer.text
        assert "what the detail says" not in answer.text
        assert len(faults) >= 2


async def test_every_parameter_of_a_query_at_fault_is_named(writer: httpx.AsyncClient) -> None:
    faults = await faults_of(await writer.get("/v1/inventory/changes?since=zz&limit=9999&kind=offers"))
    assert set(faults) == {"since", "limit", "kind"}
    assert faults["limit"]["nearest"] == [500]

    alone = await writer.get("/v1/inventory/changes?limit=9999")
    assert (alone.status_code, alone.json()["code"], alone.json()["field"]) == (400, "invalid_limit", "limit")


async def test_a_kind_of_thing_that_is_none_is_refused_with_the_nearest(writer: httpx.AsyncClient) -> None:
    refused = await writer.get("/v1/inventory/changes?kind=ofer")
    assert (refused.status_code, refused.json()["nearest"][0]) == (400, "offer")
    for kind in refused.json()["allowed"].split(", "):
        found = await writer.get("/v1/inventory/changes", params={"kind": kind})
        assert found.status_code == (403 if kind == "key" else 200)


async def test_a_price_is_of_today_at_the_latest(writer: httpx.AsyncClient) -> None:
    path = f"/v1/inventory/offers/{(await writer.get('/v1/inventory/offers')).json()['items'][0]['offer_id']}"
    tomorrow = (today() + dt.timedelta(days=1)).isoformat()

    faults = await faults_of(await writer.patch(path, json={"usd_per_hour": 0.01, "as_of": tomorrow}, headers=MATCH))
    assert f"allowed is {faults['as_of']['allowed']}." in faults["as_of"]["detail"]
    assert faults["as_of"]["nearest"] == [today().isoformat()]
    kept = await writer.patch(path, json={"usd_per_hour": 0.01, "as_of": today().isoformat()}, headers=MATCH)
    assert (kept.status_code, kept.json()["usd_per_hour"]) == (200, 0.01)
    plain = await writer.patch(path, json={"usd_per_hour": 0.02}, headers=MATCH)
    assert (plain.json()["usd_per_hour"], plain.json()["as_of"]) == (0.02, today().isoformat())
