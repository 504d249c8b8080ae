"""`r1plan calibrate speed`: the speed model fitted to measured cases again."""

from importlib.resources import files
from pathlib import Path

import click
import msgspec

from planner import PlannerError, SpeedCoefficients, calibrate_speed, read_speed_cases
from service.cli.consoles import say
from service.cli.errors import BadInput

_FACTS = Path(str(files("planner"))) / "facts" / "speed.json"
_LEFT_OUT = {
    "five_folds": "cases at random, in five folds",
    "gpu_left_out": "all cases of a GPU",
    "class_left_out": "all cases of a class of GPUs",
    "source_left_out": "all cases of a source",
}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    default=_FACTS,
    help="Where the coefficients go; the planner's own file where it is not given.",
)
def speed(file: Path, *, output: Path) -> None:
    """Calibrate the speed model on the measured cases of FILE, one JSON object a line.

    The same cases give the same file, byte for byte.
    """
    if not output.parent.is_dir():
        raise BadInput(f"{output} cannot be written: there is no folder {output.parent}.")
    try:
        found = calibrate_speed(read_speed_cases(file.read_bytes()))
    except PlannerError as error:
        raise BadInput(f"{file}: {error}") from error
    output.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    say(f"{found.observations} figures of {found.cases} cases, SHA-256 {found.fingerprint}")
    say(errors_left_out(found))
    say(f"Coefficients written to {output}")


def errors_left_out(found: SpeedCoefficients) -> str:
    """Return a table of the errors on cases left out of the calibration, and how many their bands hold."""
    lines = ["Errors on what was left out:      median     p90  signed  in band"]
    for name, errors in found.cross_validation.items():
        lines.append(
            f"  {_LEFT_OUT[name]:<30} {errors.median:7.1%} {errors.p90:7.1%} {errors.signed:+7.1%} "
            f"{errors.coverage:8.1%}"
        )
    return "\n".join(lines)
