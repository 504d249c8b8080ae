"""Settings of a whole grid: GPUs along the first axis, weight formats the second, KV cache dtypes the third.

What only the GPU decides has length one along the other axes, so that nothing is computed twice.
"""

from collections.abc import Callable, Sequence

import numpy as np

from planner.kv_cache import KvCacheDtype, kv_cache_bytes_per_token
from planner.model import ModelSpec
from planner.speed.devices import Device
from planner.speed.engines import Generation
from planner.speed.formats import cache_group, peak_flops_per_second, running_group
from planner.speed.parallelism import Parallelism, parallelism
from planner.speed.settings import Floats, Labels, Settings, attention_flops, score_heads, slopes
from planner.tensors import block_elements, embedding_elements

_GPUS = (-1, 1, 1)
_FORMATS = (1, -1, 1)
_DTYPES = (1, 1, -1)
_ALL = (1, 1, 1)


def grid_settings(
    generation: Generation,
    model: ModelSpec,
    devices: Sequence[Device],
    formats: Sequence[tuple[str, float]],
    kv_cache_dtypes: Sequence[KvCacheDtype],
    *,
    tensor_parallel_size: int,
) -> Settings:
    """Return the settings of all combinations; `formats` are format groups with the bytes that a step streams."""
    shared = [parallelism(generation, device, model, tensor_parallel_size=tensor_parallel_size) for device in devices]

    def of_gpus(read: Callable[[Parallelism], float]) -> Floats:
        return _numbers([read(found) for found in shared], _GPUS)

    groups = [[running_group(device, group) for group, _ in formats] for device in devices]
    peaks = [
        [peak_flops_per_second(device, generation, group) for group in row]
        for device, row in zip(devices, groups, strict=True)
    ]
    return Settings(
        labels={
            "engine": _words([generation.name], _ALL),
            "build": _words([""], _ALL),
            "host": _words([generation.host], _ALL),
            "family": _words([generation.family], _ALL),
            "gpu": _words([device.gpu_id for device in devices], _GPUS),
            "speed_class": _words([device.speed_class for device in devices], _GPUS),
            "architecture": _words([device.architecture for device in devices], _GPUS),
            "format": np.array(groups, dtype=np.object_)[:, :, None],
            "gpu_count": _words([str(tensor_parallel_size)], _ALL),
            "cache": _words([cache_group(dtype) for dtype in kv_cache_dtypes], _DTYPES),
        },
        slopes={name: slope.reshape(_GPUS) for name, slope in slopes(devices).items()},
        bandwidth_bytes_per_second=_numbers([device.bandwidth_bytes_per_second for device in devices], _GPUS),
        peak_flops_per_second=np.array(peaks, dtype=np.float64)[:, :, None],
        attention_peak_flops_per_second=_numbers([device.fp16_flops_per_second for device in devices], _GPUS),
        weight_bytes=_numbers([streamed for _, streamed in formats], _FORMATS),
        block_parameters=_numbers([block_elements(model)], _ALL),
        head_parameters=_numbers([embedding_elements(model)], _ALL),
        attention_flops=_numbers([attention_flops(model)], _ALL),
        cache_bytes_per_token=_numbers([kv_cache_bytes_per_token(model, dtype) for dtype in kv_cache_dtypes], _DTYPES),
        chunk_tokens=_numbers([generation.prefill_chunk_tokens], _ALL),
        score_heads=_numbers([score_heads(generation, model)], _ALL),
        vector_kernel_sequences=_numbers([generation.vector_kernel_sequences], _ALL),
        split=of_gpus(lambda found: found.split),
        exchanges=of_gpus(lambda found: found.exchanges),
        exchange_seconds=of_gpus(lambda found: found.exchange_seconds),
        exchange_seconds_per_token=of_gpus(lambda found: found.exchange_seconds_per_token),
    )


def _numbers(values: Sequence[float], shape: tuple[int, int, int]) -> Floats:
    return np.array(values, dtype=np.float64).reshape(shape)


def _words(values: Sequence[str], shape: tuple[int, int, int]) -> Labels:
    return np.array(values, dtype=np.object_).reshape(shape)
