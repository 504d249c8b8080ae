"""How vLLM's accounting of memory changed from version to version.

Read in the wheels 0.6.6, 0.7.3, 0.8.5, 0.9.2, 0.11.0, 0.16.0, 0.17.1, 0.19.0, 0.21.0, 0.23.0, 0.24.0, 0.28.0, 0.31.0
and 0.33.0; coefficients that the source does not state are fits, and say so.
"""

import math
from typing import Literal

from planner.engines.versions import Version
from planner.gpu import Gpu
from planner.model import ModelSpec
from planner.units import GIB, MIB

OLDEST: Version = (0, 5, 4)
NEWEST = "0.33.0"

Runner = Literal["v0", "v0_chunked", "v1", "v2"]
"""Which code profiles memory: engine V0, V0 with chunked prefill, or engine V1's first or second model runner."""

_CHUNKS_OF_2048 = (0, 6, 5)
_TRITON_SAMPLER = (0, 17)
_FLASHINFER_SAMPLER = (0, 21)
_GRAPHS_COUNTED = (0, 21)
_RUNNER_V2_SOME_MODELS = (0, 23)
_RUNNER_V2_QUANTIZED_TOO = (0, 24)
_RUNNER_V2_ALL_DENSE = (0, 25)
_RUNNER_V2_COUNTS_PERSISTENT = (0, 28)
_RUNNER_V2_LEAVES_LOGITS = (0, 28)
_RUNNER_V2_COUNTS_GRAPHS = (0, 31)
_RUNNER_V2_WARMS_SAMPLER = (0, 33)
_NON_TORCH_GREW = (0, 18)
_CONTEXT_OUTSIDE_BUDGET = (0, 6, 6)
_UTILIZATION_RAISED = (0, 21)
_RUNNER_V2_FIRST_MODELS = {"LlamaForCausalLM", "MistralForCausalLM", "Qwen3ForCausalLM"}
_CHUNKED_PREFILL_ABOVE = 32768
_LARGE_CARD_BYTES = 70 * GIB
_LARGEST_CARD_BYTES = 160 * GIB
_FP32_BYTES = 4
_SORT_BYTES = 36
_FILTER_BYTES = 12
_DATA_CENTER = {"Hopper", "Blackwell", "Blackwell Ultra"}
FIRST_START_BYTES = 95 * GIB // 100


def choose_runner(version: Version, *, model: ModelSpec, max_model_len: int, is_quantized: bool) -> Runner:
    """Return what profiles memory by default: V0 up to 0.7, V1 from 0.8, its second runner from 0.23 on."""
    if version < (0, 8):
        return "v0_chunked" if max_model_len > _CHUNKED_PREFILL_ABOVE else "v0"
    if version >= _RUNNER_V2_ALL_DENSE:
        return "v2"
    if model.architecture in _RUNNER_V2_FIRST_MODELS and version >= _RUNNER_V2_SOME_MODELS:
        return "v2" if version >= _RUNNER_V2_QUANTIZED_TOO or not is_quantized else "v1"
    return "v1"


def default_utilization(version: Version) -> float:
    """Return the default of `--gpu-memory-utilization`."""
    return 0.92 if version >= _UTILIZATION_RAISED else 0.90


def default_max_num_seqs(version: Version, gpu: Gpu, total_bytes: int) -> int:
    """Return the default of `--max-num-seqs` for a server on a card of `total_bytes`."""
    if version < (0, 8):
        return 256
    return 1024 if _is_large(version, gpu, total_bytes) else 256


def default_max_num_batched_tokens(
    version: Version, gpu: Gpu, total_bytes: int, *, runner: Runner, max_model_len: int
) -> int:
    """Return the default of `--max-num-batched-tokens` for a server; V0 takes a whole prompt unless it chunks."""
    if runner == "v0":
        return max(max_model_len, 2048)
    if runner == "v0_chunked":
        return 512 if version < _CHUNKS_OF_2048 else 2048
    if total_bytes >= _LARGEST_CARD_BYTES and version >= (0, 25):
        return 16384
    return 8192 if _is_large(version, gpu, total_bytes) else 2048


def _is_large(version: Version, gpu: Gpu, total_bytes: int) -> bool:
    if total_bytes < _LARGE_CARD_BYTES or gpu.compute_capability == (12, 1):
        return False
    return version < (0, 9) or not gpu.gpu_id.startswith("a100")


def sampler_bytes_per_logit(version: Version, runner: Runner, *, value_bytes: int) -> int:
    """Return what the sampler's dummy pass holds for each logit at its peak; `value_bytes` is the model dtype's.

    Up to 0.16 a sort: logits, their fp32 copy, sorted values and int64 indices, and the sort's copies of both. From
    0.17 a filter in place: logits, fp32 copy, probabilities and noise. Runner V2 samples without top-k and top-p in
    its dummy pass; up to 0.27 it copies the logits to fp32, then not even that, and from 0.33 it exercises all.
    """
    if runner == "v0_chunked":
        return 0
    if runner == "v2":
        if version >= _RUNNER_V2_WARMS_SAMPLER:
            return value_bytes + _FILTER_BYTES
        return value_bytes + (0 if version >= _RUNNER_V2_LEAVES_LOGITS else _FP32_BYTES)
    return value_bytes + (_SORT_BYTES if version < _TRITON_SAMPLER else _FILTER_BYTES)


def sampler_buffer_bytes(version: Version, runner: Runner, model: ModelSpec, gpu: Gpu, *, rows: int) -> int:
    """Return the Triton top-k kernel's buffer: an fp32 row of logits for each multiprocessor (0.17 to 0.20)."""
    if runner != "v1" or version < _TRITON_SAMPLER:
        return 0
    if version >= _FLASHINFER_SAMPLER and gpu.compute_capability is not None and gpu.compute_capability >= (8, 0):
        return 0
    return _FP32_BYTES * min(multiprocessors(gpu), rows) * model.vocab_size


def persistent_bytes(version: Version, runner: Runner, model: ModelSpec, *, rows: int) -> int:
    """Return runner V2's penalty tables, an int32 and a bit for each logit; counted by the profile from 0.28 on."""
    if runner != "v2" or version < _RUNNER_V2_COUNTS_PERSISTENT:
        return 0
    return rows * (_FP32_BYTES * model.vocab_size + math.ceil(model.vocab_size / 8))


def counts_graphs(version: Version, runner: Runner) -> bool:
    """Return whether the profile subtracts an estimate of the CUDA graphs; before that they came on top."""
    return version >= (_RUNNER_V2_COUNTS_GRAPHS if runner == "v2" else _GRAPHS_COUNTED)


def non_torch_bytes(version: Version, gpu: Gpu, *, tensor_parallel_size: int, pipeline_parallel_size: int) -> int:
    """Return what is allocated outside PyTorch after the start: kernels, workspaces, and NCCL's buffers.

    Fits on logs: H100 and A100 0.13 GiB up to 0.17 and 0.25 from 0.18; cards of 24 to 48 GB 0.03 to 0.10; under tensor
    parallel 0.54 up to 0.17, 2.07 on two and 2.17 on four GPUs in 0.19; pipeline stages 0.07. Before 0.6.6 the CUDA
    context was counted here: 0.26 and 0.35 in two logs.
    """
    if (0, 6) <= version < _CONTEXT_OUTSIDE_BUDGET:
        return 30 * GIB // 100
    is_new = version >= _NON_TORCH_GREW
    if tensor_parallel_size > 1:
        doublings = math.log2(tensor_parallel_size)
        return int((1.97 + 0.10 * doublings if is_new else 0.54) * GIB)
    if pipeline_parallel_size > 1:
        return 7 * GIB // 100
    if is_data_center(gpu):
        return (25 if is_new else 13) * GIB // 100
    return (10 if is_new else 5) * GIB // 100


def first_start_bytes(version: Version, runner: Runner) -> int:
    """Return what compiling holds while memory is profiled, on the first start with a cold compile cache.

    Few cases: with runner V2 the first start of one machine got 0.95 GiB less cache than the next (vLLM 0.24, Qwen3-8B
    on an RTX 5090), another 0.35 GiB less (0.28, a 7B AWQ model); runner V1's logs show nothing of the kind.
    """
    return FIRST_START_BYTES if runner == "v2" and version >= _RUNNER_V2_SOME_MODELS else 0


def is_data_center(gpu: Gpu) -> bool:
    """Return whether the GPU has the kernels and workspaces of the large data-center parts."""
    return gpu.gpu_class == "data_center" and (gpu.architecture in _DATA_CENTER or gpu.gpu_id.startswith("a100"))


def workspace_bytes(gpu: Gpu) -> int:
    """Return cuBLAS's workspace as PyTorch asks for it: 32 MiB on compute capability 9.0 and above, else 8.1 MiB."""
    if gpu.compute_capability is not None and gpu.compute_capability >= (9, 0):
        return 32 * MIB
    return 4096 * 2048 + 8 * 16 * 1024


def multiprocessors(gpu: Gpu) -> int:
    """Return the GPU's streaming multiprocessors, a typical number where not on record."""
    for prefix, count in _MULTIPROCESSORS.items():
        if gpu.gpu_id.startswith(prefix):
            return count
    return 100


_MULTIPROCESSORS = {
    "h100-pcie": 114,
    "h100": 132,
    "h200": 132,
    "gh200": 132,
    "b200": 148,
    "a100": 108,
    "a10": 72,
    "a30": 56,
    "a40": 84,
    "l40": 142,
    "l4": 58,
    "t4": 40,
    "rtx-3090": 82,
    "rtx-4090": 128,
    "rtx-5090": 170,
    "rtx-5070-ti": 70,
    "rtx-a6000": 84,
}
