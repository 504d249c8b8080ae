import io
import os
import pty
import re
import select
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli.imports import imports

CATALOGUES = Path(__file__).parents[1] / "inventory" / "importers" / "catalogues"
AWS = CATALOGUES / "skypilot" / "v8" / "aws" / "vms.csv"
_START = "import sys; from service.cli.imports import imports; imports(sys.argv[1:])"


def _run(*words: object, database_url: str) -> Result:
    return CliRunner().invoke(imports, [str(word) for word in words], env={"R1PLAN_DATABASE_URL": database_url})


def _numbers(result: Result) -> list[int]:
    """Return the numbers in the line of skypilot:aws."""
    line = next(line for line in result.stdout.splitlines() if re.match(r"skypilot:aws +\d", line))
    return [int(word.replace(",", "")) for word in line.split()[1:]]


def test_a_dry_run_then_the_import_then_the_same_again(database_url: str) -> None:
    words = ("skypilot", AWS, "--as-of", "2026-05-01")

    dry = _run(*words, "--dry-run", database_url=database_url)
    assert (dry.exit_code, dry.stdout.splitlines()[-1]) == (0, "Dry run: nothing was changed.")
    assert "aws:g6.xlarge:eu-north-1:spot (1x l4) from $" in dry.stdout
    assert "1 rows, the first in line 5: a fraction of a GPU" in dry.stdout
    assert "H900, 1 rows, the first in line 7: no GPU of the inventory bears this name" in dry.stdout

    imported = _run(*words, database_url=database_url)
    assert (imported.exit_code, imported.stdout.splitlines()[-1]) == (0, "The inventory is at revision 2.")
    assert _numbers(imported) == _numbers(dry)

    again = _run("skypilot", AWS, database_url=database_url)
    assert again.stdout.splitlines()[-1] == "The inventory is at revision 2."
    assert sum(_numbers(again)[1:5]) == 0


def test_a_zip_of_gpuhunt_and_a_folder_of_skypilot(database_url: str, tmp_path: Path) -> None:
    packed = tmp_path / "catalog.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(CATALOGUES / "gpuhunt" / "aws.csv", "aws.csv")

    assert _run("gpuhunt", packed, database_url=database_url).exit_code == 0
    folder = _run("skypilot", CATALOGUES / "skypilot", "--as-of", "2026-05-01", database_url=database_url)
    assert folder.exit_code == 0
    assert folder.stdout.count("prices of 2026-05-01 (stated at import)") == 11


def test_our_own_lists(database_url: str) -> None:
    csv = _run("csv", CATALOGUES / "own" / "contracts.csv", "--name", "contracts", database_url=database_url)
    json = _run("json", CATALOGUES / "own" / "contracts.json", database_url=database_url)
    assert "csv:contracts" in csv.stdout
    assert "json:contracts" in json.stdout
    assert (csv.exit_code, json.exit_code) == (0, 0)


def test_the_review_list_is_shown_and_answered(database_url: str) -> None:
    assert _run("review", database_url=database_url).stdout == "No GPU name is in doubt.\n"
    _run("skypilot", CATALOGUES / "skypilot" / "v8" / "lambda" / "vms.csv", database_url=database_url)

    shown = _run("review", database_url=database_url).stdout
    assert re.search(
        r"^1 +skypilot:lambda +A100 +gpu_1x_a100 +40 +1 +\? +the name means several GPUs", shown, re.MULTILINE
    )
    wrong = _run("resolve", 1, "a100-40gb", database_url=database_url)
    assert (wrong.exit_code, "the nearest are a100-40gb-sxm" in wrong.stderr) == (2, True)
    assert _run("resolve", 9, "a100-40gb-pcie", database_url=database_url).exit_code == 2
    assert _run("resolve", 1, "a100-40gb-pcie", database_url=database_url).exit_code == 0

    again = _run("skypilot", CATALOGUES / "skypilot" / "v8" / "lambda" / "vms.csv", database_url=database_url)
    assert "lambda:gpu_1x_a100:us-south-1:on_demand (1x a100-40gb-pcie) at $2.1/h" in again.stdout


def test_the_history_names_catalogue_file_and_numbers(database_url: str) -> None:
    _run("skypilot", AWS, "--as-of", "2026-05-01", database_url=database_url)
    shown = _run("history", database_url=database_url).stdout
    assert re.search(r"UTC|20\d\d-\d\d-\d\d \d\d:\d\d +skypilot:aws +2026-05-01 +7 ", shown)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("skypilot", "nowhere.csv"), "There is no file or folder nowhere.csv"),
        (("skypilot", "http://example.com/aws/vms.csv"), "allowed are addresses that begin with https://"),
        (("skypilot", CATALOGUES / "gpuhunt" / "aws.csv"), "its header lacks InstanceType"),
        (("skypilot", AWS, "--provider", "nobody"), "'nobody' is no provider known here"),
        (("skypilot", AWS, "--as-of", "2999-01-01"), "lies in the future"),
        (("json", AWS), "This is no list of offers in JSON"),
    ],
)
def test_what_cannot_be_imported_is_said_in_one_line(words: tuple[object, ...], said: str, sqlite_url: str) -> None:
    result = _run(*words, database_url=sqlite_url)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_database_that_cannot_be_reached_is_said_in_one_line(free_port: int) -> None:
    result = _run("skypilot", AWS, database_url=f"postgresql+asyncpg://me:hidden@127.0.0.1:{free_port}/inventory")
    assert result.exit_code == 4
    assert "hidden" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_terminal_shows_a_progress_bar_and_a_file_none(sqlite_url: str) -> None:
    environment = {**os.environ, "R1PLAN_DATABASE_URL": sqlite_url, "TERM": "xterm", "COLUMNS": "100"}
    words = [sys.executable, "-c", _START, "skypilot", str(AWS)]
    quiet = subprocess.run([*words, "--dry-run"], env=environment, capture_output=True, text=True, check=True)
    assert quiet.stderr == ""

    ours, theirs = pty.openpty()
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        seen = _read_all(ours)
        assert process.wait(timeout=30) == 0
    assert "reading" in seen
    assert "100%" in seen


def _read_all(terminal: int) -> str:
    seen = io.BytesIO()
    while select.select([terminal], [], [], 30)[0]:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # Linux says so at the end of a terminal
            break
        if not data:
            break
        seen.write(data)
    os.close(terminal)
    return seen.getvalue().decode()
