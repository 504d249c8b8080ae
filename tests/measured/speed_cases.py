"""The measured speed cases that the project is calibrated on."""

import functools
from pathlib import Path

from planner import SpeedCase, read_speed_cases

FILE = Path(__file__).parent / "speed.jsonl"
SEVERAL_GPUS_FILE = Path(__file__).parent / "speed_several_gpus.jsonl"


@functools.cache
def speed_cases() -> tuple[SpeedCase, ...]:
    """Return the cases on one GPU."""
    return read_speed_cases(FILE.read_bytes())


@functools.cache
def several_gpu_cases() -> tuple[SpeedCase, ...]:
    """Return the cases on several GPUs, which no coefficient was fitted to."""
    return read_speed_cases(SEVERAL_GPUS_FILE.read_bytes())
