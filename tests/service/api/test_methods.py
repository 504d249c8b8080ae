"""The methods of a path: each that it answers is named, and no other."""

import httpx
import pytest


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/plan", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/v1/gpus", {"GET", "HEAD", "OPTIONS"}),
        ("/v1/inventory/gpus/l4", {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH"}),
        ("/v1/reservations", {"OPTIONS", "POST"}),
    ],
)
async def test_every_method_that_is_answered_is_allowed(api: httpx.AsyncClient, path: str, methods: set[str]) -> None:
    told, refused = await api.options(path), await api.put(path)

    for answer in (told, refused):
        assert set(answer.headers["allow"].split(", ")) == methods
    assert (refused.status_code, set(refused.json()["allowed"].split(", "))) == (405, methods)
    head = await api.head(path)
    assert (head.status_code != 405) == ("HEAD" in methods)
    assert head.content == b""
