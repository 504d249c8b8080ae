"""The largest context and the largest batch are exact: they fit, and one more does not."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from planner import Gpu, models, weight_formats
from planner.capacity import max_batch, max_context
from planner.engines import Deployment, Engine, verdict
from planner.engines.registry import ALL_ENGINES, make_engine
from planner.facts import kv_cache_dtypes
from planner.request import MAX_BATCH
from planner.units import GIB
from tests.planner import inventories

SETTINGS: dict[str, list[dict[str, Any]]] = {
    "vllm": [
        {},
        {},
        {"gpu_memory_utilization": 0.98},
        {"kv_cache_memory_bytes": 4 * GIB},
        {"max_num_batched_tokens": 64},
    ],
    "sglang": [{}, {"mem_fraction_static": 0.95}, {"disable_cuda_graph": True}],
    "tensorrt-llm": [{}, {"free_gpu_memory_fraction": 0.99}, {"max_batch_size": 32}],
    "llama.cpp": [{}, {"n_ubatch": 64}, {"flash_attn": False}, {"n_gpu_layers": 20}],
    "ollama": [{}, {"gpu_overhead": GIB}],
}


@st.composite
def deployments(draw: st.DrawFn) -> tuple[Engine, Deployment, int]:
    """Return something that runs: an engine of some settings, a deployment under it, and the GPUs of its machine."""
    name = draw(st.sampled_from(sorted(ALL_ENGINES)))
    engine = make_engine(name, settings=draw(st.sampled_from(SETTINGS[name])))
    card = draw(inventories.gpu("any"))
    pairs = _pairs(engine, card)
    assume(pairs)
    model = draw(st.sampled_from(list(models().values())))
    size = draw(st.sampled_from(engine.tensor_parallel_sizes(model)))
    copies = draw(st.integers(1, 3))
    weight_format, kv_cache_dtype = draw(st.sampled_from(pairs))
    deployment = Deployment(
        model=model,
        weight_format=weight_formats()[weight_format],
        kv_cache_dtype=kv_cache_dtypes()[kv_cache_dtype],
        gpu=card,
        context=draw(st.integers(1, model.max_position_embeddings)),
        batch=draw(st.integers(1, min(64, engine.max_sequences or 64))),
        tensor_parallel_size=size,
        replicas=copies,
    )
    return engine, deployment, size * copies


def _pairs(engine: Engine, card: Gpu) -> list[tuple[str, str]]:
    """Return the weight formats and KV cache dtypes that run together on a card."""
    return [
        (weight.weight_format, cache.kv_cache_dtype)
        for weight in weight_formats().values()
        if engine.engine in weight.nvidia_floor
        for cache in kv_cache_dtypes().values()
        if engine.engine in cache.engines and engine.supports(weight, cache, card).runs
    ]


@settings(max_examples=2_000)
@given(drawn=deployments())
def test_the_largest_context_and_batch_fit_and_one_more_does_not(drawn: tuple[Engine, Deployment, int]) -> None:
    engine, deployment, gpu_count = drawn
    context, batch = max_context(engine, deployment), max_batch(engine, deployment, gpu_count=gpu_count)
    held, rest = divmod(batch, deployment.replicas)

    assert rest == 0
    if context:
        assert verdict(engine, replace(deployment, context=context)) == "fits"
    if context < deployment.model.max_position_embeddings:
        assert verdict(engine, replace(deployment, context=context + 1)) != "fits"
    if held:
        assert verdict(engine, replace(deployment, batch=held)) == "fits"
    if held < min(MAX_BATCH // deployment.replicas, engine.max_sequences or MAX_BATCH):
        assert verdict(engine, replace(deployment, batch=held + 1)) != "fits"
