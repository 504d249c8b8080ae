"""The command line on a seeded inventory of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from service.cli import main

Run: TypeAlias = Callable[..., Result]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the inventory of a module's tests lies."""
    return tmp_path_factory.mktemp("inventory") / "inventory.sqlite3"


@pytest.fixture
def r1plan(database: Path) -> Run:
    """Return a function that runs the command line on that inventory."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, env={"R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{database}"})

    return run
