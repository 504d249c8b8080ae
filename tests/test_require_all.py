"""A run that must run everything fails on what it would have skipped, and says why."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.require_all import SHARED_FOLDER, SHARED_FOLDER_IS_MISSING

SKIPS_IN_THE_TEST = "import pytest\n\ndef test_it():\n    pytest.skip('no server answers')\n"
SKIPS_BY_MARK = "import pytest\n\n@pytest.mark.skip(reason='no server answers')\ndef test_it():\n    pass\n"
SKIPS_THE_MODULE = "import pytest\n\npytest.skip('no server answers', allow_module_level=True)\n"
SKIPS_FOR_THE_FOLDER = f"import pytest\n\ndef test_it():\n    pytest.skip({SHARED_FOLDER_IS_MISSING!r})\n"


def run_pytest(source: str, *, folder: Path, require_all: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(source)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.require_all", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        env={
            **os.environ,
            "R1PLAN_REQUIRE_ALL": require_all,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(Path(__file__).parent.parent),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("source", [SKIPS_IN_THE_TEST, SKIPS_BY_MARK, SKIPS_THE_MODULE])
def test_a_skip_fails_the_run_when_everything_is_required(source: str, tmp_path: Path) -> None:
    answer = run_pytest(source, folder=tmp_path, require_all="1")

    assert answer.returncode != 0
    assert "allows no skip, but: " in answer.stdout
    assert "no server answers" in answer.stdout


@pytest.mark.parametrize("source", [SKIPS_IN_THE_TEST, SKIPS_BY_MARK])
def test_a_skip_stays_a_skip_otherwise(source: str, tmp_path: Path) -> None:
    answer = run_pytest(source, folder=tmp_path, require_all="")

    assert answer.returncode == 0
    assert "1 skipped" in answer.stdout
    assert "1 x no server answers" in answer.stdout


def test_a_test_of_the_material_folder_may_skip_only_where_that_folder_is_missing(tmp_path: Path) -> None:
    answer = run_pytest(SKIPS_FOR_THE_FOLDER, folder=tmp_path, require_all="1")

    assert (answer.returncode == 0) is not SHARED_FOLDER.is_dir()
