"""The largest context and the largest batch that a deployment still fits."""

import bisect
from collections.abc import Callable

from msgspec.structs import replace

from planner.engines import Deployment, Engine, memory
from planner.request import MAX_BATCH


def max_context(engine: Engine, deployment: Deployment) -> int:
    """Return the most tokens a sequence may hold at this batch with the verdict `fits`, or 0; the model limits it."""
    return _largest(
        deployment.model.max_position_embeddings, lambda context: _fits(engine, replace(deployment, context=context))
    )


def max_batch(engine: Engine, deployment: Deployment, *, gpu_count: int) -> int:
    """Return the most sequences of this context that `gpu_count` GPUs hold with the verdict `fits`; or 0.

    All GPUs are used: as many replicas as the tensor parallel size allows.
    """
    replicas = gpu_count // deployment.tensor_parallel_size
    most = _largest(MAX_BATCH // replicas, lambda batch: _fits(engine, replace(deployment, batch=batch)))
    return most * replicas


def _fits(engine: Engine, deployment: Deployment) -> bool:
    return memory(engine, deployment).verdict == "fits"


def _largest(most: int, fits: Callable[[int], bool]) -> int:
    """Return the largest value from 1 to `most` that fits, where every smaller one does too; 0 when none does."""
    if fits(most):
        return most
    return bisect.bisect_left(range(1, most), True, key=lambda value: not fits(value))  # noqa: FBT003
