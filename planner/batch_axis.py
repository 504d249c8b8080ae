"""How the speed of what was chosen changes with the batch, as far as its memory goes."""

from msgspec.structs import replace

from planner.engines import Deployment, Engine
from planner.speed import SpeedAtBatch, Work, speed_along_batches


def speed_by_batch(
    engine: Engine, deployment: Deployment, *, gpu_count: int, batch: int, max_batch: int, work: Work
) -> tuple[SpeedAtBatch, ...]:
    """Return the speed at 1, 2, 4 and so on sequences up to `max_batch`, at that one, and at the planned `batch`.

    On all of the machine's GPUs, in the deployment's layout and at its context. Empty where not even one sequence
    fits, or where the speed has no basis.
    """
    if not max_batch:
        return ()
    doublings = (1 << power for power in range(max_batch.bit_length()))
    batches = sorted({*doublings, max_batch, min(batch, max_batch)})
    whole = replace(deployment, replicas=gpu_count // deployment.tensor_parallel_size)
    curve = speed_along_batches(whole, engine=engine.engine, work=work, batches=batches)
    return curve if curve[0].speed.basis is not None else ()
