"""`r1plan ask`: a question in people's own words, on the same inventory as the API, without a running service."""

import click
import msgspec

from planner import Comparison, Fit, Infeasible, InvalidRequest, Plan, Requirements
from service.asking import ReadQuestion, inventory_names, make_reply, read_request
from service.cli.consoles import say
from service.cli.errors import bad_input
from service.cli.fit import MISFIT_STATUS, comparison_status, fit_status
from service.cli.fit_rendering import print_comparison, print_fit, print_requirements
from service.cli.json_output import print_json
from service.cli.local import local_inventory
from service.cli.plan import INFEASIBLE_STATUS
from service.cli.rendering import print_answer
from service.cli.units import show_tokens
from service.inventory.utc import now

_SHOWN = 15
_EPILOG = (
    f"Exit status: 0 a plan, or it fits; {INFEASIBLE_STATUS} nothing fits, or it does not;"
    " 2 something asked cannot be used; 4 the database cannot be used."
)


@click.command(epilog=_EPILOG)
@click.argument("question", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
@click.pass_context
def ask(command: click.Context, *, question: tuple[str, ...], as_json: bool) -> None:
    """Answer a QUESTION such as "what GPU for 8B at 32k?" or "max context on a 3090?", in English or Chinese."""
    inventory = local_inventory()
    try:
        read = read_request(" ".join(question), names=inventory_names(inventory), models=inventory.models)
        moment = now()
        request = read.task.settle(read.request, inventory.fleet, moment)
        reply = make_reply(read, read.task.answer(request, inventory, moment.date()))
    except InvalidRequest as error:
        raise bad_input(error) from error
    if as_json:
        print_json(reply)
    else:
        _print_reading(read)
        _print_answer(reply.answer)
    command.exit(_status(reply.answer))


def _print_answer(answer: Plan | Infeasible | Fit | Requirements | Comparison) -> None:
    match answer:
        case Fit():
            print_fit(answer)
        case Requirements():
            print_requirements(answer, most=_SHOWN)
        case Comparison():
            print_comparison(answer)
        case _:
            print_answer(answer)


def _status(answer: Plan | Infeasible | Fit | Requirements | Comparison) -> int:
    match answer:
        case Fit():
            return fit_status(answer)
        case Comparison():
            return comparison_status(answer)
        case Infeasible():
            return MISFIT_STATUS
        case _:
            return 0


def _print_reading(read: ReadQuestion) -> None:
    understood = {name: value for name, value in read.question.fields.items() if name not in read.not_applied}
    say(f"Understood: {_show(understood) or 'nothing but the question'}")
    for name in read.not_applied:
        say(f"Understood, but this answer cannot apply it: {_show({name: read.question.fields[name]})}")
    if read.question.ignored:
        say(f"Not understood: {', '.join(repr(fragment) for fragment in read.question.ignored)}")
    for doubt in read.question.ambiguous:
        readings = " or ".join(_show(reading) for reading in doubt.readings)
        say(f"Not clear: {doubt.text!r} could mean {readings}; neither was taken")


def _show(fields: object) -> str:
    said = msgspec.convert(fields, dict[str, int | float | str | bool | list[int | float | str | bool]])
    return ", ".join(f"{name} {_show_value(name, value)}" for name, value in said.items())


def _show_value(name: str, value: float | str | list[int | float | str | bool]) -> str:
    if isinstance(value, list):
        return " and ".join(str(item) for item in value)
    return show_tokens(value) if name == "context" and isinstance(value, int) else str(value)
