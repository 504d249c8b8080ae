"""The program as a whole: what can go wrong in any command is said in one line."""

import errno
from typing import Any

import click

from service.cli.errors import BadInput, Refusal


class Program(click.Group):
    """A group of commands that says in one line what the machine refused, and what was no text."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run the command that was asked for; raises BadInput and Refusal."""
        try:
            return super().invoke(ctx)
        except UnicodeEncodeError as error:
            # What a shell hands over in another encoding than UTF-8 can be shown, but neither sought nor kept.
            raise BadInput(f"{error.object!r} is no text in UTF-8.") from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # who read the output has seen enough: click ends without a word
            raise Refusal(f"{error.filename or 'The output'}: {error.strerror or error}.") from error
