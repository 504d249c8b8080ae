"""How the command line says what went wrong: one line, and an exit status."""

import click

from planner import InvalidRequest

_LONGEST_LIST = 300


class BadInput(click.ClickException):
    """What was asked cannot be read."""

    exit_code = 2


class BadSetting(click.ClickException):
    """A setting cannot be used."""

    exit_code = 2


class TablesDiffer(click.ClickException):
    """Tables and migrations do not agree."""

    exit_code = 1


class DatabaseUnusable(click.ClickException):
    """The database cannot be reached or used."""

    exit_code = 4


def bad_input(error: InvalidRequest) -> BadInput:
    """Return the command line's form of a request that cannot be used."""
    message = error.message
    if error.allowed and error.allowed not in message and len(error.allowed) <= _LONGEST_LIST:
        message += f" Allowed: {error.allowed}."
    return BadInput(message)
