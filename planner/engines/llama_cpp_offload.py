"""llama.cpp with its layers on one GPU, on several, or partly in host memory: what each of them holds."""

import functools

from msgspec import Struct

from planner.engines.llama_cpp_buffers import (
    CUDA_ALIGNMENT,
    CacheTypes,
    LlamaCppSettings,
    Shape,
    cache_bytes,
    compute_bytes,
    half_copies_bytes,
    host_compute_bytes,
    mask_bytes,
    output_bytes,
    output_phase_bytes,
    scores_bytes,
    shape_of,
    split_compute_bytes,
)
from planner.gguf_sizes import GgufSize
from planner.model import ModelSpec
from planner.units import divide_up


class Buffers(Struct, frozen=True, kw_only=True):
    """What llama.cpp allocates, in bytes: per GPU, and on the host. `is_exact` is false where only a bound is known."""

    model_bytes: tuple[int, ...]
    kv_cache_bytes: tuple[int, ...]
    compute_bytes: tuple[int, ...]
    host_model_bytes: int
    host_kv_cache_bytes: int
    host_compute_bytes: int
    output_bytes: int
    is_exact: bool


def buffers(model: ModelSpec, size: GgufSize, types: CacheTypes, settings: LlamaCppSettings) -> Buffers:
    """Return the buffers of `model` with these settings."""
    shape = shape_of(settings)
    layers = model.num_hidden_layers
    counts = layers_on_each_gpu(layers, settings)
    caches = tuple(
        cache_bytes(model, types, tokens=shape.n_ctx, layers=count) if settings.offload_kqv else 0 for count in counts
    )
    whole_cache = cache_bytes(model, types, tokens=shape.n_ctx, layers=layers)
    return Buffers(
        model_bytes=model_buffers(size, settings),
        kv_cache_bytes=caches,
        compute_bytes=compute_buffers(model, size, types, shape, settings),
        host_model_bytes=_host_model_bytes(size, layers - sum(counts), has_output=_offloaded(layers, settings) > 0),
        host_kv_cache_bytes=whole_cache - sum(caches),
        host_compute_bytes=host_compute_bytes(model, types, shape, n_gpus=settings.n_gpus),
        output_bytes=output_bytes(model, settings),
        is_exact=is_all_on_gpus(layers, settings),
    )


def is_all_on_gpus(layers: int, settings: LlamaCppSettings) -> bool:
    """Return whether every layer, the output and the cache are on GPUs."""
    return _offloaded(layers, settings) > layers and settings.offload_kqv


def layers_on_each_gpu(layers: int, settings: LlamaCppSettings) -> tuple[int, ...]:
    """Return how many layers each of several equal GPUs holds: the last ones, the output counted as one more."""
    return _share_out(max(0, _offloaded(layers, settings) - 1), settings.n_gpus)


@functools.lru_cache(maxsize=1024)
def _share_out(layers: int, n_gpus: int) -> tuple[int, ...]:
    ends = [divide_up((layers + 1) * (gpu + 1), n_gpus) for gpu in range(n_gpus)]
    return tuple(min(end, layers) - start for start, end in zip([0, *ends[:-1]], ends, strict=True))


def model_buffers(size: GgufSize, settings: LlamaCppSettings) -> tuple[int, ...]:
    """Return each GPU's weights; the output matrix is on the last one."""
    layers = len(size.block_bytes)
    counts = layers_on_each_gpu(layers, settings)
    first = layers - sum(counts)
    found: list[int] = []
    for count in counts:
        found.append(sum(size.block_bytes[first : first + count]) + (size.rope_bytes if count else 0))
        first += count
    if _offloaded(layers, settings) > 0:
        found[-1] += size.output_bytes
    return tuple(found)


def compute_buffers(
    model: ModelSpec, size: GgufSize, types: CacheTypes, shape: Shape, settings: LlamaCppSettings
) -> tuple[int, ...]:
    """Return each GPU's compute buffer, exact where all layers are on GPUs, else a bound.

    The bound is what the other layers' weights and cache need while they are copied over; it was too small by at most
    32 MiB in 4 of 576 measured cases.
    """
    if is_all_on_gpus(model.num_hidden_layers, settings):
        if settings.n_gpus > 1:
            return split_compute_bytes(model, types, shape, n_gpus=settings.n_gpus)
        return (compute_bytes(model, types, shape),)
    has_output = _offloaded(model.num_hidden_layers, settings) > 0
    return (_partial_compute_bytes(model, size, types, shape, has_output=has_output),) * settings.n_gpus


def _offloaded(layers: int, settings: LlamaCppSettings) -> int:
    return layers + 1 if settings.n_gpu_layers is None else min(settings.n_gpu_layers, layers + 1)


def _host_model_bytes(size: GgufSize, layers: int, *, has_output: bool) -> int:
    rope = size.rope_bytes if layers else 0
    return size.embedding_bytes + sum(size.block_bytes[:layers]) + rope + (0 if has_output else size.output_bytes)


def _partial_compute_bytes(
    model: ModelSpec, size: GgufSize, types: CacheTypes, shape: Shape, *, has_output: bool
) -> int:
    mask = mask_bytes(shape, alignment=CUDA_ALIGNMENT)
    hidden = 4 * shape.tokens * model.hidden_size
    layer_cache = cache_bytes(model, types, tokens=shape.n_ctx, layers=1)
    weight = size.largest_matrix_bytes
    if shape.flash_attn:
        attention = 3 * mask + layer_cache + half_copies_bytes(model, types, shape) + 4 * hidden + weight
    else:
        attention = 2 * mask + layer_cache + scores_bytes(model, shape) + 5 * hidden
    output = output_phase_bytes(model, shape) + weight + 2 * hidden + mask + (0 if has_output else size.output_bytes)
    feed_forward = mask + 12 * shape.tokens * model.intermediate_size + 4 * hidden + weight
    return max(compute_bytes(model, types, shape), attention, output, feed_forward)
