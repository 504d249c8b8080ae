"""`r1plan plot`: a plan as a picture in a file, on the same inventory as the API, without a running service."""

from pathlib import Path

import click
import msgspec

from planner import FIELDS, InvalidRequest, settle_start
from service.charting import CHART_FIELDS, draw_chart, read_chart_fields, read_drawn_request
from service.charts.drawing import draw
from service.cli.consoles import say
from service.cli.errors import BadInput, bad_input
from service.cli.fields import field_options, given_fields
from service.cli.local import inventory_for
from service.inventory.utc import now

_EPILOG = (
    "Where nothing fits, the picture says so. Exit status: 0 a picture was written, 2 something asked cannot be used, "
    "4 the database cannot be used."
)


@click.command(epilog=_EPILOG)
@field_options({**CHART_FIELDS, **FIELDS})
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it; r1plan-<kind>.<format> in the current folder by default. Its ending names the format.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
def plot(*, output: Path | None, force: bool, **fields: object) -> None:
    """Draw a plan: price against speed, or memory against context."""
    try:
        given = given_fields(fields)
        if output is not None and output.suffix and "format" not in given:
            given["format"] = output.suffix.removeprefix(".")
        kind, picture_format, planned = read_chart_fields(given)
        path = output or Path(f"r1plan-{kind.replace('_', '-')}.{picture_format}")
        _refuse_to_overwrite(path, force=force)
        inventory = inventory_for(planned)
        request = read_drawn_request(planned, inventory.models)
        moment = now()
        spec = draw_chart(kind, settle_start(request, inventory.fleet, now=moment), inventory, today=moment.date())
    except InvalidRequest as error:
        raise bad_input(error) from error
    _write(path, draw(msgspec.json.encode(spec), picture_format), force=force)
    say(f"Wrote {path}")


def _refuse_to_overwrite(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise BadInput(f"{path} is there already. Name another file with --output, or overwrite it with --force.")


def _write(path: Path, picture: bytes, *, force: bool) -> None:
    try:
        # Nobody else's file either, if it appeared while this was drawn.
        with path.open("wb" if force else "xb") as file:
            file.write(picture)
    except FileExistsError:
        _refuse_to_overwrite(path, force=force)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
