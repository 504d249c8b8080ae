"""Generations of serving engines: what changed the speed of one engine over its versions."""

import re
from typing import Literal

from msgspec import Struct

_MINOR = re.compile(r"0\.(\d+)")
_V1_WITHOUT_HOST_STALLS = 20
_PAPER_OF_2024 = "2024"


class Generation(Struct, frozen=True, kw_only=True):
    """A generation of an engine; engines of one `family` share their kernels.

    `prefill_chunk_tokens` is the most prompt tokens of one forward pass, `max_running` the most sequences that its
    scheduler runs at once by default. Without `flash_attention` scores go through memory. Up to
    `vector_kernel_sequences` a decode step multiplies sequence by sequence, not in the tensor units' tiles.
    An engine that `splits_layers` over several GPUs uses them in turn, the others use them at once.
    `host` names where the processor's work on each sequence goes: between the GPU's steps, partly beside them, or
    wholly behind them.
    """

    name: str
    family: str
    host: Literal["between", "beside", "behind"]
    prefill_chunk_tokens: float
    max_running: float
    flash_attention: bool = True
    vector_kernel_sequences: float = 0.0
    splits_layers: bool = False


_GENERATIONS = {
    generation.name: generation
    for generation in (
        Generation(name="vllm_2024", host="between", family="vllm", prefill_chunk_tokens=8192, max_running=256),
        Generation(name="vllm_v0", host="between", family="vllm", prefill_chunk_tokens=8192, max_running=256),
        Generation(name="vllm_v1", host="beside", family="vllm", prefill_chunk_tokens=8192, max_running=2048),
        Generation(name="vllm_v1_2026", host="behind", family="vllm", prefill_chunk_tokens=8192, max_running=2048),
        Generation(name="sglang", host="behind", family="vllm", prefill_chunk_tokens=8192, max_running=2048),
        Generation(
            name="tensorrt_llm_2024", host="beside", family="tensorrt_llm", prefill_chunk_tokens=8192, max_running=2048
        ),
        Generation(
            name="tensorrt_llm", host="behind", family="tensorrt_llm", prefill_chunk_tokens=8192, max_running=2048
        ),
        Generation(
            name="llama_cpp_2024",
            host="beside",
            family="llama_cpp",
            prefill_chunk_tokens=512,
            max_running=2048,
            flash_attention=False,
            vector_kernel_sequences=8,
            splits_layers=True,
        ),
        Generation(
            name="llama_cpp",
            host="beside",
            family="llama_cpp",
            prefill_chunk_tokens=512,
            max_running=2048,
            vector_kernel_sequences=8,
            splits_layers=True,
        ),
        Generation(
            name="llamafile",
            host="beside",
            family="llama_cpp",
            prefill_chunk_tokens=512,
            max_running=2048,
            flash_attention=False,
            vector_kernel_sequences=8,
            splits_layers=True,
        ),
    )
}
_CURRENT = {
    "vllm": "vllm_v1_2026",
    "sglang": "sglang",
    "tensorrt-llm": "tensorrt_llm",
    "llama.cpp": "llama_cpp",
    "ollama": "llama_cpp",
}


def current_generation(engine: str) -> Generation | str:
    """Return the generation that the planner's launch commands run, or why `engine` has no basis."""
    name = _CURRENT.get(engine)
    return f"no measured case of the engine {engine} is calibrated" if name is None else _GENERATIONS[name]


def is_current(engine: str, engine_version: str) -> bool:
    """Return whether that version of an engine is as fast as the one whose launch commands the planner gives.

    Only vLLM's versions are told apart.
    """
    if engine != "vllm":
        return True
    return measured_generation("vllm-v1", engine_version) == current_generation(engine)


def measured_generation(engine_family: str, engine_version: str | None) -> Generation | str:
    """Return the generation of a measured case's engine, or why it cannot be predicted."""
    version = engine_version or ""
    if engine_family == "vllm-v1":
        minor = _MINOR.match(version)
        newest = minor is not None and int(minor[1]) >= _V1_WITHOUT_HOST_STALLS
        return _GENERATIONS["vllm_v1_2026" if newest else "vllm_v1"]
    names = {
        "vllm-v0": "vllm_2024" if _PAPER_OF_2024 in version else "vllm_v0",
        "trtllm": "tensorrt_llm_2024" if _PAPER_OF_2024 in version else "tensorrt_llm",
        "sglang": "sglang",
        "llamacpp": "llama_cpp_2024",
        "llamacpp-new": "llama_cpp",
        "llamafile": "llamafile",
    }
    name = names.get(engine_family)
    return "engine that is not calibrated" if name is None else _GENERATIONS[name]
