"""A pytest plugin: after the run, nothing that its processes have written holds a secret that they were given.

Who starts a process of the project hands over what it wrote (`watch`). Whatever looks like an API key is found whether
it was handed over or not. A secret that is found fails the run. Where pytest-xdist spreads the tests over workers, each
looks through what its own saw.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

_SECRETS = ("R1PLAN_DISCORD_TOKEN", "R1PLAN_API_KEY")
_ADDRESSES = ("R1PLAN_DATABASE_URL", "R1PLAN_REDIS_URL")
_KEY = re.compile(r"r1p_[0-9a-f]{12}_[0-9a-f]{4,}")
_SHOWN = 200
_FINDINGS = "secrets"
# Shorter ones stand in ordinary words.
_SHORTEST_SECRET = 6

_known: set[str] = set()
_written: list[tuple[str, str]] = []
_found_by_workers: list[str] = []


def note_secret(text: str) -> None:
    """Look for `text`, too, in whatever was and will be written."""
    if len(text) >= _SHORTEST_SECRET:
        _known.add(text)


def watch(name: str, *, output: str, environment: Mapping[str, str]) -> None:
    """Hand over what the process `name` has written, and the environment that its secrets came by."""
    for variable in _SECRETS:
        note_secret(environment.get(variable, ""))
    for variable in _ADDRESSES:
        note_secret(unquote(urlsplit(environment.get(variable, "")).password or ""))
    _written.append((name, output))


def find_secrets() -> list[str]:
    """Return the lines that hold a secret, the secret itself struck out, with the process that wrote them."""
    found: list[str] = []
    for name, output in _written:
        for line in output.splitlines():
            held = [*_KEY.findall(line), *(secret for secret in _known if secret in line)]
            if held:
                shown = line
                for secret in held:
                    shown = shown.replace(secret, "[SECRET]")
                found.append(f"{name}: {shown[:_SHOWN]}")
    return found


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 - pytest-xdist types none of it
    """Take what one worker found."""
    _found_by_workers.extend(getattr(node, "workeroutput", {}).get(_FINDINGS, ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run whose processes have written a secret."""
    found = find_secrets()
    worker_output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if worker_output is not None:
        worker_output[_FINDINGS] = found
    elif found or _found_by_workers:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the lines that hold a secret."""
    found = [*_found_by_workers, *find_secrets()]
    if found:
        terminalreporter.section("secrets in what processes wrote", red=True)
        for line in found:
            terminalreporter.write_line(line)
