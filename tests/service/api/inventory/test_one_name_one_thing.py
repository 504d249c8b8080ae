"""Names that differ in capitals and punctuation alone mean one thing, and costs are kept to six places."""

from typing import Any

import httpx
import pytest

from tests.service.api.inventory.conftest import NODE, NODES
from tests.service.api.inventory.test_writes import GPU

GPUS = "/v1/inventory/gpus"


@pytest.mark.parametrize("name", ["AWS", "Aws", "aWS"])
async def test_a_provider_in_other_letters_is_there_already(writer: httpx.AsyncClient, name: str) -> None:
    refused = await writer.post("/v1/inventory/providers", json={"name": name, "kind": "cloud"})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_there")
    assert refused.json()["there"] == (await writer.get("/v1/inventory/providers/aws")).json()


@pytest.mark.parametrize("name", ["Aws ", " Aws", "Aws\u00a0"])
async def test_a_provider_has_no_blanks_around_its_name(writer: httpx.AsyncClient, name: str) -> None:
    refused = await writer.post("/v1/inventory/providers", json={"name": name, "kind": "cloud"})
    assert (refused.status_code, refused.json()["nearest"]) == (400, ["Aws"])


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": "L4"}, ["l4"]),
        ({"name": "Abacus", "aliases": ["NVIDIA-L4", "h100"]}, ["l4", "h100-sxm", "h100-pcie"]),
        ({"gpu_id": "rtx4090"}, ["rtx-4090"]),
    ],
)
async def test_a_gpu_bears_no_name_of_another(
    writer: httpx.AsyncClient, fields: dict[str, Any], named: list[str]
) -> None:
    refused = await writer.post(GPUS, json=GPU | fields)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_there"), refused.text
    assert all(f" {gpu_id}" in refused.json()["detail"] for gpu_id in named)

    assert (await writer.post(GPUS, json=GPU)).status_code == 201
    if "gpu_id" not in fields:
        changed = await writer.patch(f"{GPUS}/abacus-1", json=fields, headers={"if-match": "*"})
        assert (changed.status_code, changed.json()["code"]) == (409, "already_there")


async def test_a_gpu_may_bear_the_name_of_its_own_family_and_what_it_bears_already(writer: httpx.AsyncClient) -> None:
    made = await writer.post(GPUS, json=GPU | {"aliases": ["H100"], "families": ["h100"]})
    assert made.status_code == 201, made.text
    known = (await writer.get(f"{GPUS}/v100-16gb")).json()
    same = {name: known[name] for name in ("name", "aliases", "tdp_watts")}
    assert (await writer.patch(f"{GPUS}/v100-16gb", json=same, headers={"if-match": "*"})).status_code == 200


@pytest.mark.parametrize(("given", "kept"), [(1.23456789, 1.234568), (1e-9, 0), (4, 4)])
async def test_what_a_node_costs_is_kept_to_six_places(writer: httpx.AsyncClient, given: float, kept: float) -> None:
    made = await writer.post(NODES, json={**NODE, "usd_per_hour": given})
    read = await writer.get(f"{NODES}/gpu-01")

    assert made.json()["usd_per_hour"] == read.json()["usd_per_hour"] == kept
    assert made.headers["etag"] == read.headers["etag"]
    changed = await writer.patch(f"{NODES}/gpu-01", json={"usd_per_hour": given}, headers={"if-match": "*"})
    assert (changed.status_code, changed.headers["etag"]) == (200, made.headers["etag"])
