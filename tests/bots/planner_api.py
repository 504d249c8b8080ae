"""A small API with the shape of r1plan's, which answers as the test tells it to: late, wrongly, or with a plan."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

Json = dict[str, Any]

OPTION: Json = {
    "rank": 1,
    "model_id": "deepseek-r1-0528-qwen3-8b",
    "checkpoint": {"repository": "RedHatAI/DeepSeek-R1-0528-Qwen3-8B-FP8-dynamic", "published": True},
    "basis": "modelled",
    "gpu": {"gpu_id": "rtx-4090", "name": "RTX 4090", "memory_bytes": 25_292_963_840},
    "gpu_count": 1,
    "tensor_parallel_size": 1,
    "replicas": 1,
    "weight_format": "fp8",
    "kv_cache_dtype": "fp16",
    "engine": "vllm",
    "engine_version": "0.33.0",
    "offer": {
        "offer_id": "lium-rtx4090",
        "provider": "lium",
        "instance_type": "rtx4090.1x",
        "region": "us",
        "pricing": "on_demand",
        "price_kind": "listed",
        "usd_per_hour": 0.35,
        "as_of": "2026-10-12",
        "as_of_basis": "exact",
        "source": "https://lium.io/pricing",
    },
    "usd_per_hour": 0.35,
    "memory": {
        "per_gpu": {
            "usable_bytes": 25_292_963_840,
            "weights_bytes": 9_448_928_051,
            "kv_cache_bytes": 4_831_838_208,
            "activation_bytes": 1_200_000_000,
            "graph_bytes": 300_000_000,
            "runtime_bytes": 700_000_000,
            "headroom_bytes": 8_812_197_581,
        }
    },
    "speed": {
        "basis": "class",
        "ttft_seconds": {"estimate": 0.41, "low": 0.34, "high": 0.49},
        "tokens_per_second_per_user": {"estimate": 93.4, "low": 80.0, "high": 110.0},
    },
    "cost": {"usd_per_month": 255.5, "usd_per_million_output_tokens": {"estimate": 1.041, "low": 0.9, "high": 1.2}},
    "max_context": 92_160,
    "max_batch": 2,
    "quality": {"tier": "near_lossless", "recovery": 0.994, "source": "published by the maker of the checkpoint"},
    "launch": {
        "command": "vllm serve RedHatAI/DeepSeek-R1-0528-Qwen3-8B-FP8-dynamic --max-model-len 32768 --max-num-seqs 1",
        "notes": ["needs vLLM 0.33.0"],
    },
    "warnings": ["the price is 40 days old"],
}

PLAN: Json = {
    "outcome": "plan",
    "request": {
        "context": 32768,
        "batch": 1,
        "model": ["deepseek-r1-8b"],
        "gpu": [],
        "pricing": ["on_demand"],
        "min_quality": "near_lossless",
        "max_usd_per_hour": None,
        "limit": 10,
        "assumed": ["batch", "model", "pricing", "min_quality", "limit"],
    },
    "model": {
        "model_id": "deepseek-r1-0528-qwen3-8b",
        "model_ids": ["deepseek-r1-0528-qwen3-8b"],
        "requested": ["deepseek-r1-8b"],
        "name": "DeepSeek-R1-0528-Qwen3-8B",
        "reason": "two models are called DeepSeek-R1 8B; this is the newer and the larger",
    },
    "inventory": {"revision": 7, "offers": 277, "newest_price": "2026-11-20", "oldest_price": "2026-03-01"},
    "options": [OPTION, {**OPTION, "rank": 2, "gpu_count": 2, "usd_per_hour": 0.7}],
    "indicative": None,
    "rejections": [],
}

INFEASIBLE: Json = {
    **PLAN,
    "outcome": "infeasible",
    "options": [],
    "rejections": [
        {
            "reason": "too_little_memory",
            "count": 42,
            "of": "deployments",
            "message": "the KV cache does not fit beside the weights",
            "nearest": {
                "gpu_id": "rtx-4090",
                "gpu_count": 1,
                "weight_format": "fp8",
                "offer_id": None,
                "needed": 30_000_000_000,
                "available": 25_292_963_840,
                "unit": "bytes",
            },
            "smallest_change": {"field": "context", "value": 16384, "message": "a context of 16384 fits"},
        }
    ],
}


class PlannerApi:
    """A running API, for the length of an `async with` block.

    `answers` maps a path, with POST before it where that is the method, to (status, body). In `queries` the
    values of a parameter that was given several times are joined by commas.
    """

    def __init__(self, answers: Mapping[str, tuple[int, Any]], *, delay_seconds: float = 0.0) -> None:
        self.answers = dict(answers)
        self.delay_seconds = delay_seconds
        self.queries: list[tuple[str, dict[str, str]]] = []
        self.authorizations: list[str | None] = []
        self.bodies: list[tuple[str, Json]] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        # 0 would be for ever: until the last late answer
        self._runner = web.AppRunner(application, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.delay_seconds)
        self.authorizations.append(request.headers.get("Authorization"))
        self.queries.append((request.path, {name: ",".join(request.query.getall(name)) for name in request.query}))
        path = request.path if (cursor := request.query.get("cursor")) is None else f"{request.path}?cursor={cursor}"
        if request.method == "POST":
            self.bodies.append((request.path, await request.json()))
            path = f"POST {request.path}"
        status, body = self.answers.get(path, (404, {"title": "Not Found", "status": 404}))
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/json" if status < 400 else "application/problem+json"
        return web.Response(status=status, body=raw, content_type="text/html" if isinstance(body, bytes) else kind)
