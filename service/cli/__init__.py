"""The command line: `r1plan`."""

import click

from service.cli.accuracy_memory import memory as memory_accuracy
from service.cli.accuracy_questions import questions as question_accuracy
from service.cli.accuracy_speed import speed as speed_accuracy
from service.cli.ask import ask
from service.cli.bot import bot
from service.cli.calibrate import speed as calibrate_speed
from service.cli.changes import changes
from service.cli.db import db
from service.cli.fit import compare, fit, limits, memory
from service.cli.imports import imports
from service.cli.key import key
from service.cli.mcp import mcp
from service.cli.model import model
from service.cli.node import node
from service.cli.plan import plan
from service.cli.plot import plot
from service.cli.prices import prices
from service.cli.program import Program
from service.cli.refresh import refresh
from service.cli.reservations import cancel, free, reservations, reserve
from service.cli.serve import serve


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="r1plan")
def main() -> None:
    """Plan the cheapest GPU and quantization that will serve DeepSeek-R1 8B at a context and batch."""


@click.group()
def accuracy() -> None:
    """Hold the planner's models against measured cases."""


@click.group()
def calibrate() -> None:
    """Fit the planner's coefficients to measured cases again."""


accuracy.add_command(memory_accuracy)
accuracy.add_command(speed_accuracy)
accuracy.add_command(question_accuracy)
calibrate.add_command(calibrate_speed)
for command in (
    changes,
    plan,
    plot,
    prices,
    fit,
    memory,
    compare,
    limits,
    ask,
    model,
    key,
    node,
    reserve,
    reservations,
    cancel,
    free,
    accuracy,
    calibrate,
    serve,
    bot,
    mcp,
    db,
    imports,
    refresh,
):
    main.add_command(command)
