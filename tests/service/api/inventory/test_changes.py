"""The audit trail over the API."""

import httpx

PROVIDERS = "/v1/inventory/providers"


async def test_the_trail_tells_who_changed_what_the_newest_first(writer: httpx.AsyncClient) -> None:
    await writer.post(PROVIDERS, json={"name": "acme", "kind": "cloud"})
    await writer.patch(f"{PROVIDERS}/acme", json={"kind": "marketplace"}, headers={"if-match": "*"})
    await writer.delete(f"{PROVIDERS}/acme", headers={"if-match": "*"})

    items = (await writer.get("/v1/inventory/changes")).json()["items"]
    assert [(item["actor"], item["action"], item["thing_id"]) for item in items] == [
        ("key:ops", "delete", "acme"),
        ("key:ops", "update", "acme"),
        ("key:ops", "create", "acme"),
        ("seed", "create", "seed"),
    ]
    assert (items[1]["before"], items[1]["after"]) == ({"kind": "cloud"}, {"kind": "marketplace"})
    assert [item["revision"] for item in items] == [4, 3, 2, 1]


async def test_the_trail_is_filtered_and_paged(writer: httpx.AsyncClient) -> None:
    for name in ("a", "b", "c"):
        await writer.post(PROVIDERS, json={"name": name, "kind": "cloud"})
    for query, found in (
        ("kind=provider", ["c", "b", "a"]),
        ("id=b", ["b"]),
        ("actor=seed", ["seed"]),
        ("since=2999-01-01", []),
        ("kind=gpu", []),
    ):
        items = (await writer.get(f"/v1/inventory/changes?{query}")).json()["items"]
        assert [item["thing_id"] for item in items] == found, query
    first = (await writer.get("/v1/inventory/changes?limit=3")).json()
    rest = (await writer.get(f"/v1/inventory/changes?limit=3&cursor={first['next_cursor']}")).json()
    assert [item["thing_id"] for item in (*first["items"], *rest["items"])] == ["c", "b", "a", "seed"]
    assert rest["next_cursor"] is None
