"""What the page for operations says can be done is done here: its commands, on both databases, and a restore."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy.engine import make_url

from bots.metrics import Metrics as BotMetrics
from service.cli import main
from service.metrics import Metrics
from tests.service_process import ServiceProcess
from tests.test_project import ROOT, is_a_word_of_the_command_line

_PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
_BLOCKS = [
    re.findall(r"^\$ (.+)$", block, flags=re.MULTILINE)
    for block in re.findall(r"```console\n(.*?)```", _PAGE, flags=re.DOTALL)
]
_COMMANDS = [line for block in _BLOCKS for line in block]
_POSTGRESQL_BLOCK = next(block for block in _BLOCKS if block[0].startswith("pg_dump"))
_CONTRACTS = """\
provider,provider_kind,instance_type,gpu_id,gpu_count,pricing,usd_per_hour,region
acme,cloud,g1,l4,1,on_demand,0.61,nowhere-1
"""
_NEEDED_BY_POSTGRESQL = ("pg_dump", "pg_restore")


class Shell:
    """Runs lines of the page as an operator would, in a folder of its own; `r1plan` in this process, to be quick."""

    def __init__(self, folder: Path, *, database_url: str) -> None:
        self._folder = folder
        self.environment = {
            "R1PLAN_DATABASE_URL": database_url,
            "DATABASE": make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False),
        }

    def run(self, line: str) -> str:
        """Return what `line` prints; it must succeed."""
        if line.startswith("r1plan "):
            with contextlib.chdir(self._folder):
                result = CliRunner().invoke(main, shlex.split(line)[1:], env=self.environment)
            status, printed, errors = result.exit_code, result.stdout, result.stderr
        else:
            environment = {**os.environ, **self.environment}
            answer = subprocess.run(
                ["bash", "-c", line], cwd=self._folder, env=environment, capture_output=True, text=True, check=False
            )
            status, printed, errors = answer.returncode, answer.stdout, answer.stderr
        assert status == 0, f"{line}\n{printed}\n{errors}"
        return printed


@pytest.fixture
def shell(database_url: str, tmp_path: Path) -> Shell:
    """Return a shell on a database that was seeded."""
    shell = Shell(tmp_path, database_url=database_url)
    (tmp_path / "contracts.csv").write_text(_CONTRACTS)
    shell.run("r1plan import csv contracts.csv --dry-run")
    return shell


@pytest.fixture
def postgresql_tools() -> None:
    """Skip the test where PostgreSQL's own tools are missing."""
    missing = [tool for tool in _NEEDED_BY_POSTGRESQL if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not on PATH")


@pytest.fixture
def service(free_port: int, shell: Shell) -> Iterator[ServiceProcess]:
    """Run the service on the shell's database."""
    url = {"R1PLAN_DATABASE_URL": shell.environment["R1PLAN_DATABASE_URL"]}
    with ServiceProcess(port=free_port, environment=url) as running:
        yield running


def test_the_commands_of_the_page_run_in_their_order(shell: Shell, service: ServiceProcess) -> None:
    is_sqlite = shell.environment["R1PLAN_DATABASE_URL"].startswith("sqlite")
    ran: list[str] = []
    for line in _COMMANDS:
        if line in _POSTGRESQL_BLOCK or (not is_sqlite and re.match(r"r1plan db (backup|restore) ", line)):
            continue
        printed = shell.run(line.replace("http://127.0.0.1:8000", service.url).replace("curl ", "curl -sSf "))
        if line.startswith("r1plan key create ops"):
            shell.environment["KEY"] = printed.strip()
        ran.append(line)
    assert len(ran) >= (15 if is_sqlite else 12)


@pytest.mark.usefixtures("postgresql_tools")
def test_a_dump_of_postgresql_brings_everything_back(postgresql_url: str, free_port: int, tmp_path: Path) -> None:
    shell = Shell(tmp_path, database_url=postgresql_url)
    (tmp_path / "contracts.csv").write_text(_CONTRACTS)
    shell.run("r1plan import csv contracts.csv")
    key = shell.run("r1plan key create before").strip()
    shell.run(_POSTGRESQL_BLOCK[0])
    shell.run("r1plan key revoke before")
    shell.run("r1plan key create after")
    (tmp_path / "contracts.csv").write_text(_CONTRACTS.replace("0.61", "0.21"))
    with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": postgresql_url}) as service:
        assert _cheapest(service) == 0.61
        shell.run("r1plan import csv contracts.csv")
        assert _cheapest(service) == 0.21
        for line in _POSTGRESQL_BLOCK[1:]:
            shell.run(line)
        assert _cheapest(service) == 0.61
        answer = httpx.get(f"{service.url}/v1/plan", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200, answer.text
    listed = shell.run("r1plan key list")
    assert re.search(r"^before .* in use ", listed, flags=re.MULTILINE)
    assert "after" not in listed


def test_a_restore_is_seen_by_a_service_that_runs(sqlite_url: str, free_port: int, tmp_path: Path) -> None:
    shell = Shell(tmp_path, database_url=sqlite_url)
    (tmp_path / "contracts.csv").write_text(_CONTRACTS)
    with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url}) as service:
        shell.run("r1plan import csv contracts.csv")
        shell.run("r1plan db backup inventory.backup")
        answers: list[float] = []
        for price in ("0.21", "0.31"):
            (tmp_path / "contracts.csv").write_text(_CONTRACTS.replace("0.61", price))
            shell.run("r1plan import csv contracts.csv")
            answers.append(_cheapest(service))
            shell.run("r1plan db restore inventory.backup")
            answers.append(_cheapest(service))
    # Both changes had the same revision; a plan kept from the first must not answer for the second.
    assert answers == [0.21, 0.61, 0.31, 0.61]


def _cheapest(service: ServiceProcess) -> float:
    answer = httpx.get(f"{service.url}/v1/plan?context=8k&provider=acme")
    assert answer.status_code == 200, answer.text
    return answer.json()["options"][0]["usd_per_hour"]


def test_every_word_of_the_page_is_one_of_the_command_line() -> None:
    named = set(re.findall(r"`r1plan ([a-z ]+)", _PAGE))
    assert len(named) > 5
    for words in named:
        assert is_a_word_of_the_command_line(words.split()[:2]), words


def test_every_metric_of_the_page_is_one_of_the_service_or_of_the_bot() -> None:
    known = Metrics().render().decode() + BotMetrics().render().decode()
    named = set(re.findall(r"`(r1plan_\w+)", _PAGE))
    assert len([name for name in named if name.startswith("r1plan_bot_")]) >= 5
    assert len([name for name in named if not name.startswith("r1plan_bot_")]) >= 5
    assert {name for name in named if name.removesuffix("_total") not in known} == set()


def test_every_link_of_the_page_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)", _PAGE):
        assert (ROOT / "docs" / target).exists(), target
    assert "docs/operations.md" in (ROOT / "README.md").read_text(encoding="utf-8")
