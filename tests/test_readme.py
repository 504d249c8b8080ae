"""What README shows is what r1plan answers."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main

_ROOT = Path(__file__).parents[1]
_README = (_ROOT / "README.md").read_text(encoding="utf-8")
_BLOCKS = re.findall(r"```console\n(.*?)```", _README, flags=re.DOTALL)
_READING = tuple(f"$ r1plan {word} " for word in ("plan", "ask", "fit", "memory", "compare", "limits", "accuracy"))
_COMMANDS = [line for block in _BLOCKS for line in block.splitlines() if line.startswith(_READING)]
_SHOWN = [block for block in _BLOCKS if block.startswith(_READING) and not block.splitlines()[-1].startswith("$ ")]


def _arguments(line: str) -> list[str]:
    return [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line.removeprefix("$ r1plan "))]


def _run(line: str, database: Path) -> tuple[int, list[str]]:
    url = f"sqlite+aiosqlite:///{database}"
    result = CliRunner().invoke(main, _arguments(line), env={"R1PLAN_DATABASE_URL": url})
    return result.exit_code, result.stdout.splitlines()


@pytest.mark.parametrize("block", _SHOWN, ids=lambda block: block.splitlines()[0])
def test_what_is_shown_is_what_the_seeded_inventory_gives(block: str, tmp_path: Path) -> None:
    command, *shown = block.splitlines()
    status, printed = _run(command, tmp_path / "inventory.sqlite3")
    assert status in {0, 3}
    assert printed[: len(shown)] == shown


@pytest.mark.parametrize("line", _COMMANDS)
def test_every_command_of_readme_runs(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_ROOT)
    status, printed = _run(line, tmp_path / "inventory.sqlite3")
    assert status in {0, 3}
    assert printed


def test_the_table_of_accuracy_is_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_ROOT)
    line = next(line for line in _COMMANDS if line.startswith("$ r1plan accuracy memory"))
    _, printed = _run(line, tmp_path / "inventory.sqlite3")
    figures = {tuple(row.split()[-4:]) for row in printed}
    rows = re.findall(r"^\|[^|]*\| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", _README, flags=re.MULTILINE)
    assert len(rows) == 4
    assert set(rows) <= figures


def test_the_table_of_speeds_is_what_the_calibration_found() -> None:
    found = json.loads((_ROOT / "planner" / "facts" / "speed.json").read_bytes())["cross_validation"].values()
    shown = re.findall(r"^  \|[^|]*\| ([\d.]+ %) \| ([\d.]+ %) \| (\d+ %) \|$", _README, flags=re.MULTILINE)
    assert shown == [
        (f"{100 * kind['median']:.1f} %", f"{100 * kind['p90']:.1f} %", f"{100 * kind['coverage']:.0f} %")
        for kind in found
    ]
