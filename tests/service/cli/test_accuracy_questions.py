"""`r1plan accuracy questions` counts what was read exactly, and fails on a silent misreading."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from service.cli import main


def _run(folder: Path, *lines: str) -> Result:
    file = folder / "questions.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    url = f"sqlite+aiosqlite:///{folder / 'inventory.sqlite3'}"
    return CliRunner().invoke(main, ["accuracy", "questions", str(file), "--json"], env={"R1PLAN_DATABASE_URL": url})


def test_an_exact_reading_counts(tmp_path: Path) -> None:
    result = _run(tmp_path, '{"q": "what GPU for 8B at 32k?", "intent": "plan", "context": 32768}')
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (report["questions"], report["exact"], report["silent_misreadings"]) == (1, 1, 0)
    assert report["failures"] == []


def test_a_field_read_otherwise_is_a_silent_misreading(tmp_path: Path) -> None:
    result = _run(tmp_path, '{"q": "what GPU for 8B at 32k?", "intent": "plan", "context": 65536}')
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert report["silent_misreadings"] == 1
    assert report["failures"][0]["got"]["context"] == 32768


def test_an_impossible_request_is_an_error_that_counts(tmp_path: Path) -> None:
    result = _run(tmp_path, '{"q": "8b at 32k, batch 0", "intent": "plan", "error": "invalid_batch"}')
    assert result.exit_code == 0
    assert json.loads(result.stdout)["exact"] == 1


def test_a_line_without_a_question_is_refused(tmp_path: Path) -> None:
    result = _run(tmp_path, '{"intent": "plan"}')
    assert result.exit_code == 2
    assert "under q" in result.stderr
