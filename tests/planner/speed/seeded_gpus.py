"""The GPUs of the seeded inventory."""

from pathlib import Path

import msgspec

from planner import Gpu

_SEED = Path(__file__).parents[3] / "service" / "seed" / "gpus.json"


def seeded_gpus() -> tuple[Gpu, ...]:
    """Return every GPU that a new inventory holds."""
    return msgspec.json.decode(_SEED.read_bytes(), type=tuple[Gpu, ...])


def seeded_gpu(gpu_id: str) -> Gpu:
    """Return one of them."""
    return next(gpu for gpu in seeded_gpus() if gpu.gpu_id == gpu_id)
