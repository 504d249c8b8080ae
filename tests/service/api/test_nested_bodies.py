"""Bodies of lists within lists: refused at any depth by every path that takes a body, and never a 500."""

from typing import Final

import httpx
import pytest

from tests.service.api.inventory.conftest import make_authorization

# Below, at and beyond what Python and the JSON reader follow.
DEPTHS: Final = (64, 400, 600, 900, 1_000, 5_000)
PATHS: Final = (
    "/v1/plan",
    "/v1/fit",
    "/v1/ask",
    "/v1/reservations",
    "/v1/inventory/gpus",
    "/v1/inventory/nodes",
    "/v1/inventory/offers",
    "/v1/inventory/providers",
    "/v1/inventory/reservations",
)


@pytest.fixture
async def writer(api: httpx.AsyncClient, seeded_url: str) -> httpx.AsyncClient:
    api.headers.update(await make_authorization(seeded_url))
    return api


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
async def test_a_body_nested_without_end_is_refused(
    writer: httpx.AsyncClient, path: str, opening: str, closing: str
) -> None:
    for name in ("node", "config", "previous"):
        for depth in DEPTHS:
            body = f'{{"{name}": {opening * depth}1{closing * depth}}}'
            answer = await writer.post(path, content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 400, (name, depth, answer.text)
            assert "nested too deeply" in answer.json()["detail"]


async def test_a_config_json_may_be_nested_as_far_as_such_files_are(api: httpx.AsyncClient) -> None:
    nested = {"architectures": ["Qwen3ForCausalLM"], "more": [[[{"a": [{"b": 1}]}]]]}
    answer = await api.post("/v1/plan", json={"config": nested})
    assert "nested" not in answer.json()["detail"]
