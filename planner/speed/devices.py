"""What the speed of a GPU is bounded by: its memory bus and its arithmetic units."""

import functools
import importlib.resources

import msgspec
from msgspec import Struct

from planner.gpu import Gpu

_GIGA = 1e9
_TERA = 1e12
_HIGH_BANDWIDTH_MEMORY = {
    (6, 0): "hbm_volta",
    (7, 0): "hbm_volta",
    (8, 0): "hbm_ampere",
    (9, 0): "hbm_hopper",
    (10, 0): "hbm_blackwell",
    (10, 3): "hbm_blackwell",
}
_SHARED_MEMORY_CONSUMER = (12, 1)


class Device(Struct, frozen=True, kw_only=True):
    """A GPU's peaks; null where it has no such unit. Dense tensor throughput with FP32 accumulation.

    `speed_class` names GPUs that behave alike: the memory's kind, then the generation or the market. NVLink counts both
    directions together, as vendors state it.
    """

    gpu_id: str
    architecture: str
    speed_class: str
    memory_bytes: float
    bandwidth_bytes_per_second: float
    fp16_flops_per_second: float
    fp8_flops_per_second: float | None
    int8_flops_per_second: float | None
    fp4_flops_per_second: float | None
    power_watts: float | None
    nvlink_bytes_per_second: float


class _MeasuredGpu(Struct, frozen=True, kw_only=True):
    name: str
    gpu_id: str
    vendor: str
    architecture: str
    speed_class: str
    memory_gb: float
    memory_bandwidth_gb_per_s: float
    fp16_dense_tflops: float
    fp8_dense_tflops: float | None
    int8_dense_tflops: float | None
    fp4_dense_tflops: float | None
    tdp_watts: float
    nvlink_gb_per_s: float = 0.0


class _MeasuredGpus(Struct, frozen=True, kw_only=True):
    gpus: tuple[_MeasuredGpu, ...]


def speed_class(gpu: Gpu) -> str:
    """Return the class of GPUs that an NVIDIA GPU's speed resembles."""
    if gpu.compute_capability in _HIGH_BANDWIDTH_MEMORY:
        return _HIGH_BANDWIDTH_MEMORY[gpu.compute_capability]
    if gpu.gpu_class == "consumer" or gpu.compute_capability == _SHARED_MEMORY_CONSUMER:
        return "gddr_consumer"
    return "gddr_professional"


@functools.lru_cache(maxsize=1024)
def device(gpu: Gpu) -> Device | str:
    """Return the peaks of an inventory's GPU, or the reason why its speed has no basis."""
    if gpu.vendor != "nvidia":
        return f"no measured case of {gpu.vendor.upper()} GPUs is calibrated, and NVIDIA's figures do not price it"
    known = {entry.gpu_id: entry for entry in _measured_gpus()}.get(gpu.gpu_id)
    bandwidth = gpu.memory_bandwidth_gb_per_s or (known.memory_bandwidth_gb_per_s if known else None)
    if bandwidth is None:
        return f"the memory bandwidth of {gpu.name} is unknown"
    if gpu.fp16_dense_tflops is None:
        if known is None:
            return f"the arithmetic throughput of {gpu.name} is unknown"
        peaks = known.fp16_dense_tflops, known.fp8_dense_tflops, known.int8_dense_tflops, known.fp4_dense_tflops
    else:
        peaks = gpu.fp16_dense_tflops, gpu.fp8_dense_tflops, gpu.int8_dense_tflops, gpu.fp4_dense_tflops
    return Device(
        gpu_id=gpu.gpu_id,
        architecture=gpu.architecture,
        speed_class=speed_class(gpu),
        memory_bytes=gpu.memory_bytes,
        bandwidth_bytes_per_second=bandwidth * _GIGA,
        fp16_flops_per_second=peaks[0] * _TERA,
        fp8_flops_per_second=_scaled(peaks[1]),
        int8_flops_per_second=_scaled(peaks[2]),
        fp4_flops_per_second=_scaled(peaks[3]),
        power_watts=gpu.tdp_watts,
        nvlink_bytes_per_second=(gpu.nvlink_gb_per_s or 0.0) * _GIGA,
    )


@functools.cache
def measured_device(name: str) -> Device | str:
    """Return the peaks of the GPU that measured cases call `name`, or the reason why it cannot be predicted."""
    for gpu in _measured_gpus():
        if gpu.name == name:
            if gpu.vendor != "nvidia":
                return f"{gpu.vendor.upper()} GPU: none is calibrated"
            return Device(
                gpu_id=gpu.gpu_id,
                architecture=gpu.architecture,
                speed_class=gpu.speed_class,
                memory_bytes=gpu.memory_gb * _GIGA,
                bandwidth_bytes_per_second=gpu.memory_bandwidth_gb_per_s * _GIGA,
                fp16_flops_per_second=gpu.fp16_dense_tflops * _TERA,
                fp8_flops_per_second=_scaled(gpu.fp8_dense_tflops),
                int8_flops_per_second=_scaled(gpu.int8_dense_tflops),
                fp4_flops_per_second=_scaled(gpu.fp4_dense_tflops),
                power_watts=gpu.tdp_watts,
                nvlink_bytes_per_second=gpu.nvlink_gb_per_s * _GIGA,
            )
    return "GPU that the facts do not describe"


@functools.cache
def _measured_gpus() -> tuple[_MeasuredGpu, ...]:
    content = importlib.resources.files("planner.facts").joinpath("speed_gpus.json").read_bytes()
    return msgspec.json.decode(content, type=_MeasuredGpus).gpus


def _scaled(tflops: float | None) -> float | None:
    return None if tflops is None else tflops * _TERA
