"""The largest context and the largest batch are exact: they fit, and one more does not."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from planner import Gpu, kv_cache_dtypes, models, weight_formats
from planner.capacity import max_batch, max_context
from planner.engines import Deployment, Engine, memory
from planner.engines.registry import ALL_ENGINES
from planner.request import MAX_BATCH

_MODELS = [models()[name] for name in ("deepseek-r1-0528-qwen3-8b", "deepseek-r1-distill-llama-8b")]
_FORMATS = ("bf16", "fp8", "awq", "q4_k_m", "q8_0", "iq2_m", "gguf_f16")
_DTYPES = ("fp16", "fp8", "q8_0", "q4_0")
_CARD = Gpu(
    gpu_id="h100-sxm",
    name="H100 SXM",
    vendor="nvidia",
    architecture="Hopper",
    gpu_class="data_center",
    visible_memory_gib=79.19,
    visible_memory_basis="measured",
    compute_capability=(9, 0),
)
_GIB = st.sampled_from([7.63, 11.63, 14.56, 15.6, 22.03, 23.52, 31.36, 44.31, 79.19, 139.8, 178.35])


def _fits(engine: Engine, deployment: Deployment) -> bool:
    return memory(engine, deployment).verdict == "fits"


@st.composite
def runnings(draw: st.DrawFn) -> tuple[Engine, Deployment, float]:
    """Return an engine, what it runs, and the GiB of the card that it runs on."""
    engine = draw(st.sampled_from(list(ALL_ENGINES.values())))
    model = draw(st.sampled_from(_MODELS))
    size = draw(st.sampled_from([1, 2, 4, 8]))
    assume(size in engine.tensor_parallel_sizes(model))
    deployment = Deployment(
        model=model,
        weight_format=weight_formats()[draw(st.sampled_from(_FORMATS))],
        kv_cache_dtype=kv_cache_dtypes()[draw(st.sampled_from(_DTYPES))],
        gpu=_CARD,
        context=draw(st.integers(1, 131_072)),
        batch=draw(st.integers(1, 200)),
        tensor_parallel_size=size,
    )
    assume(engine.supports(deployment.weight_format, deployment.kv_cache_dtype, deployment.gpu).runs)
    return engine, deployment, draw(_GIB)


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(runnings())
def test_the_largest_that_fits_is_the_last_that_fits(running: tuple[Engine, Deployment, float]) -> None:
    engine, planned, gib = running
    deployment = replace(planned, gpu=replace(_CARD, visible_memory_gib=gib))
    longest = max_context(engine, deployment)
    assert longest == 0 or _fits(engine, replace(deployment, context=longest))
    if longest < deployment.model.max_position_embeddings:
        assert not _fits(engine, replace(deployment, context=longest + 1))
    most = max_batch(engine, deployment, gpu_count=deployment.tensor_parallel_size)
    assert most == 0 or _fits(engine, replace(deployment, batch=most))
    if most < min(MAX_BATCH, engine.max_sequences or MAX_BATCH):
        assert not _fits(engine, replace(deployment, batch=most + 1))
