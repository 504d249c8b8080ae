"""How the command line says what went wrong: one line, and an exit status."""

import click

from planner import InvalidRequest
from service.cli.consoles import show_plainly

_LONGEST_LIST = 300


class Refusal(click.ClickException):
    """What was asked was not done."""

    def format_message(self) -> str:
        """Return the message as the terminal shows it: it may quote anybody's text."""
        return show_plainly(self.message)


class BadInput(Refusal):
    """What was asked cannot be read."""

    exit_code = 2


class BadSetting(Refusal):
    """A setting cannot be used."""

    exit_code = 2


class TablesDiffer(Refusal):
    """Tables and migrations do not agree."""

    exit_code = 1


class DatabaseUnusable(Refusal):
    """The database cannot be reached or used."""

    exit_code = 4


def bad_input(error: InvalidRequest) -> BadInput:
    """Return the command line's form of a request that cannot be used."""
    message = error.message
    if error.allowed and error.allowed not in message and len(error.allowed) <= _LONGEST_LIST:
        message += f" Allowed: {error.allowed}."
    return BadInput(message)
