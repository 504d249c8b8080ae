"""A candidate that fell, as the nearest miss of a rejection."""

from planner.plan import NearestMiss
from planner.search import Candidate


def candidate_miss(
    candidate: Candidate, gpu_count: int, *, needed: float | str, available: float | str, unit: str
) -> NearestMiss:
    """Return `candidate`, on a machine of `gpu_count` GPUs, with what it would have needed and what there was."""
    deployment = candidate.deployment
    return NearestMiss(
        model_id=deployment.model.model_id,
        gpu_id=deployment.gpu.gpu_id,
        gpu_count=gpu_count,
        tensor_parallel_size=deployment.tensor_parallel_size,
        engine=candidate.configurations.engine.engine,
        weight_format=deployment.weight_format.weight_format,
        kv_cache_dtype=deployment.kv_cache_dtype.kv_cache_dtype,
        needed=needed,
        available=available,
        unit=unit,
    )
