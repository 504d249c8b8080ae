"""`r1plan fit`, `memory`, `compare` and `limits`: the memory model asked in every direction, without a service."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import click

from planner import FIT_FIELDS, MEMORY_FIELDS, Comparison, Fit, InvalidRequest, Limits, Requirements
from service.cli.errors import bad_input
from service.cli.fields import field_options, given_fields
from service.cli.fit_rendering import print_comparison, print_fit, print_limits, print_requirements
from service.cli.json_output import print_json
from service.cli.local import local_inventory
from service.inventory.utc import today
from service.tasks import COMPARE, FIT, LIMITS, MEMORY, Task

MISFIT_STATUS: Final = 3
_BAD: Final = "2 something asked cannot be used, 4 the database cannot be used."
FIT_EPILOG: Final = f"Exit status: 0 it fits, 3 it does not or only inside the measured noise (tight), {_BAD}"
_EPILOG: Final = f"Exit status: 0 an answer, {_BAD}"
_SHOWN: Final = 25
_Answer = TypeVar("_Answer")

_json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")


@click.command(epilog=FIT_EPILOG)
@field_options(FIT_FIELDS)
@_json_option
@click.pass_context
def fit(command: click.Context, *, as_json: bool, **fields: object) -> None:
    """Say whether a model fits a machine, with the memory part by part, and what would make it fit."""
    answer: Fit = _answer(FIT, fields)
    if as_json:
        print_json(answer)
    else:
        print_fit(answer)
    command.exit(fit_status(answer))


@click.command(epilog=_EPILOG)
@field_options(MEMORY_FIELDS)
@click.option("--limit", type=click.IntRange(min=1), default=_SHOWN, show_default=True, help="Most lines to print.")
@_json_option
def memory(*, as_json: bool, limit: int, **fields: object) -> None:
    """Say what every weight format and KV cache dtype needs, and the smallest GPUs that hold it."""
    answer: Requirements = _answer(MEMORY, fields)
    if as_json:
        print_json(answer)
    else:
        print_requirements(answer, most=limit)


@click.command(epilog=FIT_EPILOG.replace("it fits", "one of them fits").replace("it does not", "none does"))
@field_options(FIT_FIELDS)
@_json_option
@click.pass_context
def compare(command: click.Context, *, as_json: bool, **fields: object) -> None:
    """Put two to six GPUs, instance types or both side by side."""
    answer: Comparison = _answer(COMPARE, fields)
    if as_json:
        print_json(answer)
    else:
        print_comparison(answer)
    command.exit(comparison_status(answer))


@click.command(epilog=_EPILOG)
@field_options(FIT_FIELDS)
@_json_option
def limits(*, as_json: bool, **fields: object) -> None:
    """Say how far context and batch reach on a machine, for every weight format that runs there."""
    answer: Limits = _answer(LIMITS, fields)
    if as_json:
        print_json(answer)
    else:
        print_limits(answer)


def fit_status(answer: Fit) -> int:
    """Return the exit status: 0 where all machines that were named hold it."""
    verdicts = {answer.verdict, *(other.verdict for other in answer.others)}
    return 0 if verdicts == {"fits"} else MISFIT_STATUS


def comparison_status(answer: Comparison) -> int:
    """Return the exit status: 0 where one of the machines holds it."""
    return 0 if any(one.judgement.verdict == "fits" for one in answer.machines) else MISFIT_STATUS


def _answer(task: Task[Any, _Answer], options: Mapping[str, object]) -> _Answer:
    given = given_fields(options)
    try:
        inventory = local_inventory()
        return task.answer(task.read(given, inventory.models), inventory, today())
    except InvalidRequest as error:
        raise bad_input(error) from error
