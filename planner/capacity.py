"""The largest context and the largest batch that a deployment still fits."""

import itertools
from collections.abc import Callable

from msgspec.structs import replace

from planner.engines import Deployment, Engine, card_spare_bytes, memory
from planner.request import MAX_BATCH


def max_context(engine: Engine, deployment: Deployment) -> int:
    """Return the most tokens a sequence may hold at this batch with the verdict `fits`, or 0; the model limits it."""
    most = deployment.model.max_position_embeddings
    return _largest_that_fits(engine, most, lambda context: replace(deployment, context=context))


def max_batch(engine: Engine, deployment: Deployment, *, gpu_count: int) -> int:
    """Return the most sequences of this context that `gpu_count` GPUs hold with the verdict `fits`; or 0.

    All GPUs are used: as many replicas as the tensor parallel size allows.
    """
    replicas = gpu_count // deployment.tensor_parallel_size
    most = min(MAX_BATCH // replicas, engine.max_sequences or MAX_BATCH)
    return replicas * _largest_that_fits(engine, most, lambda batch: replace(deployment, batch=batch))


def _largest_that_fits(engine: Engine, most: int, deploy: Callable[[int], Deployment]) -> int:
    """Return the largest value from 1 to `most` whose deployment fits, 0 where none does.

    By the engine's own budget first: where its settings leave the card room enough, which they do unless a request
    gives others, the card is looked at once.
    """

    def margin(value: int) -> int:
        needed = memory(engine, deploy(value))
        return needed.headroom_bytes - needed.margin_bytes

    found = _largest(most, margin)
    if not found or card_spare_bytes(engine, deploy(found)) >= 0:
        return found
    return _largest(found, lambda value: card_spare_bytes(engine, deploy(value)))


def _largest(most: int, margin: Callable[[int], int]) -> int:
    """Return the largest value from 1 to `most` whose margin is not negative, 0 when none is.

    The margin never grows with the value, and is nearly a straight line: interpolation finds the neighbourhood, halving
    the exact value.
    """
    high, high_margin = most, margin(most)
    if high_margin >= 0:
        return most
    low, low_margin = 1, margin(1) if most > 1 else -1
    if low_margin < 0:
        return 0
    for step in itertools.count():
        if high - low <= 1:
            return low
        share = low_margin / (low_margin - high_margin) if step % 2 == 0 else 0.5
        value = min(max(low + int((high - low) * share), low + 1), high - 1)
        found = margin(value)
        if found >= 0:
            low, low_margin = value, found
        else:
            high, high_margin = value, found
    raise AssertionError
