"""`r1plan import` as its own process: run to its end and measured, or killed in the middle."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.secret_watch import watch

# At its end the process writes down the most memory that it had itself: what the system tells of children holds what
# their parent had as it started them, and the highest of all of them.
_START = """
import atexit, os, shutil, sys
atexit.register(shutil.copy, "/proc/self/status", os.environ["STATUS_FILE"])
from service.cli.imports import imports
imports(sys.argv[1:], prog_name="r1plan import")
"""
ROOT = Path(__file__).parents[4]


class Ended(NamedTuple):
    """How a process ended: status (negative: the signal), words, seconds and highest memory in MiB (0 where killed)."""

    status: int
    output: str
    seconds: float
    peak_mib: float


def run_import_process(words: Sequence[str], *, database_url: str, kill_after_seconds: float | None = None) -> Ended:
    """Run the command; with `kill_after_seconds` it is sent SIGKILL then, wherever it is."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("R1PLAN_")}
    began = time.monotonic()
    status_file = Path(tempfile.mkdtemp(prefix="r1plan-import-")) / "status"
    with subprocess.Popen(
        [sys.executable, "-c", _START, *words],
        env={**inherited, "R1PLAN_DATABASE_URL": database_url, "STATUS_FILE": str(status_file)},
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
    seconds = time.monotonic() - began
    watch("an import", output=output, environment={"R1PLAN_DATABASE_URL": database_url})
    status = status_file.read_text() if status_file.exists() else ""
    shutil.rmtree(status_file.parent)
    peak_kib = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)
    return Ended(process.returncode, output, seconds, peak_kib / 1024)
