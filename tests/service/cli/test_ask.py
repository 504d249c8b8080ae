"""`r1plan ask` says what it understood, and answers."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the inventory of this module's tests lies."""
    return tmp_path_factory.mktemp("inventory") / "inventory.sqlite3"


def _ask(database: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["ask", *words], env={"R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{database}"})


def test_a_question_is_answered_with_what_was_understood(database: Path) -> None:
    result = _ask(database, "8b fp8 on 4090, 16k, 2 users")
    assert result.exit_code == 0
    first = result.stdout.splitlines()[0]
    assert first.startswith("Understood: ")
    for part in ("context 16k", "batch 2", "weight_format fp8", "gpu rtx-4090"):
        assert part in first
    assert "1x RTX 4090: fits (fp8 weights" in result.stdout


@pytest.mark.parametrize(
    ("question", "words", "status"),
    [
        ("max context on a 24GB 3090 with fp16 weights", "1x RTX 3090: fits (fp16 weights", 0),
        ("how many users can two 4090s hold at 8k?", "2x RTX 4090: fits", 0),
        ("does 8b in bf16 at 64k fit into 24 GB VRAM?", "does not fit", 3),
        ("how much vram does 8b fp8 need at 32k?", "smallest GPUs that hold it", 0),
        ("compare 4090 vs 3090 at 16k", "1x RTX 3090", 0),
        ("what GPU for 8B at 32k?", "Cheapest: ", 0),
        ("8b at 64k batch 512 under $0.2/h", "Nothing fits.", 3),
    ],
)
def test_each_question_is_answered_in_its_own_way(database: Path, question: str, words: str, status: int) -> None:
    result = _ask(database, question)
    assert words in result.stdout
    assert result.exit_code == status


def test_what_is_not_understood_is_listed(database: Path) -> None:
    result = _ask(database, "what GPU for 8B at 32k under 2 euros per hour?")
    assert "Not understood: " in result.stdout
    assert "euro" in result.stdout


def test_json_carries_the_reading_and_the_same_plan(database: Path) -> None:
    reply = json.loads(_ask(database, "what", "GPU", "for", "8B", "at", "32k?", "--json").stdout)
    assert reply["understood"] == {"context": 32768}
    assert "batch" in reply["assumed"]
    assert reply["answer"]["outcome"] == "plan"


def test_no_question_is_bad_input_with_an_example(database: Path) -> None:
    result = _ask(database, "hello")
    assert result.exit_code == 2
    assert "what GPU for 8B at 32k?" in result.stderr
