"""No figure is faster than the memory bus or the arithmetic units allow, on any GPU."""

import numpy as np
import pytest

from planner import Gpu, SpeedGrid, Work, kv_cache_dtypes, models, weight_formats
from planner.kv_cache import kv_cache_bytes_per_token
from planner.tensors import block_elements, embedding_elements
from planner.weight_format import WeightFormat
from tests.planner.speed.seeded_gpus import seeded_gpus

BATCHES = (1, 2, 8, 9, 64, 256, 1024)
WORKS = (
    Work(prompt_tokens=1, output_tokens=1),
    Work(prompt_tokens=512, output_tokens=512),
    Work(prompt_tokens=24_000, output_tokens=8_000),
)


def unit_peak(gpu: Gpu, weight_format: WeightFormat) -> float:
    """Return the peak of the fastest unit that could multiply these weights, in operations per second."""
    sixteen = gpu.fp16_dense_tflops or {"gb10": 125.0, "rtx-pro-5000-blackwell": 258.0}[gpu.gpu_id]
    narrow = {"gb10": 250.0, "rtx-pro-5000-blackwell": 517.0}.get(gpu.gpu_id, 0.0)
    four = {"gb10": 500.0, "rtx-pro-5000-blackwell": 1034.0}.get(gpu.gpu_id, gpu.fp4_dense_tflops or 0.0)
    if weight_format.weight_format in {"bf16", "fp16"}:
        return sixteen * 1e12
    if weight_format.weight_format in {"gguf_f16", "gguf_bf16"}:
        return (2 if gpu.gpu_class == "consumer" or gpu.gpu_id == "gb10" else 1) * sixteen * 1e12
    if weight_format.family == "w4a16":
        return sixteen * 1e12
    if weight_format.family in {"fp8", "mxfp8"}:
        return max(sixteen, gpu.fp8_dense_tflops or narrow) * 1e12
    if weight_format.family in {"int8", "gguf"}:
        return max(sixteen, gpu.int8_dense_tflops or narrow) * 1e12
    return max(sixteen, four) * 1e12


@pytest.mark.parametrize("tensor_parallel_size", [1, 4])
@pytest.mark.parametrize("engine", ["vllm", "sglang", "tensorrt-llm", "llama.cpp", "ollama"])
@pytest.mark.parametrize("work", WORKS, ids=lambda work: f"{work.prompt_tokens}+{work.output_tokens}")
def test_nothing_is_faster_than_the_bus_and_the_units(engine: str, work: Work, tensor_parallel_size: int) -> None:
    gpus = seeded_gpus()
    model = models()["deepseek-r1-0528-qwen3-8b"]
    is_gguf = engine in {"llama.cpp", "ollama"}
    formats = [found for found in weight_formats().values() if found.is_gguf == is_gguf and found.sizes]
    dtypes = [found for found in kv_cache_dtypes().values() if engine in found.engines]
    grid = SpeedGrid(
        engine=engine,
        model=model,
        gpus=gpus,
        weight_formats=formats,
        kv_cache_dtypes=dtypes,
        tensor_parallel_size=tensor_parallel_size,
        batch=BATCHES,
        work=work,
    )
    ttft, tpot = grid.figures["ttft_seconds"], grid.figures["tpot_seconds"]
    assert np.isfinite(tpot).any(axis=(0, 2, 3)).sum() >= 55
    depth = work.prompt_tokens + work.output_tokens / 2
    table = 2 * embedding_elements(model)
    parameters = block_elements(model) + embedding_elements(model)
    for row, gpu in enumerate(gpus):
        bus = (gpu.memory_bandwidth_gb_per_s or 0.0) * 1e9 * tensor_parallel_size
        for column, weight_format in enumerate(formats):
            if grid.reason(row, column):
                assert np.isnan(tpot[:, row, column]).all()
                continue
            size = weight_format.sizes[model.model_id]
            weights = size.stored_bytes - (size.host_bytes or table)
            units = unit_peak(gpu, weight_format) * tensor_parallel_size
            assert (ttft[:, row, column] * units >= 2 * block_elements(model) * work.prompt_tokens).all()
            for depth_index, dtype in enumerate(dtypes):
                for batch_index, batch in enumerate(BATCHES):
                    seconds = tpot[batch_index, row, column, depth_index]
                    cache = batch * depth * kv_cache_bytes_per_token(model, dtype)
                    assert seconds * bus >= weights + cache
                    assert seconds * units >= 2 * parameters * batch
                    throughput = grid.figures["tokens_per_second"][batch_index, row, column, depth_index]
                    assert throughput * seconds <= batch * (1 + 1e-9) or batch == 1


@pytest.mark.parametrize("gpu_id", ["gaudi3", "mi300x", "arc-b580"])
def test_what_was_never_measured_has_no_figure_but_a_reason(gpu_id: str) -> None:
    gpus = [gpu for gpu in seeded_gpus() if gpu.gpu_id == gpu_id]
    grid = SpeedGrid(
        engine="vllm",
        model=models()["deepseek-r1-0528-qwen3-8b"],
        gpus=gpus,
        weight_formats=[weight_formats()["bf16"]],
        kv_cache_dtypes=[kv_cache_dtypes()["fp16"]],
        tensor_parallel_size=1,
        batch=1,
        work=Work(prompt_tokens=512, output_tokens=512),
    )
    speed = grid.speed(0, 0, 0)
    assert speed.basis is None
    assert speed.tokens_per_second is None
    assert "NVIDIA's figures do not price it" in speed.reason
