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
SHARED_FOLDER_IS_MISSING = f"there is no folder {SHARED_FOLDER.name}/ beside this checkout to hold the data against"
"""The reason that every such test gives."""


def is_everything_required() -> bool:
    """Return whether this run may skip nothing."""
    return os.environ.get("R1PLAN_REQUIRE_ALL", "") == "1"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    return (longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)).removeprefix("Skipped: ")


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail") or not is_everything_required():
        return
    reason = _reason(report)
    if reason == SHARED_FOLDER_IS_MISSING and not SHARED_FOLDER.is_dir():
        return
    report.longrepr = f"R1PLAN_REQUIRE_ALL=1 allows no skip, but: {reason}"
    report.outcome = "failed"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the report of a skipped test into that of a failed one."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the report of a skipped module into that of a failed one."""
    report = yield
    _fail_if_skipped(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once for each reason how many tests were skipped for it."""
    skipped: list[pytest.TestReport | pytest.CollectReport] = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("skipped")
    for reason, tests in Counter(map(_reason, skipped)).most_common():
        terminalreporter.write_line(f"{tests} x {reason}")
