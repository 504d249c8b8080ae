"""What would make a deployment fit: the smallest change of each kind."""

from collections.abc import Iterable

from msgspec.structs import replace

from planner.capacity import max_batch, max_context
from planner.engines import Deployment, Engine, fits
from planner.facts import kv_cache_dtypes, weight_formats, weight_quality, weight_size
from planner.gpu import Gpu
from planner.plan import Change
from planner.weight_format import TIERS


def changes(engine: Engine, deployment: Deployment, gpu_count: int, gpus: Iterable[Gpu]) -> tuple[Change, ...]:
    """Return the changes that would make `deployment` fit: context, batch, KV cache dtype, weight format, GPU.

    Each alone, all else as it is; a kind that cannot help is left out. Of formats, the one of the best quality is
    taken, the largest among equals; of `gpus`, the one with the least memory.
    """
    found = (
        _shorter_context(engine, deployment),
        _smaller_batch(engine, deployment, gpu_count),
        _other_cache(engine, deployment),
        _other_weights(engine, deployment),
        _next_gpu(engine, deployment, gpus),
    )
    return tuple(change for change in found if change is not None)


def _shorter_context(engine: Engine, deployment: Deployment) -> Change | None:
    tokens = max_context(engine, deployment) if _runs(engine, deployment) else 0
    return (
        Change(field="context", value=tokens, message=f"shorten the context to {tokens:,} tokens") if tokens else None
    )


def _smaller_batch(engine: Engine, deployment: Deployment, gpu_count: int) -> Change | None:
    batch = max_batch(engine, deployment, gpu_count=gpu_count) if _runs(engine, deployment) else 0
    return Change(field="batch", value=batch, message=f"lower the batch to {batch:,}") if batch else None


def _other_cache(engine: Engine, deployment: Deployment) -> Change | None:
    tried = sorted(kv_cache_dtypes().values(), key=lambda dtype: (TIERS.index(dtype.tier), -dtype.bits_per_element))
    for dtype in tried:
        if _fits(engine, replace(deployment, kv_cache_dtype=dtype)):
            words = f"keep the KV cache in {dtype.kv_cache_dtype} ({dtype.tier})"
            return Change(field="kv_cache_dtype", value=dtype.kv_cache_dtype, message=words)
    return None


def _other_weights(engine: Engine, deployment: Deployment) -> Change | None:
    model = deployment.model
    tried = sorted(
        weight_formats().values(),
        key=lambda format_: (
            TIERS.index(weight_quality(model, format_).tier),
            -weight_size(model, format_).stored_bytes,
        ),
    )
    for format_ in tried:
        if engine.engine in format_.nvidia_floor and _fits(engine, replace(deployment, weight_format=format_)):
            words = f"store the weights as {format_.weight_format} ({weight_quality(model, format_).tier})"
            return Change(field="weight_format", value=format_.weight_format, message=words)
    return None


def _next_gpu(engine: Engine, deployment: Deployment, gpus: Iterable[Gpu]) -> Change | None:
    for gpu in sorted(gpus, key=lambda gpu: (gpu.memory_bytes, gpu.gpu_id)):
        if gpu.vendor == deployment.gpu.vendor and _fits(engine, replace(deployment, gpu=gpu)):
            words = f"take a {gpu.name} ({gpu.visible_memory_gib:g} GiB)"
            return Change(field="gpu", value=gpu.gpu_id, message=words)
    return None


def _runs(engine: Engine, deployment: Deployment) -> bool:
    return engine.supports(deployment.weight_format, deployment.kv_cache_dtype, deployment.gpu).runs


def _fits(engine: Engine, deployment: Deployment) -> bool:
    return _runs(engine, deployment) and fits(engine, deployment)
