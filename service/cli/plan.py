"""`r1plan plan`: the cheapest deployments, on the same inventory as the API, without a running service."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from planner import FIELDS, Field, Infeasible, InvalidRequest, Plan, read_plan_request
from planner import plan as make_plan
from service.cli.errors import bad_input
from service.cli.local import local_inventory
from service.cli.rendering import print_answer
from service.inventory.utc import today

INFEASIBLE_STATUS = 3
EPILOG = "Exit status: 0 a plan, 3 nothing fits, 2 something asked cannot be used, 4 the database cannot be used."
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _options(command: _Command) -> _Command:
    for name, field in reversed(FIELDS.items()):
        command = _option(name, field)(command)
    return command


def _option(name: str, field: Field) -> Callable[[_Command], _Command]:
    choices = f" One of: {', '.join(field.choices)}." if field.choices else ""
    repeats = " May be given several times." if field.repeats else ""
    return click.option(
        f"--{name.replace('_', '-')}",
        name,
        multiple=field.repeats,
        metavar=str(field.example).upper() if field.example is None else f"[{field.example}]",
        help=f"{field.description}{choices}{repeats}",
    )


@click.command(epilog=EPILOG)
@_options
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
@click.pass_context
def plan(command: click.Context, *, as_json: bool, **fields: str | tuple[str, ...] | None) -> None:
    """Plan the cheapest GPU and quantization for a context and batch."""
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items() if value}
    try:
        request = read_plan_request(given)
        answer = make_plan(request, local_inventory(), today=today())
    except InvalidRequest as error:
        raise bad_input(error) from error
    show(answer, as_json=as_json)
    command.exit(0 if isinstance(answer, Plan) else INFEASIBLE_STATUS)


def show(answer: Plan | Infeasible, *, as_json: bool) -> None:
    """Print an answer: for a person, or as the API gives it."""
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))
    else:
        print_answer(answer)
