"""The speed of what a fit judges, where anything is known of it."""

from typing import Final

from planner.batch_axis import speed_by_batch
from planner.fit_request import FitRequest
from planner.search import Candidate
from planner.speed import Speed, SpeedAtBatch, Work, is_current_version

_ONLY_MEMORY: Final = frozenset(
    {
        "gpu_memory_utilization",
        "kv_cache_memory_bytes",
        "mem_fraction_static",
        "free_gpu_memory_fraction",
        "gpu_overhead",
        "max_num_seqs",
        "max_running_requests",
        "max_batch_size",
    }
)
"""Engine options that say how much may be held, not how it is computed."""


def fit_speed(candidate: Candidate, request: FitRequest, *, verdict: str) -> Speed:
    """Return the speed at the batch of `request`; without a basis where it is not held or not run as calibrated."""
    if verdict in {"does_not_fit", "cannot_run"}:
        return Speed(basis=None, reason="it does not run at this context and batch")
    reason = _why_not_calibrated(candidate, request)
    return Speed(basis=None, reason=reason) if reason else candidate.speed


def fit_speed_by_batch(
    candidate: Candidate, request: FitRequest, *, gpu_count: int, max_batch: int, work: Work
) -> tuple[SpeedAtBatch, ...]:
    """Return the speed along the batch axis up to `max_batch`; empty where nothing is known of it."""
    if _why_not_calibrated(candidate, request):
        return ()
    return speed_by_batch(
        candidate.configurations.engine,
        candidate.deployment,
        gpu_count=gpu_count,
        batch=request.batch,
        max_batch=max_batch,
        work=work,
    )


def _why_not_calibrated(candidate: Candidate, request: FitRequest) -> str:
    engine = candidate.configurations.engine
    others = [name for name in request.engine_settings if name not in _ONLY_MEMORY]
    if others:
        return f"speed is calibrated at the engine's defaults, not with {', '.join(others)}"
    if not is_current_version(engine.engine, engine.engine_version):
        return f"speed is calibrated for newer versions than {engine.engine} {engine.engine_version}"
    return ""
