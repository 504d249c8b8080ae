"""What README shows is what r1plan answers."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main

_README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
_BLOCKS = re.findall(r"```console\n(.*?)```", _README, flags=re.DOTALL)


def _arguments(line: str) -> list[str]:
    return [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line.removeprefix("$ r1plan "))]


def _run(line: str, database: Path) -> tuple[int, list[str]]:
    url = f"sqlite+aiosqlite:///{database}"
    result = CliRunner().invoke(main, _arguments(line), env={"R1PLAN_DATABASE_URL": url})
    return result.exit_code, result.stdout.splitlines()


def test_the_first_answer_is_the_one_that_the_seeded_inventory_gives(tmp_path: Path) -> None:
    command, *shown = next(block for block in _BLOCKS if block.startswith("$ r1plan plan")).splitlines()
    status, printed = _run(command, tmp_path / "inventory.sqlite3")
    assert status == 0
    assert printed[: len(shown)] == shown


@pytest.mark.parametrize(
    "line",
    [line for block in _BLOCKS for line in block.splitlines() if line.startswith(("$ r1plan plan", "$ r1plan ask"))],
)
def test_every_command_of_readme_runs(line: str, tmp_path: Path) -> None:
    status, printed = _run(line, tmp_path / "inventory.sqlite3")
    assert status in {0, 3}
    assert printed
