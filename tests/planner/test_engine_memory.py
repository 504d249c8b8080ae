import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engines import Deployment, Engine, memory
from planner.engines.registry import ENGINES
from planner.facts import checkpoint_for, kv_cache_dtypes, models, weight_formats
from planner.gpu import Gpu
from planner.kv_cache import kv_cache_bytes
from planner.memory import noise_bytes, verdict_of
from planner.units import GIB, MIB

LLAMA, QWEN = "deepseek-r1-distill-llama-8b", "deepseek-r1-0528-qwen3-8b"


def make_gpu(gpu_id: str, *, gib: float, capability: tuple[int, int], architecture: str) -> Gpu:
    return Gpu(
        gpu_id=gpu_id,
        name=gpu_id.upper(),
        vendor="nvidia",
        architecture=architecture,
        gpu_class="data_center",
        visible_memory_gib=gib,
        visible_memory_basis="measured",
        compute_capability=capability,
    )


T4 = make_gpu("t4", gib=14.56, capability=(7, 5), architecture="Turing")
A10 = make_gpu("a10", gib=22.06, capability=(8, 6), architecture="Ampere")
H100 = make_gpu("h100-sxm", gib=79.19, capability=(9, 0), architecture="Hopper")
P100 = make_gpu("p100", gib=14.88, capability=(6, 0), architecture="Pascal")


@pytest.mark.parametrize(("model_id", "expected"), [(LLAMA, 4_294_967_296), (QWEN, 4_831_838_208)])
def test_kv_cache_of_32k_tokens_in_fp16(model_id: str, expected: int) -> None:
    assert kv_cache_bytes(models()[model_id], kv_cache_dtypes()["fp16"], tokens=32_768) == expected
    for engine in ENGINES.values():
        held = engine.kv_cache_bytes(
            models()[model_id], kv_cache_dtypes()["fp16"], context=32_768, batch=1, tensor_parallel_size=1
        )
        assert held == expected


@pytest.mark.parametrize(
    ("model_id", "weight_format", "expected"),
    [
        (LLAMA, "bf16", 16_060_522_496),
        (QWEN, "bf16", 16_381_470_720),
        (LLAMA, "q4_k_m", 4_912_898_304),
        (QWEN, "q4_k_m", 5_021_827_072),
    ],
)
def test_stored_weights_are_exact(model_id: str, weight_format: str, expected: int) -> None:
    assert weight_formats()[weight_format].sizes[model_id].stored_bytes == expected


def test_fp16_and_bf16_are_two_formats_of_the_same_bytes() -> None:
    formats = weight_formats()
    for model_id in (LLAMA, QWEN):
        assert formats["fp16"].sizes[model_id].stored_bytes == formats["bf16"].sizes[model_id].stored_bytes


def test_llama_cpp_holds_32k_tokens_of_q8_0_as_llama_cpp_itself_does() -> None:
    deployment = Deployment(
        model=models()[LLAMA],
        weight_format=weight_formats()["q4_k_m"],
        kv_cache_dtype=kv_cache_dtypes()["q8_0"],
        gpu=A10,
        context=32_768,
        batch=1,
    )
    found = memory(ENGINES["llama.cpp"], deployment)
    assert found.kv_cache_bytes == 2176 * MIB
    assert round(found.activation_bytes / MIB, 2) == 192.09
    assert round(found.weights_bytes / MIB, 2) == 4403.49


def test_the_parts_and_the_headroom_add_up_to_the_usable_memory() -> None:
    for engine in ENGINES.values():
        found = memory(
            engine,
            Deployment(
                model=models()[QWEN],
                weight_format=weight_formats()["q8_0"] if engine.engine == "llama.cpp" else weight_formats()["fp8"],
                kv_cache_dtype=kv_cache_dtypes()["fp16"],
                gpu=H100,
                context=8192,
                batch=7,
            ),
        )
        parts = found.weights_bytes + found.kv_cache_bytes + found.activation_bytes + found.graph_bytes
        assert parts + found.runtime_bytes + found.headroom_bytes == found.usable_bytes == H100.memory_bytes


@given(
    engine=st.sampled_from([*ENGINES.values()]),
    model_id=st.sampled_from([LLAMA, QWEN]),
    dtype=st.sampled_from(["fp16", "bf16", "fp8", "q8_0", "q4_0", "nvfp4"]),
    gpu=st.sampled_from([T4, A10, H100]),
    context=st.integers(1, 131_072),
    batch=st.integers(1, 600),
    more_context=st.integers(0, 4_000),
    more_batch=st.integers(0, 300),
)
def test_more_context_or_batch_never_needs_less(
    *,
    engine: Engine,
    model_id: str,
    dtype: str,
    gpu: Gpu,
    context: int,
    batch: int,
    more_context: int,
    more_batch: int,
) -> None:
    model, cache = models()[model_id], kv_cache_dtypes()[dtype]
    for size in engine.tensor_parallel_sizes(model):

        def needed(context: int, batch: int, *, size: int = size, engine: Engine = engine) -> tuple[int, int]:
            held = engine.kv_cache_bytes(model, cache, context=context, batch=batch, tensor_parallel_size=size)
            beside = engine.overhead(model, cache, gpu, context=context, batch=batch, tensor_parallel_size=size)
            return held, held + beside.total_bytes

        kv_before, all_before = needed(context, batch)
        kv_after, all_after = needed(min(131_072, context + more_context), batch + more_batch)
        assert kv_before <= kv_after
        assert all_before <= all_after


def test_the_largest_rounding_of_micro_batches_is_planned() -> None:
    model, cache = models()[LLAMA], kv_cache_dtypes()["fp16"]
    sizes = [
        ENGINES["llama.cpp"]
        .overhead(model, cache, H100, context=4096, batch=batch, tensor_parallel_size=1)
        .activation_bytes
        for batch in range(1, 257)
    ]
    assert sizes == sorted(sizes)


def test_a_turing_card_runs_fp16_but_neither_bf16_nor_an_fp8_cache() -> None:
    vllm, formats, caches = ENGINES["vllm"], weight_formats(), kv_cache_dtypes()
    assert vllm.supports(formats["fp16"], caches["fp16"], T4).runs
    assert not vllm.supports(formats["bf16"], caches["bf16"], T4).runs
    assert "8.0" in vllm.supports(formats["fp16"], caches["fp8"], T4).reason


def test_an_fp8_cache_on_ampere_names_its_attention_backend() -> None:
    vllm, formats, caches = ENGINES["vllm"], weight_formats(), kv_cache_dtypes()
    support = vllm.supports(formats["w4a16"], caches["fp8"], A10)
    assert support.runs
    assert "FlashInfer" in support.note
    deployment = Deployment(
        model=models()[LLAMA],
        weight_format=formats["w4a16"],
        kv_cache_dtype=caches["fp8"],
        gpu=A10,
        context=32_768,
        batch=2,
    )
    command = vllm.launch(deployment, checkpoint_for(LLAMA, "w4a16")).command
    assert "--attention-backend FLASHINFER" in command


@pytest.mark.parametrize(
    ("engine", "weight_format", "gpu"),
    [
        ("vllm", "q4_k_m", H100),
        ("vllm", "bnb_nf4", H100),
        ("llama.cpp", "nvfp4", H100),
        ("llama.cpp", "bf16", H100),
        ("vllm", "fp16", P100),
    ],
)
def test_a_pair_that_does_not_run_says_why(engine: str, weight_format: str, gpu: Gpu) -> None:
    support = ENGINES[engine].supports(weight_formats()[weight_format], kv_cache_dtypes()["fp16"], gpu)
    assert not support.runs
    assert support.reason


def test_pascal_runs_llama_cpp() -> None:
    assert ENGINES["llama.cpp"].supports(weight_formats()["q4_k_m"], kv_cache_dtypes()["q8_0"], P100).runs


@pytest.mark.parametrize("replicas", [1, 4])
@pytest.mark.parametrize(("engine", "weight_format"), [("vllm", "fp8"), ("vllm", "int8"), ("llama.cpp", "q5_k_l")])
def test_a_launch_command_is_bash_and_states_what_was_planned(engine: str, weight_format: str, replicas: int) -> None:
    deployment = Deployment(
        model=models()[QWEN],
        weight_format=weight_formats()[weight_format],
        kv_cache_dtype=kv_cache_dtypes()["fp16"],
        gpu=H100,
        context=10_000,
        batch=3,
        replicas=replicas,
    )
    checkpoint = checkpoint_for(QWEN, weight_format)
    launch = ENGINES[engine].launch(deployment, checkpoint)
    subprocess.run(["bash", "-n"], input=launch.command, text=True, check=True)
    if engine == "vllm":
        assert "--max-model-len 10000" in launch.command
        assert "--max-num-seqs 3" in launch.command
        assert '"attention_factor": 1.0' in launch.command
    else:
        assert "-c 30720 -np 3" in launch.command
    assert checkpoint.published or any("llm-compressor" in n or "llama-quantize" in n for n in launch.notes)


def test_vllm_never_takes_fewer_tokens_a_step_than_sequences() -> None:
    deployment = Deployment(
        model=models()[LLAMA],
        weight_format=weight_formats()["w4a16"],
        kv_cache_dtype=kv_cache_dtypes()["fp16"],
        gpu=A10,
        context=16,
        batch=3000,
    )
    command = ENGINES["vllm"].launch(deployment, checkpoint_for(LLAMA, "w4a16")).command
    assert "--max-num-batched-tokens 3000" in command


def test_a_headroom_within_the_noise_is_tight_on_either_side() -> None:
    verdicts = [verdict_of(int(gib * GIB), margin_bytes=noise_bytes(GIB)) for gib in (0.2, 0.1, -0.1, -0.2)]
    assert verdicts == ["fits", "tight", "tight", "does_not_fit"]
    assert verdict_of(GIB, margin_bytes=noise_bytes(20 * GIB)) == "tight"
