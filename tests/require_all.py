"""A pytest plugin: with R1PLAN_REQUIRE_ALL=1 a skipped test is a failed one, so that a green run has run everything.

One skip stays a skip: a test that reads the material folder beside the checkout, where that folder is not there.
It is no service that a machine could start, and a clone by itself has none.

Where skips are allowed, the run ends with how many there were for each reason.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

SHARED_FOLDER = Path(__file__).resolve().parent.parent.parent / "shared"


def is_everything_required() -> bool:
    """Return whether this run may skip nothing."""
    return os.environ.get("R1PLAN_REQUIRE_ALL", "") == "1"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    return longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    report.longrepr = f"R1PLAN_REQUIRE_ALL=1 allows no skip, but: {_reason(report)}"
    report.outcome = "failed"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the report of a skipped test into that of a failed one."""
    report = yield
    needs_missing_material = "shared_folder" in getattr(item, "fixturenames", ()) and not SHARED_FOLDER.is_dir()
    is_expected_failure = hasattr(report, "wasxfail")
    if report.skipped and is_everything_required() and not needs_missing_material and not is_expected_failure:
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the report of a skipped module into that of a failed one."""
    report = yield
    if report.outcome == "skipped" and is_everything_required():
        _fail(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once for each reason how many tests were skipped for it."""
    skipped: list[pytest.TestReport | pytest.CollectReport] = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("skipped")
    for reason, tests in Counter(map(_reason, skipped)).most_common():
        terminalreporter.write_line(f"{tests} x {reason.removeprefix('Skipped: ')}")
