"""What can go wrong in any command is said in one line, and an empty list says that it is empty."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.cli.conftest import Run

FULL = Path("/dev/full")
NO_TEXT = "caf\udce9"
START = "from service.cli import main; main()"


def start(*words: str, database: Path, stdout: int) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
    return subprocess.run(
        [sys.executable, "-c", START, *words],
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("node", "list"), "No node was added."),
        (("free",), "No node was added."),
        (("reservations",), "Nothing is reserved."),
        (("reservations", "--owner", "nobody"), "No reservation is like that."),
        (("key", "list"), "No key was made."),
        (("model", "list"), "No model was added; those that r1plan knows need no adding."),
        (("import", "history"), "Nothing was imported."),
        (("changes", "--id", "none"), "No change is like that."),
    ],
)
def test_an_empty_list_says_so(r1plan: Run, words: tuple[str, ...], said: str) -> None:
    shown = r1plan(*words)
    assert (shown.exit_code, shown.stdout) == (0, f"{said}\n")


@pytest.mark.parametrize(
    "words",
    [
        ("changes", "--id", NO_TEXT),
        ("ask", "8b on an l4", NO_TEXT, "--json"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(r1plan: Run, words: tuple[str, ...]) -> None:
    refused = r1plan(*words)
    assert refused.exit_code == 2
    assert refused.stderr.endswith("is no text in UTF-8.\n")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (("import", "resolve", "99999999999999999999", "l4"), "1<=x<=2147483647"),
        (("key", "create", "ops", "--rate", "99999999999999999999"), "1<=x<=1000000000"),
        (("plot", "--output", "plan.pdf"), "Allowed: png, svg."),
        (("calibrate", "speed", __file__, "--output", "/no/such/folder/speed.json"), "no folder /no/such/folder"),
    ],
)
def test_what_can_never_be_is_refused_with_what_can(r1plan: Run, words: tuple[str, ...], allowed: str) -> None:
    refused = r1plan(*words)
    assert refused.exit_code == 2
    assert allowed in " ".join(refused.stderr.split())


def test_who_has_no_user_name_is_asked_for_whom(r1plan: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 2**31 - 7)
    refused = r1plan("reserve", "n", "--end", "2099-01-01")
    assert (refused.exit_code, "--owner" in refused.stderr) == (2, True)


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [("prices", "l4"), ("changes",), ("changes", "--json")])
def test_output_that_cannot_be_written_is_said_in_one_line(database: Path, words: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        ended = start(*words, database=database, stdout=full.fileno())
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[0] == "Error: The output: No space left on device."
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("words", [("prices", "l4"), ("changes",), ("plan", "--context", "8k")])
def test_who_reads_no_further_ends_a_command_without_a_word(database: Path, words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = start(*words, database=database, stdout=writer)
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (1, "")
