"""`r1plan model`: models of one's own."""

import json
from pathlib import Path

import pytest

from tests.planner.test_model_config import CARD, LLAMA
from tests.service.cli.conftest import Run


def _write(folder: Path, config: object) -> str:
    file = folder / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    return str(file)


def test_an_added_model_is_planned_for_until_it_is_removed(r1plan: Run, tmp_path: Path) -> None:
    added = r1plan("model", "add", _write(tmp_path, LLAMA), "--name", "mine")
    assert added.exit_code == 0
    assert added.stdout == "Added mine: 8,030,261,248 parameters, 131,072 bytes of 16-bit KV cache per token.\n"
    assert "mine" in r1plan("model", "list").stdout
    assert json.loads(r1plan("fit", "--gpu", "l4", "--model", "mine", "--json").stdout)["model_id"] == "mine"
    assert r1plan("plan", "--model", "mine").exit_code == 0
    assert r1plan("model", "add", _write(tmp_path, LLAMA), "--name", "mine").exit_code == 2
    assert r1plan("model", "remove", "mine").exit_code == 0
    assert r1plan("model", "remove", "mine").exit_code == 2
    assert r1plan("plan", "--model", "mine").exit_code == 2


def test_a_model_is_called_what_its_config_says_where_no_name_is_given(r1plan: Run, tmp_path: Path) -> None:
    added = r1plan("model", "add", _write(tmp_path, CARD | {"_name_or_path": "someone/The-Card"}))
    assert added.stdout.startswith("Added The-Card: ")
    assert r1plan("model", "remove", "The-Card").exit_code == 0


@pytest.mark.parametrize(
    ("config", "name", "message"),
    [
        (LLAMA | {"kv_lora_rank": 512}, "mine", "kv_lora_rank"),
        (LLAMA, "deepseek-r1-8b", "known already"),
        (LLAMA, "two words", "letters, digits"),
        ([LLAMA], "mine", "not one JSON object"),
    ],
    ids=["another kind of attention", "a known name", "an impossible name", "a list"],
)
def test_what_cannot_be_kept_is_refused_in_one_line(
    r1plan: Run, tmp_path: Path, config: object, name: str, message: str
) -> None:
    result = r1plan("model", "add", _write(tmp_path, config), "--name", name)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert message in result.stderr
