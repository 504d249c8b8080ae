"""The speed of one deployment, and how it changes with the batch."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from planner.engines import Deployment
from planner.speed.coefficients import Coefficients
from planner.speed.figures import Speed
from planner.speed.grid import SpeedGrid, Work


class SpeedAtBatch(Struct, frozen=True, kw_only=True):
    """The speed while each replica holds `batch` sequences."""

    batch: int
    speed: Speed


def deployment_speed(
    deployment: Deployment, *, engine: str, work: Work, calibrated: Coefficients | None = None
) -> Speed:
    """Return the speed of a deployment under `engine` while all its replicas hold their batch."""
    found = speed_along_batches(
        deployment, engine=engine, work=work, batches=(deployment.batch,), calibrated=calibrated
    )
    return found[0].speed


def speed_along_batches(
    deployment: Deployment,
    *,
    engine: str,
    work: Work,
    batches: Sequence[int],
    calibrated: Coefficients | None = None,
) -> tuple[SpeedAtBatch, ...]:
    """Return the speed of a deployment for each of `batches`, which are sequences of one replica."""
    grid = SpeedGrid(
        engine=engine,
        model=deployment.model,
        gpus=(deployment.gpu,),
        weight_formats=(deployment.weight_format,),
        kv_cache_dtypes=(deployment.kv_cache_dtype,),
        tensor_parallel_size=deployment.tensor_parallel_size,
        batch=np.array(batches, dtype=np.float64).reshape(-1, 1, 1, 1),
        work=work,
        calibrated=calibrated,
    )
    return tuple(
        SpeedAtBatch(batch=batch, speed=grid.speed(index, 0, 0, 0, replicas=deployment.replicas))
        for index, batch in enumerate(batches)
    )
