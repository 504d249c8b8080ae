"""A key comes to stand nowhere in the inventory, however it is spelt and whichever way it comes."""

from urllib.parse import quote

import httpx
import pytest

from service.key_format import make_key
from tests.service.api.inventory.conftest import NODE, NODES, order

SPELLINGS = {"plain": "_", "escaped": "\\u005f"}


@pytest.mark.parametrize("underscore", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/reservations", '{"owner": "KEY", "end": "2999-01-01T00:00:00Z", "allocations": {"gpu-01": 1}}'),
        (NODES, '{"node": "gpu-02", "site": "x KEY", "gpu_id": "l4", "gpu_count": 1}'),
        ("/v1/inventory/providers", '{"name": "KEY", "kind": "cloud"}'),
        ("/v1/plan", '{"context": "8k", "KEY": 1}'),
    ],
)
async def test_a_key_in_a_body_is_refused_in_any_spelling(
    fleet: httpx.AsyncClient, path: str, body: str, underscore: str
) -> None:
    key = make_key()
    sent = body.replace("KEY", key.replace("_", underscore))
    refused = await fleet.post(path, content=sent, headers={"content-type": "application/json"})

    assert (refused.status_code, refused.json()["code"]) == (400, "key_in_the_open")
    assert key.rpartition("_")[2] not in refused.text + (await fleet.get("/v1/inventory/changes")).text


async def test_a_key_is_no_idempotency_key(fleet: httpx.AsyncClient) -> None:
    key = make_key()
    for value in (key, f'"{key}"', f"mine-{key}"):
        refused = await fleet.post("/v1/reservations", json=order(), headers={"idempotency-key": value})
        assert (refused.status_code, refused.json()["code"]) == (400, "key_in_the_open")
        assert key.rpartition("_")[2] not in refused.text


async def test_a_key_in_a_query_is_refused_in_any_spelling(fleet: httpx.AsyncClient) -> None:
    for key in (make_key(), quote(make_key()).replace("_", "%5F")):
        refused = await fleet.get(f"{NODES}?site={key}")
        assert (refused.status_code, refused.json()["code"]) == (400, "key_in_the_open")


async def test_words_that_only_begin_like_a_key_are_taken(fleet: httpx.AsyncClient) -> None:
    made = await fleet.post(NODES, json={**NODE, "node": "gpu-02", "site": "r1p_cellar"})
    assert made.status_code == 201
