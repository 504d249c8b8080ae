"""Options of a command from a table of request fields, and what was given back as a request."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from planner import Field
from service.cli.json_files import read_object

_Command = TypeVar("_Command", bound=Callable[..., Any])


def field_options(fields: Mapping[str, Field]) -> Callable[[_Command], _Command]:
    """Return a decorator that gives a command an option for each of `fields`."""

    def add(command: _Command) -> _Command:
        for name, field in reversed(list(fields.items())):
            command = _option(name, field)(command)
        return command

    return add


def _option(name: str, field: Field) -> Callable[[_Command], _Command]:
    flag = f"--{name.replace('_', '-')}"
    choices = f" One of: {', '.join(field.choices)}." if field.choices else ""
    repeats = " May be given several times." if field.repeats else ""
    words = f"{field.description}{choices}{repeats}"
    if field.kind == "boolean":
        return click.option(f"{flag}/--no-{name.replace('_', '-')}", name, default=None, help=words)
    if field.kind == "object":
        kind = click.Path(exists=True, dir_okay=False, path_type=Path)
        return click.option(flag, name, type=kind, metavar="FILE", help=words)
    return click.option(flag, name, multiple=field.repeats, metavar=f"[{field.example}]", help=words)


def given_fields(options: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that were given, as a request takes them; raises BadInput for a file that holds no object."""
    return {name: _read(value) for name, value in options.items() if value not in (None, ())}


def _read(value: object) -> object:
    if isinstance(value, Path):
        return read_object(value)
    return list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  (click's tuples of text)
