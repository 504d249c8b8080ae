"""`r1plan ask`: a question in people's own words, on the same inventory as the API, without a running service."""

import click
import msgspec

from planner import InvalidRequest, Plan
from planner import plan as make_plan
from service.asking import ReadQuestion, Reply, inventory_names, read_for_plan
from service.cli.errors import bad_input
from service.cli.local import local_inventory
from service.cli.plan import EPILOG, INFEASIBLE_STATUS
from service.cli.rendering import print_answer, show_tokens
from service.inventory.utc import today


@click.command(epilog=EPILOG)
@click.argument("question", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
@click.pass_context
def ask(command: click.Context, *, question: tuple[str, ...], as_json: bool) -> None:
    """Answer a QUESTION such as "what GPU for 8B at 32k?", in English or Chinese."""
    inventory = local_inventory()
    try:
        read = read_for_plan(" ".join(question), names=inventory_names(inventory))
        answer = make_plan(read.request, inventory, today=today())
    except InvalidRequest as error:
        raise bad_input(error) from error
    if as_json:
        reply = Reply(
            question=read.question.question,
            intent=read.question.intent,
            language=read.question.language,
            understood=dict(read.question.fields),
            not_applied=read.not_applied,
            assumed=read.request.assumed,
            ignored=read.question.ignored,
            ambiguous=read.question.ambiguous,
            answer=answer,
        )
        click.echo(msgspec.json.format(msgspec.json.encode(reply), indent=2))
    else:
        _print_reading(read)
        print_answer(answer)
    command.exit(0 if isinstance(answer, Plan) else INFEASIBLE_STATUS)


def _print_reading(read: ReadQuestion) -> None:
    understood = {name: value for name, value in read.question.fields.items() if name not in read.not_applied}
    click.echo(f"Understood: {_show(understood) or 'nothing but the question'}")
    for name in read.not_applied:
        click.echo(f"Understood, but no plan can apply it yet: {_show({name: read.question.fields[name]})}")
    if read.question.ignored:
        click.echo(f"Not understood: {', '.join(repr(fragment) for fragment in read.question.ignored)}")
    for doubt in read.question.ambiguous:
        readings = " or ".join(_show(reading) for reading in doubt.readings)
        click.echo(f"Not clear: {doubt.text!r} could mean {readings}; neither was taken")


def _show(fields: object) -> str:
    said = msgspec.convert(fields, dict[str, int | float | str | bool | list[int | float | str | bool]])
    return ", ".join(f"{name} {_show_value(name, value)}" for name, value in said.items())


def _show_value(name: str, value: float | str | list[int | float | str | bool]) -> str:
    if isinstance(value, list):
        return " and ".join(str(item) for item in value)
    return show_tokens(value) if name == "context" and isinstance(value, int) else str(value)
