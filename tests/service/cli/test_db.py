import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli.db import db


def _run(*words: str, database_url: str) -> Result:
    return CliRunner().invoke(db, words, env={"R1PLAN_DATABASE_URL": database_url})


def test_upgrade_then_seed_then_check_fill_an_empty_database(database_url: str) -> None:
    upgraded = _run("upgrade", database_url=database_url)
    assert (upgraded.exit_code, upgraded.stdout.count("\n")) == (0, 1)
    assert "Added 76 GPUs and 419 offers" in _run("seed", database_url=database_url).stdout
    assert "Added 0 GPUs and 0 offers" in _run("seed", database_url=database_url).stdout
    assert _run("check", "--here", database_url=database_url).exit_code == 0


def test_check_holds_the_migrations_against_the_tables_without_any_database(free_port: int) -> None:
    nowhere = f"postgresql+asyncpg://me@127.0.0.1:{free_port}/inventory"
    checked = _run("check", database_url=nowhere)
    assert (checked.exit_code, checked.stderr) == (0, "")


@pytest.mark.parametrize("words", [("upgrade",), ("seed",), ("check", "--here")])
def test_a_database_that_cannot_be_reached_is_said_in_one_line(words: tuple[str, ...], free_port: int) -> None:
    result = _run(*words, database_url=f"postgresql+asyncpg://me:hidden@127.0.0.1:{free_port}/inventory")
    assert result.exit_code == 4
    assert result.stderr.startswith("Error: The inventory database")
    assert result.stderr.count("\n") == 1
    assert "hidden" not in result.stderr


def test_an_option_that_the_database_does_not_know_is_said_in_one_line(free_port: int) -> None:
    result = _run("upgrade", database_url=f"postgresql+asyncpg://me:hidden@127.0.0.1:{free_port}/inventory?bogus=1")
    assert (result.exit_code, result.stderr.count("\n")) == (4, 1)
    assert "the option 'bogus'" in result.stderr
    known = _run("upgrade", database_url=f"postgresql+asyncpg://me@127.0.0.1:{free_port}/inventory?ssl=disable")
    assert "cannot be used: [Errno" in known.stderr


def test_a_setting_that_cannot_be_used_is_said_in_one_line() -> None:
    result = _run("upgrade", database_url="mysql://hidden")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: R1PLAN_DATABASE_URL")
    assert result.stderr.count("\n") == 1


def test_a_database_that_was_not_upgraded_does_not_pass_the_check(database_url: str) -> None:
    result = _run("check", "--here", database_url=database_url)
    assert result.exit_code == 1
    assert "the database is at migration none" in result.stderr


def test_a_seeding_before_the_tables_are_made_says_what_makes_them(database_url: str) -> None:
    result = _run("seed", database_url=database_url)
    assert result.exit_code == 4
    assert "r1plan db upgrade" in result.stderr


def test_a_misspelt_variable_is_warned_of(sqlite_url: str) -> None:
    result = CliRunner().invoke(db, ["upgrade"], env={"R1PLAN_DATABASE_URL": sqlite_url, "R1PLAN_DATABSE_URL": "x"})
    assert result.exit_code == 0
    assert "Warning: R1PLAN_DATABSE_URL" in result.stderr


def test_programs_that_upgrade_at_the_same_time_all_succeed(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "R1PLAN_DATABASE_URL": database_url}
    start = "import sys; from service.cli.db import db; db(sys.argv[1:])"
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", start, "upgrade"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3)
    ]
    outputs = [program.communicate(timeout=60)[0] for program in programs]
    assert [program.returncode for program in programs] == [0, 0, 0], outputs
    assert list(tmp_path.glob("*.sqlite3-journal")) == []
