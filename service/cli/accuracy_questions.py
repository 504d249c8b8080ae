"""`r1plan accuracy questions`: the question reader held against expected readings."""

from pathlib import Path
from typing import Final

import click
import msgspec

from planner import question_accuracy
from service.asking import inventory_names, make_request
from service.cli.consoles import say
from service.cli.errors import BadInput
from service.cli.json_output import print_json
from service.cli.local import local_inventory

_MISREAD_STATUS: Final = 1
_EPILOG: Final = "Exit status: 0 nothing was misread in silence, 1 something was, 2 the file cannot be read."


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.pass_context
def questions(command: click.Context, *, file: str, as_json: bool) -> None:
    """Read the questions of FILE, one JSON object a line with the expected reading, and print how many are exact."""
    try:
        lines = [line for line in Path(file).read_bytes().splitlines() if line.strip()]
        expected = [msgspec.json.decode(line, type=dict[str, object]) for line in lines]
    except (msgspec.MsgspecError, OSError) as error:
        raise BadInput(f"{file}: {error}") from error
    if any(not isinstance(row.get("q"), str) for row in expected):
        raise BadInput(f"{file}: every line needs the question under q")
    inventory = local_inventory()
    report = question_accuracy(
        expected,
        inventory_names(inventory),
        validate=lambda question: make_request(question, models=inventory.models),
    )
    if as_json:
        print_json(report)
    else:
        say(f"{report.questions} questions, {report.exact} read exactly, fields {report.field_accuracy:.1%}")
        say(f"{report.silent_misreadings} silent misreadings")
        for failure in report.failures:
            say(f"  {failure.question!r}\n    expected {failure.expected}\n    got      {failure.got}")
    command.exit(_MISREAD_STATUS if report.silent_misreadings else 0)
