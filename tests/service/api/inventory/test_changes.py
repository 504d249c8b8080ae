"""The audit trail over the API, with the changes of keys for administrators only."""

import base64

import httpx
import pytest
from litestar.testing import AsyncTestClient

from service.app import create_app
from service.inventory.api_keys import create_key, revoke_key, rotate_key
from service.inventory.database import Database
from service.key_format import read_key
from tests.service.api.conftest import settings_for
from tests.service.api.inventory.conftest import make_authorization

CHANGES = "/v1/inventory/changes"
PROVIDERS = "/v1/inventory/providers"
Header = dict[str, str]


@pytest.fixture
async def admin(prepared_url: str) -> Header:
    """Return the header of a key that may read the trail."""
    return await make_authorization(prepared_url, scope="admin", name="boss")


async def test_the_trail_tells_who_changed_what_the_newest_first(writer: httpx.AsyncClient, admin: Header) -> None:
    await writer.post(PROVIDERS, json={"name": "acme", "kind": "cloud"})
    await writer.patch(f"{PROVIDERS}/acme", json={"kind": "marketplace"}, headers={"if-match": "*"})
    await writer.delete(f"{PROVIDERS}/acme", headers={"if-match": "*"})

    items = (await writer.get(CHANGES, headers=admin)).json()["items"]
    assert [(item["actor"], item["action"], item["kind"], item["thing_id"]) for item in items] == [
        ("key:ops", "delete", "provider", "acme"),
        ("key:ops", "update", "provider", "acme"),
        ("key:ops", "create", "provider", "acme"),
        ("command line", "create", "key", "boss"),
        ("command line", "create", "key", "ops"),
        ("seed", "create", "import", "seed"),
    ]
    assert (items[1]["before"], items[1]["after"]) == ({"kind": "cloud"}, {"kind": "marketplace"})
    assert [item["revision"] for item in items] == [4, 3, 2, 1, 1, 1]


async def test_the_trail_tells_of_keys_and_nothing_that_opens_a_door(
    prepared_url: str, writer: httpx.AsyncClient, admin: Header
) -> None:
    database = Database(settings_for(prepared_url))
    async with database.change() as session:
        old = read_key((await create_key(session, "bot", scope="write", requests_per_minute=7)).reveal())
    async with database.change() as session:
        new = read_key((await rotate_key(session, "bot")).reveal())
    async with database.change() as session:
        await revoke_key(session, "bot")
    await database.close()
    assert old is not None
    assert new is not None

    answer = await writer.get(f"{CHANGES}?kind=key&id=bot", headers=admin)
    rights = {"scope": "write", "requests_per_minute": 7, "expires_at": None}
    assert [(item["action"], item["before"], item["after"]) for item in answer.json()["items"]] == [
        ("delete", {"key_id": new.key_id, **rights}, None),
        ("update", {"key_id": old.key_id}, {"key_id": new.key_id}),
        ("create", None, {"key_id": old.key_id, **rights}),
    ]
    assert old.secret_hash not in answer.text
    assert new.secret_hash not in answer.text


async def test_changes_of_keys_are_told_to_administrators_only(
    prepared_url: str, writer: httpx.AsyncClient, admin: Header
) -> None:
    async with AsyncTestClient(create_app(settings_for(prepared_url))) as anybody:
        kinds = {item["kind"] for item in (await anybody.get(CHANGES)).json()["items"]}
        refused = await anybody.get(f"{CHANGES}?kind=key")
    assert kinds == {"import"}
    assert (refused.status_code, refused.json()["code"]) == (401, "key_needed")
    assert 'scope="admin"' in refused.headers["www-authenticate"]

    assert {item["kind"] for item in (await writer.get(CHANGES)).json()["items"]} == {"import"}
    refused = await writer.get(f"{CHANGES}?kind=key")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert "scope admin; the key 'ops' has scope write" in refused.json()["detail"]

    told = await writer.get(CHANGES, headers=admin)
    assert {item["kind"] for item in told.json()["items"]} == {"import", "key"}


async def test_the_trail_is_filtered_and_paged(writer: httpx.AsyncClient, admin: Header) -> None:
    for name in ("a", "b", "c"):
        await writer.post(PROVIDERS, json={"name": name, "kind": "cloud"})
    for query, found in (
        ("kind=provider", ["c", "b", "a"]),
        ("id=b", ["b"]),
        ("actor=seed", ["seed"]),
        ("since=2999-01-01", []),
        ("kind=gpu", []),
    ):
        items = (await writer.get(f"{CHANGES}?{query}", headers=admin)).json()["items"]
        assert [item["thing_id"] for item in items] == found, query
    first = (await writer.get(f"{CHANGES}?limit=4", headers=admin)).json()
    rest = (await writer.get(f"{CHANGES}?limit=4&cursor={first['next_cursor']}", headers=admin)).json()
    assert [item["thing_id"] for item in (*first["items"], *rest["items"])] == ["c", "b", "a", "boss", "ops", "seed"]
    assert rest["next_cursor"] is None


async def test_a_name_that_no_database_can_hold_is_nobodys(writer: httpx.AsyncClient) -> None:
    refused = await writer.get(f"{CHANGES}?actor=a%00b")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_actor")
    unknown = await writer.get("/v1/offers/a%00b/prices")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_offer")


@pytest.mark.parametrize("before", [0, 2**31, 10**30, -(10**30)])
async def test_a_cursor_that_no_page_has_given_is_refused(writer: httpx.AsyncClient, before: int) -> None:
    cursor = base64.urlsafe_b64encode(f'{{"before":{before}}}'.encode()).decode().rstrip("=")
    refused = await writer.get(f"{CHANGES}?cursor={cursor}")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor")
