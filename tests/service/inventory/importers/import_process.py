"""`r1plan import` as its own process: run to its end and measured, or killed in the middle."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_START = "import sys; from service.cli.imports import imports; imports(sys.argv[1:], prog_name='r1plan import')"
ROOT = Path(__file__).parents[4]


class Ended(NamedTuple):
    """How a process ended: its exit status (negative: the signal), words, seconds and highest memory in MiB."""

    status: int
    output: str
    seconds: float
    peak_mib: float


def run_import_process(words: Sequence[str], *, database_url: str, kill_after_seconds: float | None = None) -> Ended:
    """Run the command; with `kill_after_seconds` it is sent SIGKILL then, wherever it is."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("R1PLAN_")}
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", _START, *words],
        env={**inherited, "R1PLAN_DATABASE_URL": database_url},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        if kill_after_seconds is not None:
            try:
                process.wait(kill_after_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        output, _ = process.communicate(timeout=300)
    # The highest of all children so far: an upper bound of this one's.
    peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Ended(process.returncode, output, time.monotonic() - began, peak_kib / 1024)
