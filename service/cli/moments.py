"""Moments as options of a command, and allocations as people read them."""

import datetime as dt
from typing import Any, cast

import click

from planner import FIELDS, Allocation, InvalidRequest, read_field, show_moment
from service.cli.errors import bad_input


def read_moment(_: click.Context, parameter: click.Parameter, value: str | None) -> dt.datetime | None:
    """Return the moment that an option gives, None where it was not given; raises BadInput."""
    if value is None:
        return None
    try:
        return cast("dt.datetime", read_field(str(parameter.name), FIELDS["start"], value))
    except InvalidRequest as error:
        raise bad_input(error) from error


def moment_option(flag: str, name: str, **more: Any) -> Any:  # noqa: ANN401 - click's own options and decorators
    """Return a decorator that gives a command an option for a moment."""
    return click.option(flag, name, callback=read_moment, metavar="[2026-12-01T09:00Z]", **more)


def show_held(allocation: Allocation) -> str:
    """Return an allocation as people read it."""
    return f"{allocation.gpu_count} by {allocation.owner} until {show_moment(allocation.end)}"
