"""The speed of one deployment, and how it changes with the batch."""

from collections.abc import Sequence

from planner.engines import Deployment
from planner.speed.coefficients import Coefficients
from planner.speed.figures import Speed, SpeedAtBatch
from planner.speed.grid import SpeedGrid, Work
from planner.units import divide_up


def deployment_speed(
    deployment: Deployment, *, engine: str, work: Work, calibrated: Coefficients | None = None
) -> Speed:
    """Return the speed of a deployment under `engine` while all its replicas hold their batch."""
    whole = deployment.batch * deployment.replicas
    return speed_along_batches(deployment, engine=engine, work=work, batches=(whole,), calibrated=calibrated)[0].speed


def speed_along_batches(
    deployment: Deployment,
    *,
    engine: str,
    work: Work,
    batches: Sequence[int],
    calibrated: Coefficients | None = None,
) -> tuple[SpeedAtBatch, ...]:
    """Return the speed of a deployment for each of `batches`: sequences in all, shared evenly by its replicas."""
    fullest = tuple(divide_up(batch, min(deployment.replicas, batch)) for batch in batches)
    grid = SpeedGrid(
        engine=engine,
        model=deployment.model,
        gpus=(deployment.gpu,),
        weight_formats=(deployment.weight_format,),
        kv_cache_dtypes=(deployment.kv_cache_dtype,),
        tensor_parallel_size=deployment.tensor_parallel_size,
        batch=fullest,
        work=work,
        calibrated=calibrated,
    )
    return tuple(
        SpeedAtBatch(batch=batch, speed=grid.speed(index, 0, 0, 0, throughput_times=batch / held))
        for index, (batch, held) in enumerate(zip(batches, fullest, strict=True))
    )
