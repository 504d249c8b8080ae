"""Answers as the API gives them, for programs that read the command line."""

import click
import msgspec


def print_json(answer: object) -> None:
    """Print `answer` as JSON, indented."""
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))
