"""`r1plan mcp`: the MCP server, as a program of its own."""

import os
import sys

import click


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def mcp(arguments: tuple[str, ...]) -> None:
    """Serve the tools of the Model Context Protocol from the API at R1PLAN_API_URL (see `r1plan mcp --help`)."""
    # As the bot, it knows the API only; standard input and output pass over to it untouched.
    os.execv(sys.executable, [sys.executable, "-m", "bots.mcp", *arguments])  # noqa: S606  (no shell)
