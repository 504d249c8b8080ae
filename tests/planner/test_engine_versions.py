import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import engines
from planner.engines import Deployment, Engine, kv_token_capacity, memory
from planner.engines.registry import ALL_ENGINES, make_engine
from planner.engines.versions import parse_version
from planner.errors import InvalidRequest, UnknownEngine
from planner.facts import checkpoint_for, kv_cache_dtypes, models, weight_formats
from planner.gpu import Gpu
from planner.model import ModelSpec
from planner.units import GIB

QWEN = "deepseek-r1-0528-qwen3-8b"
H100 = Gpu(
    gpu_id="h100-sxm",
    name="H100",
    vendor="nvidia",
    architecture="Hopper",
    gpu_class="data_center",
    visible_memory_gib=79.19,
    visible_memory_basis="measured",
    compute_capability=(9, 0),
)


def make_deployment(engine: Engine, *, context: int = 32_768, batch: int = 8, size: int = 1) -> Deployment:
    is_gguf = engine.engine in {"llama.cpp", "ollama"}
    return Deployment(
        model=models()[QWEN],
        weight_format=weight_formats()["q4_k_m" if is_gguf else "bf16"],
        kv_cache_dtype=kv_cache_dtypes()["fp16"],
        gpu=H100,
        context=context,
        batch=batch,
        tensor_parallel_size=size,
    )


@pytest.mark.parametrize(
    ("text", "version"),
    [("0.33.0", (0, 33, 0)), ("v0.6.3.post1", (0, 6, 3)), ("0.19.x (2026-02)", (0, 19, 99)), ("0.7", (0, 7, 99))],
)
def test_a_series_without_a_patch_is_its_last_release(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize("version", ["0.2.0", "0.99", "latest", "", pytest.param("9" * 5000, id="5,000 digits")])
def test_a_version_without_rules_is_refused(version: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        make_engine("vllm", engine_version=version or " ")
    assert caught.value.field == "engine_version"


def test_an_unknown_engine_or_setting_is_refused_by_name() -> None:
    with pytest.raises(UnknownEngine) as unknown:
        make_engine("vlm")
    assert "vllm" in unknown.value.nearest
    with pytest.raises(InvalidRequest) as wrong:
        make_engine("vllm", settings={"gpu_memory": 0.9})
    assert "gpu_memory_utilization" in wrong.value.allowed


@pytest.mark.parametrize(
    ("settings", "field"),
    [({"max_num_seqs": 4}, "max_num_seqs"), ({"max_num_batched_tokens": 2}, "max_num_batched_tokens")],
)
def test_settings_below_the_batch_are_refused(settings: dict[str, object], field: str) -> None:
    engine = make_engine("vllm", settings=settings)
    with pytest.raises(InvalidRequest) as caught:
        memory(engine, make_deployment(engine))
    assert caught.value.field == field


def test_the_sampler_of_older_versions_takes_more_for_many_sequences() -> None:
    peaks = [
        make_engine("vllm", engine_version=version, settings={"max_num_seqs": 1024})
        .overhead(models()[QWEN], kv_cache_dtypes()["fp16"], H100, context=8192, batch=8, tensor_parallel_size=1)
        .activation_bytes
        / GIB
        for version in ("0.16.0", "0.19.0")
    ]
    assert [round(peak, 1) for peak in peaks] == [5.6, 2.2]


def test_given_settings_change_memory_and_stand_in_the_command() -> None:
    engine = make_engine("vllm", settings={"gpu_memory_utilization": 0.5, "max_num_seqs": 256, "enforce_eager": True})
    deployment = make_deployment(engine)
    found = memory(engine, deployment)
    assert found.graph_bytes == 0
    assert found.runtime_bytes > 0.5 * H100.memory_bytes
    command = engine.launch(deployment, checkpoint_for(QWEN, "bf16")).command
    for words in ("--gpu-memory-utilization 0.50", "--max-num-seqs 256", "--enforce-eager"):
        assert words in command


def test_an_overcommitted_card_fails_the_physical_test_only() -> None:
    engine = make_engine("vllm", settings={"gpu_memory_utilization": 1.0})
    budget, card = engines.tests_of(engine, make_deployment(engine))
    assert budget.verdict == "fits"
    assert card.verdict == "does_not_fit"


@pytest.mark.parametrize("name", [*ALL_ENGINES])
def test_every_engine_plans_into_both_of_its_limits(name: str) -> None:
    engine = ALL_ENGINES[name]
    deployment = make_deployment(engine)
    budget, card = engines.tests_of(engine, deployment)
    assert (budget.verdict, card.verdict) == ("fits", "fits")
    assert kv_token_capacity(engine, deployment) > 8 * 32_768


@pytest.mark.parametrize("name", [*ALL_ENGINES])
@pytest.mark.parametrize("replicas", [1, 2])
def test_every_engines_command_is_bash(name: str, replicas: int) -> None:
    engine = ALL_ENGINES[name]
    deployment = Deployment(
        model=models()[QWEN],
        weight_format=make_deployment(engine).weight_format,
        kv_cache_dtype=kv_cache_dtypes()["fp16"],
        gpu=H100,
        context=20_000,
        batch=3,
        replicas=replicas,
    )
    launch = engine.launch(deployment, checkpoint_for(QWEN, deployment.weight_format.weight_format))
    subprocess.run(["bash", "-n"], input=launch.command, text=True, check=True)
    assert "20000" in launch.command or "60672" in launch.command


@given(
    name=st.sampled_from([*ALL_ENGINES]),
    context=st.integers(1, 131_072),
    batch=st.integers(1, 300),
    more_context=st.integers(0, 5_000),
    more_batch=st.integers(0, 100),
)
def test_no_engine_needs_less_for_more(
    *, name: str, context: int, batch: int, more_context: int, more_batch: int
) -> None:
    engine, model, cache = ALL_ENGINES[name], models()[QWEN], kv_cache_dtypes()["fp16"]

    def needed(model: ModelSpec, context: int, batch: int) -> int:
        held = engine.kv_cache_bytes(model, cache, context=context, batch=batch, tensor_parallel_size=1)
        beside = engine.overhead(model, cache, H100, context=context, batch=batch, tensor_parallel_size=1)
        return held + beside.total_bytes

    longer = min(131_072, context + more_context)
    assert needed(model, context, batch) <= needed(model, longer, batch + more_batch)


@given(version=st.sampled_from(["0.6.6", "0.7.3", "0.8.5", "0.11.0", "0.16.0", "0.19.0", "0.24.0", "0.28.0", "0.31.0"]))
def test_more_context_never_needs_less_in_any_version_of_vllm(version: str) -> None:
    engine, model, cache = make_engine("vllm", engine_version=version), models()[QWEN], kv_cache_dtypes()["fp16"]
    sizes = [
        engine.kv_cache_bytes(model, cache, context=context, batch=4, tensor_parallel_size=1)
        + engine.overhead(model, cache, H100, context=context, batch=4, tensor_parallel_size=1).total_bytes
        for context in (1_000, 8_192, 32_768, 32_784, 65_536)
    ]
    assert sizes == sorted(sizes)


def test_llama_cpp_splits_layers_over_gpus_and_leaves_some_in_host_memory() -> None:
    whole, part = make_engine("llama.cpp"), make_engine("llama.cpp", settings={"n_gpu_layers": 10})
    alone = memory(whole, make_deployment(whole))
    half = memory(whole, make_deployment(whole, size=2))
    partly = memory(part, make_deployment(part))
    assert half.weights_bytes < 0.6 * alone.weights_bytes
    assert half.kv_cache_bytes < 0.6 * alone.kv_cache_bytes
    assert partly.kv_cache_bytes * 4 == alone.kv_cache_bytes
    assert partly.weights_bytes < alone.weights_bytes / 2


def test_quantized_keys_and_values_need_flash_attention() -> None:
    engine = make_engine("llama.cpp", settings={"flash_attn": False})
    support = engine.supports(weight_formats()["q4_k_m"], kv_cache_dtypes()["q8_0"], H100)
    assert not support.runs
    assert "flash attention" in support.reason
