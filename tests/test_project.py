"""The project's own house: what its files promise about commands, dependencies, sizes and walls is so."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import bots.settings
import service.settings
from service.cli import main

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("planner", "service", "bots")
LONGEST_FILE_LINES = 300

# Put together from pieces, so that this file does not hold what it looks for.
_HOST = r"[\w.-]*"
REGISTRIES = tuple(
    re.compile(pattern)
    for pattern in (
        _HOST + "py" + r"pi\.(?:org|python)",
        "files." + "python" + "hosted",
        r"https?://" + _HOST + r"/sim" + "ple(?:/|$)",
        "registry." + "npmjs",
        r"--(?:extra-)?index" + r"-url[ =]\S*https?:",
    )
)
MACHINE_PATHS = tuple(
    re.compile(rf"(?<![\w./:}}-])/{path}(?:/|\b(?![\w-]))")
    for path in ("wo" + "rk", "ro" + "ot", "tm" + "p/brief", "opt/" + "py" + "pi", "home/" + r"\w+/")
)


def tracked_files() -> list[Path]:
    try:
        answer = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        # Unpacked without git: all but what the tools leave behind, which is hidden or compiled.
        names = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        kept = [name for name in names if not any(part[0] == "." or part == "__pycache__" for part in name.parts)]
    else:
        kept = [Path(name) for name in answer.stdout.split("\0") if name]
    return [ROOT / name for name in kept if (ROOT / name).is_file()]


def python_files(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def direct_dependencies() -> list[str]:
    project = pyproject()
    return [canonical(each) for each in (*project["project"]["dependencies"], *project["dependency-groups"]["dev"])]


def is_a_word_of_the_command_line(words: list[str]) -> bool:
    command: click.Command = main
    for word in words:
        if not isinstance(command, click.Group) or word not in command.commands:
            return False
        command = command.commands[word]
    return True


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def imported_packages(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imported_modules(path)}


def test_the_compose_file_runs_words_of_the_command_line() -> None:
    services = compose()["services"]
    commands = {name: services[name]["command"] for name in ("api", "bot")}

    assert {name: command[0] for name, command in commands.items()} == {"api": "r1plan", "bot": "r1plan"}
    for command in commands.values():
        assert is_a_word_of_the_command_line(command[1:]), command


def test_the_image_runs_a_word_of_the_command_line() -> None:
    last = (ROOT / "Dockerfile").read_text().splitlines()[-1]

    assert last.startswith("CMD ")
    words = ast.literal_eval(last.removeprefix("CMD "))
    assert words[0] == "r1plan"
    assert is_a_word_of_the_command_line(words[1:])


def compose_environment(service: str, *, given: dict[str, str]) -> dict[str, str]:
    """Return a service's environment as Compose fills it in: `${NAME:-default}` from what is given."""
    environment: dict[str, str] = compose()["services"][service]["environment"]
    return {
        name: re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: given.get(found[1]) or found[2], value)
        for name, value in environment.items()
    }


def image_environment() -> dict[str, str]:
    return dict(re.findall(r"\b(R1PLAN_\w+)=(\S+)", (ROOT / "Dockerfile").read_text()))


def test_the_service_understands_the_environments_that_the_image_and_the_compose_file_give_it() -> None:
    for environment in (image_environment(), compose_environment("api", given={"POSTGRES_PASSWORD": "change-me"})):
        settings = service.settings.read_settings(environment)

        assert (settings.host, settings.port) == ("0.0.0.0", 8000)  # noqa: S104 - inside a container
        assert settings.warnings == ()


def test_the_bot_understands_the_environment_that_the_compose_file_gives_it() -> None:
    settings = bots.settings.read_settings(
        compose_environment("bot", given={"R1PLAN_DISCORD_TOKEN": "a.made-up.token"})
    )

    assert settings.api_url == "http://api:8000"
    assert settings.discord_token.reveal() == "a.made-up.token"
    assert settings.health_port is not None
    assert f":{settings.health_port}/health/ready" in compose()["services"]["bot"]["healthcheck"]["test"][-1]
    # what never expires must neither be thrown out nor be gone after a restart
    redis: list[str] = compose()["services"]["redis"]["command"]
    assert {"volatile-lru", "yes"} <= set(redis)


def test_the_example_of_an_environment_names_what_the_compose_file_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    named = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))

    assert named == asked


def test_every_service_of_the_compose_file_has_a_health_check() -> None:
    assert {name for name, service in compose()["services"].items() if "healthcheck" not in service} == set()


def test_the_image_does_not_run_as_the_administrator() -> None:
    users = re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)

    assert users
    assert users[-1] not in {"root", "0"}


@pytest.mark.parametrize("kind", ["registry", "machine path"])
def test_no_file_names_a_registry_or_a_path_of_one_machine(kind: str) -> None:
    patterns = REGISTRIES if kind == "registry" else MACHINE_PATHS
    found: list[str] = []
    for path in tracked_files():
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{relative(path)}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(lines, start=1)
            if any(pattern.search(line) for pattern in patterns)
        ]

    assert found == []


def test_no_file_of_the_three_rooms_is_longer_than_a_reader_holds() -> None:
    lengths = {relative(path): len(path.read_text().splitlines()) for path in python_files(*ROOMS)}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE_LINES} == {}


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "base"])
def test_no_file_is_a_drawer_for_everything(name: str) -> None:
    assert [relative(path) for path in python_files(*ROOMS, "migrations", "tests") if path.stem == name] == []


def test_planner_imports_nothing_but_the_standard_library_msgspec_and_numpy() -> None:
    allowed = sys.stdlib_module_names | {"planner", "msgspec", "numpy"}
    found = {relative(path): imported_packages(path) - allowed for path in python_files("planner")}

    assert {name: foreign for name, foreign in found.items() if foreign} == {}


def test_planner_asks_no_clock() -> None:
    asked = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files("planner")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}
    ]

    assert asked == []


def test_nobody_reaches_past_the_face_of_planner() -> None:
    past = [
        f"{relative(path)}: {module}"
        for path in python_files("service", "bots", "migrations")
        for module in imported_modules(path)
        if module.startswith("planner.")
    ]

    assert past == []


def test_every_package_that_is_imported_is_a_direct_dependency() -> None:
    own = {*ROOMS, "migrations", "tests"}
    distributions = importlib.metadata.packages_distributions()
    direct = set(direct_dependencies())
    unnamed = {
        (relative(path), package)
        for path in python_files(*ROOMS, "migrations", "tests")
        for package in imported_packages(path) - sys.stdlib_module_names - own
        if direct.isdisjoint(canonical(each) for each in distributions.get(package, [package]))
    }

    assert unnamed == set()


def test_the_lock_pins_every_package_to_one_version_with_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text()
    entries = [entry for entry in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if entry.strip()]
    loose = [
        entry.splitlines()[0]
        for entry in entries
        if not re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+[ ;\\]", entry) or "--hash=sha256:" not in entry
    ]

    assert len(entries) > len(direct_dependencies())
    assert loose == []


def test_the_lock_holds_every_direct_dependency() -> None:
    locked = {
        canonical(line) for line in (ROOT / "requirements.lock").read_text().splitlines() if re.match(r"\S+==", line)
    }

    assert set(direct_dependencies()) - locked == set()


def test_every_direct_dependency_has_its_reason_written_down() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    explained = {canonical(name) for name in re.findall(r"^\| `([^`]+)` \|", page, flags=re.MULTILINE)}

    assert explained == set(direct_dependencies())


def test_every_version_in_the_reasons_is_the_locked_one() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    page = (ROOT / "docs" / "dependencies.md").read_text()
    versions = re.findall(r"^\| `([^`]+)` \| ([\w., ]+) \|", page, flags=re.MULTILINE)
    wrong = [
        (name, version)
        for name, listed in versions
        for version in listed.split(", ")
        if not re.search(rf"^{re.escape(canonical(name))}=={re.escape(version)}[ ;]", lock, flags=re.MULTILINE)
    ]

    assert len(versions) == len(direct_dependencies())
    assert wrong == []
