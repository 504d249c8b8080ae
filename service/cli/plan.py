"""`r1plan plan`: the cheapest deployments, on the same inventory as the API, without a running service."""

import click

from planner import FIELDS, Infeasible, InvalidRequest, Plan, read_plan_request, settle_start
from planner import plan as make_plan
from service.cli.errors import bad_input
from service.cli.fields import field_options, given_fields
from service.cli.json_output import print_json
from service.cli.local import inventory_for
from service.cli.rendering import print_answer
from service.inventory.utc import now

INFEASIBLE_STATUS = 3
EPILOG = "Exit status: 0 a plan, 3 nothing fits, 2 something asked cannot be used, 4 the database cannot be used."


@click.command(epilog=EPILOG)
@field_options(FIELDS)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
@click.pass_context
def plan(command: click.Context, *, as_json: bool, **fields: object) -> None:
    """Plan the cheapest GPU and quantization for a context and batch."""
    given = given_fields(fields)
    try:
        inventory = inventory_for(given)
        moment = now()
        request = settle_start(read_plan_request(given, models=inventory.models), inventory.fleet, now=moment)
        answer = make_plan(request, inventory, today=moment.date())
    except InvalidRequest as error:
        raise bad_input(error) from error
    show(answer, as_json=as_json)
    command.exit(0 if isinstance(answer, Plan) else INFEASIBLE_STATUS)


def show(answer: Plan | Infeasible, *, as_json: bool) -> None:
    """Print an answer: for a person, or as the API gives it."""
    if as_json:
        print_json(answer)
    else:
        print_answer(answer)
