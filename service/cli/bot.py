"""`r1plan bot`: the Discord bot, as a program of its own."""

import os
import sys

import click


@click.command()
def bot() -> None:
    """Run the Discord bot against the API at R1PLAN_API_URL, with the token in R1PLAN_DISCORD_TOKEN."""
    # The bot knows the API only: this process becomes it, so that signals reach it directly.
    os.execv(sys.executable, [sys.executable, "-m", "bots"])  # noqa: S606  (no shell: the interpreter itself)
