"""A run whose processes write a secret fails, whatever its tests say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.key_format import make_key

_TEST = """\
from tests.secret_watch import watch

def test_it():
    watch("a process", output={output!r}, environment={environment!r})
"""


def run_pytest(folder: Path, *more: str, output: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(_TEST.format(output=output, environment=environment))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.secret_watch", "-p", "no:cacheprovider", *more, str(folder)],
        cwd=folder,
        env={
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(Path(__file__).parent.parent),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("output", "environment"),
    [
        (f"path=/v1/{make_key()} status=404", {}),
        ("token a.hidden.token", {"R1PLAN_DISCORD_TOKEN": "a.hidden.token"}),
        ("cannot connect: hidden@word", {"R1PLAN_DATABASE_URL": "postgresql+asyncpg://me:hidden%40word@host/name"}),
        ("AUTH hidden-word", {"R1PLAN_REDIS_URL": "redis://:hidden-word@host"}),
    ],
    ids=["a key", "a token", "a database's password", "a Redis' password"],
)
def test_a_secret_in_a_log_fails_the_run(tmp_path: Path, output: str, environment: dict[str, str]) -> None:
    answer = run_pytest(tmp_path, output=f"a line\n{output}\n", environment=environment)

    assert answer.returncode == 1
    assert "1 passed" in answer.stdout
    assert "[SECRET]" in answer.stdout


def test_a_secret_is_found_in_what_the_workers_of_a_run_saw(tmp_path: Path) -> None:
    answer = run_pytest(tmp_path, "-p", "xdist.plugin", "-n", "1", output=f"key {make_key()}\n", environment={})

    assert answer.returncode == 1
    assert "1 passed" in answer.stdout
    assert answer.stdout.count("[SECRET]") == 1


def test_a_run_that_writes_none_passes(tmp_path: Path) -> None:
    environment = {"R1PLAN_DISCORD_TOKEN": "a.hidden.token", "R1PLAN_REDIS_URL": "redis://host"}
    answer = run_pytest(tmp_path, output="status=200 key r1p_0123456789ab_***", environment=environment)

    assert answer.returncode == 0
