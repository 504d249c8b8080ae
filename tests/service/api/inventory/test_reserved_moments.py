"""The times of reservations: in UTC from the first answer on, and refused where UTC has none."""

import datetime as dt
from typing import Any

import httpx
import pytest

from planner import show_moment
from service.inventory.utc import now
from tests.service.api.inventory.conftest import RESERVATIONS, order, reserve

LATER = (now() + dt.timedelta(hours=5)).replace(microsecond=0)
ELSEWHERE = LATER.astimezone(dt.timezone(dt.timedelta(hours=2))).isoformat()


@pytest.mark.parametrize(
    ("times", "fields"),
    [
        ({"end": "9999-12-31T23:59:59-12:00"}, {"end"}),
        ({"start": "0001-01-01T00:00:00+14:00", "end": "0001-01-01T00:00:00+14:00"}, {"start", "end"}),
    ],
)
async def test_a_moment_that_utc_does_not_have_is_refused(
    fleet: httpx.AsyncClient, times: dict[str, Any], fields: set[str]
) -> None:
    made = await reserve(fleet, **order())
    for refused in (
        await fleet.post("/v1/reservations", json=order(**times)),
        await fleet.patch(f"{RESERVATIONS}/{made['reservation_id']}", json=times, headers={"if-match": "*"}),
    ):
        assert refused.status_code == 400, refused.text
        assert {error["field"] for error in refused.json()["errors"]} == fields
        assert "the years 1 to 9999" in refused.json()["allowed"]


async def test_a_reservation_in_another_time_zone_is_the_same_in_every_answer(fleet: httpx.AsyncClient) -> None:
    answer = await fleet.post("/v1/reservations", json=order(end=ELSEWHERE))
    path = answer.headers["location"]
    read = await fleet.get(path)
    (created,) = (await fleet.get("/v1/inventory/changes", params={"kind": "reservation"})).json()["items"]

    assert (answer.content, answer.headers["etag"]) == (read.content, read.headers["etag"])
    assert read.json()["end"] == created["after"]["end"] == show_moment(LATER)
    changed = await fleet.patch(path, json={"end": ELSEWHERE}, headers={"if-match": answer.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, answer.headers["etag"])
    assert (await fleet.delete(path, headers={"if-match": answer.headers["etag"]})).status_code == 204


async def test_the_same_request_in_another_time_zone_is_the_same_request(fleet: httpx.AsyncClient) -> None:
    key = {"idempotency-key": "k1"}
    first, again = [
        await fleet.post("/v1/reservations", json=order(end=end), headers=key)
        for end in (ELSEWHERE, show_moment(LATER))
    ]
    assert (first.status_code, first.content) == (201, again.content)
