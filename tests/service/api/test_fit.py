"""`/v1/fit`, `/v1/memory`, `/v1/compare` and `/v1/limits`: the memory model, asked in every direction."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.own_models import add_model
from tests.planner.test_model_config import CARD, LLAMA
from tests.service.api.conftest import Change
from tests.service.api.test_bad_input import assert_problem

PARTS = ("weights_bytes", "kv_cache_bytes", "activation_bytes", "graph_bytes", "runtime_bytes", "headroom_bytes")


async def ask(api: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_fit_shows_verdict_parts_and_both_tests(api: httpx.AsyncClient) -> None:
    answer = await ask(api, "/v1/fit?gpu=h100-sxm&context=32k&batch=8&weight_format=bf16")

    per_gpu = answer["memory"]["per_gpu"]
    assert answer["verdict"] == "fits"
    assert sum(per_gpu[part] for part in PARTS) == per_gpu["usable_bytes"]
    assert [test["test"] for test in answer["tests"]] == ["engine_budget", "physical_card"]
    assert answer["max_context"] >= 32_768
    assert answer["max_batch"] >= 8
    assert answer["kv_token_capacity"] >= 8 * 32_768
    assert answer["changes"] == []


async def test_what_does_not_fit_says_what_would(api: httpx.AsyncClient) -> None:
    answer = await ask(api, "/v1/fit?gpu=rtx-4090&context=128k&batch=8&weight_format=bf16")

    assert answer["verdict"] == "does_not_fit"
    fields = [change["field"] for change in answer["changes"]]
    assert "gpu" in fields
    for change in answer["changes"]:
        wanted = {"gpu": "rtx-4090", "context": "128k", "batch": 8, "weight_format": "bf16"}
        changed = httpx.QueryParams({**wanted, change["field"]: change["value"]})
        assert (await ask(api, f"/v1/fit?{changed}"))["verdict"] == "fits", change


async def test_a_query_and_a_json_object_get_the_same_fit_from_the_cache(api: httpx.AsyncClient) -> None:
    query = await api.get("/v1/fit", params={"gpu": "l4", "context": "16k", "enforce_eager": "true"})
    body = await api.post("/v1/fit", json={"gpu": "l4", "context": 16_384, "enforce_eager": True})
    again = await api.get("/v1/fit", params={"gpu": "l4", "context": "16k", "enforce_eager": "true"})

    assert query.content == body.content == again.content
    assert "hit" not in query.headers["cache-status"]
    assert body.headers["cache-status"] == again.headers["cache-status"] == "r1plan; hit"
    assert (await api.get("/v1/fit?gpu=l4&context=16k&enforce_eager=1", headers={"if-none-match": "*"})).content == b""


async def test_the_same_fields_are_answered_by_each_path_in_its_own_way(api: httpx.AsyncClient) -> None:
    query = "gpu=l4&gpu=rtx-4090"
    fit, compared, limits = [await ask(api, f"/v1/{path}?{query}") for path in ("fit", "compare", "limits")]

    assert {fit["gpu"]["gpu_id"], *(other["gpu"]["gpu_id"] for other in fit["others"])} == {"l4", "rtx-4090"}
    assert [machine["judgement"]["gpu"]["gpu_id"] for machine in compared["machines"]] == ["l4", "rtx-4090"]
    assert all(machine["cheapest"]["gpu_count"] == 1 for machine in compared["machines"])
    assert [machine["gpu"]["gpu_id"] for machine in limits["machines"]] == ["l4", "rtx-4090"]


async def test_a_machine_can_be_named_by_its_instance_type_or_by_plain_memory(api: httpx.AsyncClient) -> None:
    offer = (await ask(api, "/v1/offers?limit=1"))["items"][0]
    by_name = await ask(api, f"/v1/fit?{httpx.QueryParams({'instance_type': offer['instance_type']})}")
    by_size = await ask(api, "/v1/fit?vram_gb=24")
    by_bytes = await ask(api, f"/v1/fit?memory_bytes={24 << 30}")

    assert by_name["instance_type"] == offer["instance_type"]
    assert by_bytes["gpu"]["memory_bytes"] == 24 << 30 > by_size["gpu"]["memory_bytes"]
    assert any("no GPU was named" in warning for warning in by_size["warnings"])


async def test_memory_lists_pairs_of_formats_and_the_smallest_gpus_that_hold_them(api: httpx.AsyncClient) -> None:
    answer = await ask(api, "/v1/memory?context=32k&batch=4")

    needed = [pair["needed_bytes"] for pair in answer["requirements"]]
    assert needed == sorted(needed)
    for pair in answer["requirements"]:
        sizes = [gpu["memory"]["usable_bytes"] for gpu in pair["smallest_gpus"]]
        assert sizes == sorted(sizes)


async def test_a_frontier_never_holds_more_of_what_is_longer(api: httpx.AsyncClient) -> None:
    (machine,) = (await ask(api, "/v1/limits?gpu=a100-80gb-sxm"))["machines"]

    assert machine["frontiers"]
    for frontier in machine["frontiers"]:
        batches = [limit["max_batch"] for limit in frontier["batches"]]
        contexts = [limit["max_context"] for limit in frontier["contexts"]]
        assert batches == sorted(batches, reverse=True)
        assert contexts == sorted(contexts, reverse=True)


@pytest.mark.parametrize(
    ("path", "code", "field"),
    [
        ("/v1/fit", "invalid_machine", "gpu"),
        ("/v1/fit?gpu=l4&vram_gb=24", "invalid_machine", "vram_gb"),
        ("/v1/fit?gpu=h1000", "unknown_gpu", "gpu"),
        ("/v1/fit?instance_type=g6.xxlarge", "unknown_instance_type", "instance_type"),
        ("/v1/fit?gpu=l4&enforce_eager=maybe", "invalid_enforce_eager", "enforce_eager"),
        ("/v1/fit?gpu=l4&enforce_eager=true&n_ubatch=64", "invalid_engine_settings", "enforce_eager"),
        ("/v1/fit?gpu=l4&gpu_memory_utilization=1.5", "invalid_gpu_memory_utilization", "gpu_memory_utilization"),
        ("/v1/fit?gpu=l4&batch=8&max_num_seqs=4", "invalid_batch", "batch"),
        ("/v1/fit?gpu=l4&engine=vllm&engine_version=0.4", "invalid_engine_version", "engine_version"),
        ("/v1/fit?gpu=l4&context=200k", "invalid_context", "context"),
        ("/v1/fit?gpu=l4&tensor_parallel_size=2", "invalid_tensor_parallel_size", "tensor_parallel_size"),
        ("/v1/fit?memory_bytes=0", "invalid_memory_bytes", "memory_bytes"),
        ("/v1/memory?gpu=l4", "unknown_parameter", "gpu"),
        ("/v1/compare?gpu=l4", "invalid_machine", "gpu"),
        ("/v1/limits?gpu=l4&weight_format=fp7", "unknown_weight_format", "weight_format"),
    ],
)
async def test_what_cannot_be_judged_is_refused_by_field(
    api: httpx.AsyncClient, path: str, code: str, field: str
) -> None:
    problem = assert_problem(await api.get(path), status=400, code=code)
    assert problem["field"] == field
    assert problem["allowed"]


async def test_a_config_is_judged_inline_whether_as_an_object_or_as_text(api: httpx.AsyncClient) -> None:
    by_body = await api.post("/v1/fit", json={"gpu": "h100-sxm", "config": CARD, "model": "card"})
    by_query = await api.get("/v1/fit", params={"gpu": "h100-sxm", "config": json.dumps(CARD), "model": "card"})

    assert by_body.status_code == 200, by_body.text
    assert by_body.content == by_query.content
    answer = by_body.json()
    assert answer["model_id"] == "card"
    assert answer["kv_cache_bytes_per_token"] == 655_360
    assert "config.json" in answer["model"]["reason"]


async def test_the_answer_for_the_ambiguous_name_says_why_the_card_is_not_used(api: httpx.AsyncClient) -> None:
    answer = await ask(api, "/v1/fit?gpu=h100-sxm&model=deepseek-r1-8b")

    assert answer["kv_cache_bytes_per_token"] == 147_456
    assert "Not planned from the public card" in answer["model"]["reason"]
    assert "overstates the KV cache" in answer["model"]["reason"]


@pytest.mark.parametrize("path", ["/v1/plan", "/v1/memory", "/v1/limits", "/v1/compare"])
async def test_a_config_goes_wherever_a_model_goes(api: httpx.AsyncClient, path: str) -> None:
    machines = {"/v1/limits": {"gpu": ["a100-80gb-sxm"]}, "/v1/compare": {"gpu": ["l4", "rtx-4090"]}}
    answer = await api.get(path, params={"config": json.dumps(LLAMA), **machines.get(path, {})})

    assert answer.status_code == 200, answer.text
    assert answer.json()["model"]["model_id"] == "config"


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"kv_lora_rank": 512}, "kv_lora_rank"),
        ({"num_local_experts": 8}, "num_local_experts"),
        ({"sliding_window": 4096}, "sliding_window"),
        ({"architectures": ["MambaForCausalLM"]}, "architectures"),
        ({"num_key_value_heads": 7}, "num_key_value_heads"),
        ({"vocab_size": "many"}, "vocab_size"),
    ],
)
async def test_a_config_that_is_not_understood_is_refused_with_the_field_that_is_the_reason(
    api: httpx.AsyncClient, config: dict[str, Any], field: str
) -> None:
    answer = await api.post("/v1/fit", json={"gpu": "h100-sxm", "config": {**LLAMA, **config}})
    problem = assert_problem(answer, status=400, code="unsupported_model")
    assert problem["field"] == field


@pytest.mark.parametrize("config", [17, "text", "{", [], [{}, {}], "[1]", {"a": {}}])
async def test_what_is_no_config_at_all_is_refused(api: httpx.AsyncClient, config: object) -> None:
    answer = await api.post("/v1/fit", json={"gpu": "h100-sxm", "config": config})
    assert answer.status_code == 400
    assert answer.json()["allowed"]


async def test_an_added_model_is_listed_and_usable_by_its_name(api: httpx.AsyncClient, change: Change) -> None:
    assert_problem(await api.get("/v1/fit?gpu=l4&model=mine"), status=400, code="unknown_model")

    async def add(session: AsyncSession) -> None:
        await add_model(session, LLAMA, name="mine")

    await change(add)
    listed = [model["model_id"] for model in (await ask(api, "/v1/models"))["items"]]
    assert listed[-1] == "mine"
    assert (await ask(api, "/v1/models/Mine"))["model"]["num_parameters"] == 8_030_261_248
    assert (await ask(api, "/v1/fit?gpu=l4&model=mine"))["model_id"] == "mine"
    assert (await ask(api, "/v1/plan?model=mine"))["model"]["model_id"] == "mine"
    assert (await ask(api, "/v1/ask?q=does mine fit on an L4 at 16k?"))["understood"]["model"] in ("mine", ["mine"])
