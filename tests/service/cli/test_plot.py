"""`r1plan plot` writes pictures, and never over what is there."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from tests.service.charts.test_drawing import png_size

Run: TypeAlias = Callable[..., Result]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the inventory of this module's tests lies."""
    return tmp_path_factory.mktemp("inventory") / "inventory.sqlite3"


@pytest.fixture
def plot(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs `r1plan plot` on that inventory, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        variables = {"R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
        return CliRunner().invoke(main, ["plot", *arguments], env=variables)

    return run


def test_a_plan_is_drawn_into_the_current_folder(plot: Run, tmp_path: Path) -> None:
    result = plot("--context", "8k")

    assert result.exit_code == 0, result.output
    assert result.stdout == "Wrote r1plan-price-speed.png\n"
    assert png_size((tmp_path / "r1plan-price-speed.png").read_bytes()) == (780, 600)


def test_kind_format_and_file_can_be_chosen(plot: Run, tmp_path: Path) -> None:
    result = plot("--kind", "memory", "--format", "svg", "--output", "here.svg", "--gpu", "l4")

    assert result.exit_code == 0, result.output
    assert "Memory of each GPU" in (tmp_path / "here.svg").read_text()


def test_the_ending_of_the_file_names_the_format(plot: Run, tmp_path: Path) -> None:
    assert plot("--output", "here.svg", "--gpu", "l4").exit_code == 0
    assert (tmp_path / "here.svg").read_text().startswith("<svg")


def test_a_file_that_is_there_is_overwritten_only_by_force(plot: Run, tmp_path: Path) -> None:
    path = tmp_path / "r1plan-memory.svg"
    path.write_text("mine")
    refused = plot("--kind", "memory", "--format", "svg")

    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert path.read_text() == "mine"
    assert plot("--kind", "memory", "--format", "svg", "--force").exit_code == 0
    assert path.read_text().startswith("<svg")


def test_where_nothing_fits_the_picture_says_so(plot: Run, tmp_path: Path) -> None:
    result = plot("--context", "128k", "--batch", "64", "--max-usd-per-hour", "0.5", "--format", "svg")

    assert result.exit_code == 0, result.output
    assert "Nothing fits" in (tmp_path / "r1plan-price-speed.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kind", "pie"], "price_speed, memory"),
        (["--format", "gif"], "png, svg"),
        (["--context", "0"], "from 1 to 131,072"),
        (["--output", "nowhere/plot.png"], "cannot be written"),
    ],
    ids=repr,
)
def test_bad_input_is_one_line_that_says_what_is_allowed(plot: Run, arguments: list[str], message: str) -> None:
    result = plot(*arguments)

    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr
