"""The words of nodes and reservations over the API: the same that the command line takes."""

import httpx
import pytest

from tests.service.api.inventory.conftest import NODE, NODES, order
from tests.service.inventory.fleet.conftest import OWNERS


async def test_an_owner_is_one_line_of_printable_characters(fleet: httpx.AsyncClient) -> None:
    for owner, is_taken in OWNERS.items():
        answer = await fleet.post("/v1/reservations", json=order(0 if is_taken else 1, owner=owner))
        # No GPUs are asked for, so that what is taken is refused for that alone.
        fields = [error["field"] for error in answer.json()["errors"]]
        assert fields == (["allocations.gpu-01"] if is_taken else ["owner"]), owner


@pytest.mark.parametrize("site", ["Åsa/日本", "x" * 100])
async def test_a_site_may_be_of_any_script(fleet: httpx.AsyncClient, site: str) -> None:
    made = await fleet.post(NODES, json={**NODE, "node": "gpu-02", "site": site})
    assert (made.status_code, made.json()["site"]) == (201, site)
    assert (await fleet.get(NODES, params={"site": site})).json()["items"] == [made.json()]


async def test_a_purpose_has_room_for_two_thousand_characters_on_one_line(fleet: httpx.AsyncClient) -> None:
    made = await fleet.post("/v1/reservations", json=order(purpose="ü" * 2000))
    assert (made.status_code, len(made.json()["purpose"])) == (201, 2000)
    for purpose in ("x" * 2001, "two\nlines"):
        refused = await fleet.post("/v1/reservations", json=order(purpose=purpose))
        assert (refused.status_code, refused.json()["field"]) == (400, "purpose")
