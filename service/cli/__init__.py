"""The command line: `r1plan`."""

import click

from service.cli.ask import ask
from service.cli.bot import bot
from service.cli.db import db
from service.cli.plan import plan
from service.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="r1plan")
def main() -> None:
    """Plan the cheapest GPU and quantization that will serve DeepSeek-R1 8B at a context and batch."""


for command in (plan, ask, serve, bot, db):
    main.add_command(command)
