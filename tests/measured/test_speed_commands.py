"""`r1plan calibrate speed` and `r1plan accuracy speed`, as a person runs them."""

import json
from pathlib import Path

import msgspec
from click.testing import CliRunner

from planner import SpeedCoefficients
from service.cli.accuracy_speed import speed as accuracy
from service.cli.calibrate import speed as calibrate
from tests.measured.speed_cases import FILE


def test_calibration_prints_its_errors_on_what_was_left_out_and_writes_coefficients(tmp_path: Path) -> None:
    few = tmp_path / "cases.jsonl"
    few.write_bytes(b"\n".join(FILE.read_bytes().splitlines()[::8]))
    output = tmp_path / "speed.json"
    result = CliRunner().invoke(calibrate, [str(few), "--output", str(output)])
    assert result.exit_code == 0, result.output
    found = msgspec.json.decode(output.read_bytes(), type=SpeedCoefficients)
    assert found.fingerprint in result.output
    for words in ("cases at random, in five folds", "all cases of a GPU", "all cases of a source", "in band"):
        assert words in result.output


def test_accuracy_as_json_has_the_agreed_keys() -> None:
    result = CliRunner().invoke(accuracy, [str(FILE), "--json", "--by", "gpu"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert list(report) == ["cases", "used", "skipped", "all", "coverage", "by", "worst"]
    assert list(report["by"]) == ["gpu"]


def test_accuracy_for_a_person_names_the_worst_cases() -> None:
    result = CliRunner().invoke(accuracy, [str(FILE), "--by", "source"])
    assert result.exit_code == 0, result.output
    assert "by source" in result.output
    assert "farthest from what was measured" in result.output
    assert "all cases of a source" in result.output


def test_a_file_that_holds_no_cases_is_bad_input(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("\n")
    for command in (accuracy, calibrate):
        result = CliRunner().invoke(command, [str(file)])
        assert result.exit_code == 2
        assert "the file holds no case" in result.output
