"""Nodes and reservations over the API, and plans on what of them is free."""

import httpx
import pytest

from tests.service.api.inventory.conftest import NODE, NODES, RESERVATIONS, in_hours, order, reserve

PLAN = "/v1/plan?pricing=owned&context=8k&batch=8"


async def test_a_node_is_read_changed_and_deleted_by_who_has_seen_it(fleet: httpx.AsyncClient) -> None:
    read = await fleet.get(f"{NODES}/gpu-01")
    match = {"if-match": read.headers["etag"]}

    changed = await fleet.patch(f"{NODES}/gpu-01", json={"usd_per_hour": None}, headers=match)
    assert (changed.status_code, changed.json()["usd_per_hour"]) == (200, None)
    assert (await fleet.delete(f"{NODES}/gpu-01", headers=match)).status_code == 412
    assert (await fleet.get(f"{NODES}?site=cellar")).json()["items"] == [changed.json()]
    assert (await fleet.delete(f"{NODES}/gpu-01", headers={"if-match": changed.headers["etag"]})).status_code == 204
    gone = await fleet.get(f"{NODES}/gpu-01")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown_node")


async def test_every_field_of_a_node_at_fault_is_named(writer: httpx.AsyncClient) -> None:
    refused = await writer.post(NODES, json={**NODE, "node": "Big One", "gpu_count": 0, "gpus": 1})
    unknown = await writer.post(NODES, json={**NODE, "gpu_id": "l5"})

    assert {error["field"] for error in refused.json()["errors"]} == {"node", "gpu_count", "gpus"}
    assert (unknown.status_code, unknown.json()["field"]) == (400, "gpu_id")


async def test_a_node_with_reservations_stays(fleet: httpx.AsyncClient) -> None:
    made = await reserve(fleet, **order(5))
    for answer in (
        await fleet.delete(f"{NODES}/gpu-01", headers={"if-match": "*"}),
        await fleet.patch(f"{NODES}/gpu-01", json={"gpu_count": 4}, headers={"if-match": "*"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "still_in_use")
        assert made["reservation_id"] in answer.json()["detail"]


async def test_a_plan_sees_what_is_taken_at_once_and_what_is_given_back(fleet: httpx.AsyncClient) -> None:
    async def counts() -> list[int]:
        return [option["gpu_count"] for option in (await fleet.get(PLAN)).json()["options"]]

    assert max(await counts()) == 8
    made = await reserve(fleet, **order(5))
    assert max(await counts()) == 3
    owned = (await fleet.get(PLAN)).json()["options"][0]["owned"]
    assert (owned["free_gpus"], owned["taken"][0]["end"]) == (3, made["end"])
    gone = await fleet.delete(f"{RESERVATIONS}/{made['reservation_id']}", headers={"if-match": "*"})
    assert gone.status_code == 204
    assert max(await counts()) == 8


async def test_an_option_of_a_plan_is_reserved_by_what_it_says_and_an_owner(fleet: httpx.AsyncClient) -> None:
    held = await reserve(fleet, **order(5, start=in_hours(2), end=in_hours(4)))
    asked = {"pricing": "owned", "context": "8k", "gpu_count": 4}
    end = in_hours(1)

    (whole,) = (await fleet.post("/v1/plan", json={**asked, "end": end})).json()["options"]
    made = await reserve(fleet, owner="ben", **whole["owned"]["reservation"])
    assert made["allocations"] == {"gpu-01": whole["gpu_count"]} == {"gpu-01": 4}
    assert (made["owner"], made["end"]) == ("ben", end)

    # Without an end the GPUs are free until others want them; from then on there is none to propose.
    (open_end,) = (await fleet.post("/v1/plan", json=asked)).json()["options"]
    assert open_end["owned"]["reservation"]["end"] == held["start"]
    await reserve(fleet, owner="carl", **open_end["owned"]["reservation"])
    (later,) = (await fleet.post("/v1/plan", json={**asked, "start": in_hours(5)})).json()["options"]
    draft = {**later["owned"]["reservation"], "owner": "dora"}
    refused = await fleet.post("/v1/reservations", json=draft)
    assert (refused.status_code, refused.json()["field"]) == (400, "end")
    await reserve(fleet, **{**draft, "end": in_hours(6)})


async def test_a_promise_beyond_what_is_free_is_a_conflict_that_says_when_it_returns(fleet: httpx.AsyncClient) -> None:
    held = await reserve(fleet, **order(8))

    refused = await fleet.post("/v1/reservations", json=order(1))
    plan = (await fleet.get(PLAN)).json()
    free = (await fleet.get("/v1/inventory/free")).json()

    assert (refused.status_code, refused.json()["code"]) == (409, "gpus_taken")
    assert f"from {held['end']} on" in refused.json()["detail"]
    assert plan["outcome"] == "infeasible"
    taken = next(rejection for rejection in plan["rejections"] if rejection["reason"] == "taken")
    assert taken["smallest_change"] == {"field": "start", "value": held["end"], "message": f"start at {held['end']}"}
    assert (free["items"][0]["free_gpus"], free["items"][0]["taken"][0]["owner"]) == (0, "anna")
    later = (await fleet.get("/v1/inventory/free", params={"start": held["end"]})).json()
    assert later["items"][0]["free_gpus"] == 8


async def test_the_same_key_is_answered_the_same_and_another_body_refused(fleet: httpx.AsyncClient) -> None:
    key = {"idempotency-key": '"8e03978e"'}
    body = order(5)
    first, again = [await fleet.post("/v1/reservations", json=body, headers=key) for _ in range(2)]
    other = await fleet.post("/v1/reservations", json=order(2), headers=key)

    assert (first.status_code, first.content, first.headers["location"]) == (
        again.status_code,
        again.content,
        again.headers["location"],
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (await fleet.get(RESERVATIONS)).json()["items"] == [first.json()]


async def test_a_reservation_is_changed_by_who_has_seen_it(fleet: httpx.AsyncClient) -> None:
    made = await reserve(fleet, **order(5))
    path = f"{RESERVATIONS}/{made['reservation_id']}"
    seen = {"if-match": (await fleet.get(path)).headers["etag"]}

    assert (await fleet.patch(path, json={"purpose": "x"})).status_code == 428
    longer = await fleet.patch(path, json={"end": in_hours(3)}, headers=seen)
    assert (longer.status_code, longer.json()["start"]) == (200, made["start"])
    assert (await fleet.patch(path, json={"purpose": "x"}, headers=seen)).status_code == 412
    more = await fleet.patch(path, json={"allocations": {"gpu-01": 9}}, headers={"if-match": "*"})
    assert (more.status_code, more.json()["field"]) == (400, "allocations.gpu-01")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"owner", "end", "allocations"}),
        (order(0, end="tomorrow"), {"allocations.gpu-01", "end"}),
        (order(owner="", start="2026-12-01T09:00:00"), {"owner", "start"}),
        (order(end="2020-01-01T00:00:00Z"), {"end"}),
        (order(allocations={}), {"allocations"}),
        (order(allocations={"gpu-02": 1}), {"allocations.gpu-02"}),
    ],
)
async def test_every_field_of_a_reservation_at_fault_is_named(
    fleet: httpx.AsyncClient, body: dict[str, object], fields: set[str]
) -> None:
    refused = await fleet.post("/v1/reservations", json=body)

    assert refused.status_code == 400
    assert {error["field"] for error in refused.json()["errors"]} == fields


async def test_who_may_only_read_reserves_nothing(fleet: httpx.AsyncClient) -> None:
    del fleet.headers["authorization"]

    assert (await fleet.post("/v1/reservations", json=order())).status_code == 401
    assert (await fleet.get(RESERVATIONS)).json()["items"] == []
