"""`r1plan accuracy speed`: the speed model held against measured cases."""

from pathlib import Path

import click

from planner import (
    SPEED_GROUPINGS,
    PlannerError,
    SpeedAccuracy,
    SpeedErrors,
    SpeedGrouping,
    read_speed_cases,
    speed_accuracy,
    speed_coefficients,
)
from service.cli.calibrate import errors_left_out
from service.cli.consoles import say
from service.cli.errors import BadInput
from service.cli.json_output import print_json


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, errors as fractions.")
@click.option(
    "--by",
    type=click.Choice(SPEED_GROUPINGS),
    help="Group the errors by this alone; JSON holds every grouping where it is not given.",
)
def speed(file: Path, *, as_json: bool, by: SpeedGrouping | None) -> None:
    """Predict the measured cases of FILE, one JSON object a line, from their settings, and print the errors."""
    groupings = (by,) if by else SPEED_GROUPINGS if as_json else ("observable",)
    try:
        report = speed_accuracy(read_speed_cases(file.read_bytes()), speed_coefficients(), by=groupings)
    except PlannerError as error:
        raise BadInput(f"{file}: {error}") from error
    if as_json:
        print_json(report)
    else:
        _show(report)


def _show(report: SpeedAccuracy) -> None:
    say(f"{report.cases} cases, {report.used} predicted")
    for reason, count in report.skipped.items():
        say(f"  {count:4d} skipped: {reason}")
    if report.all is None or report.coverage is None:
        return
    say(f"{'':<32} figures  median     p90  signed  in band")
    say(_line("all", report.all, report.coverage))
    for grouping, groups in report.by.items():
        say(f"by {grouping}")
        for name, found in groups.items():
            say(_line(f"  {name}", found, found.coverage))
    say("farthest from what was measured")
    for miss in report.worst:
        say(
            f"  {miss.error:+7.1%} {miss.observable:<10} {miss.id}: {miss.engine}, {miss.gpu}, {miss.format}: "
            f"{miss.predicted:.4g} for {miss.measured:.4g}"
        )
    say(errors_left_out(speed_coefficients()))


def _line(name: str, errors: SpeedErrors, coverage: float) -> str:
    return (
        f"{name:<32} {errors.observations:7d} {errors.median:7.1%} {errors.p90:7.1%} {errors.signed:+7.1%} "
        f"{coverage:8.1%}"
    )
