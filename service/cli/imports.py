"""`r1plan import`: bring catalogues and our own lists of offers into the inventory."""

import datetime as dt
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

import click
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from service.cli.consoles import open_console
from service.cli.errors import BadInput
from service.cli.imports_rendering import print_report
from service.cli.imports_review import history, resolve, review
from service.cli.local import local_settings, use_database
from service.inventory.database import Database
from service.inventory.errors import InventoryRefusal
from service.inventory.importers.catalogue import MAX_REFUSED
from service.inventory.importers.difference import FEW_OFFERS
from service.inventory.importers.download import DownloadRules
from service.inventory.importers.formats import GPUHUNT, OWN_CSV, OWN_JSON, SKYPILOT, Format
from service.inventory.importers.importing import ImportRequest, run_import
from service.inventory.importers.report import ImportReport
from service.seed import prepare

_EPILOG: Final = (
    "All of it or nothing is imported, and the same file twice changes nothing."
    " An offer vanishes that its catalogue lists no more, unless of a refused row it cannot be told whose it is."
    " The database is the one that R1PLAN_DATABASE_URL names, by default a file in the folder for user data."
    " Exit status: 0 done, 2 what was given cannot be imported, 4 the database cannot be used."
)
_DEFAULT_SHOWN: Final = 20


@click.group("import", epilog=_EPILOG)
def imports() -> None:
    """Import catalogues of offers, from a file, a folder, a zip or an https address, and look at what was imported."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(
        (
            click.argument("path"),
            click.option("--dry-run", is_flag=True, help="Show what would change; change nothing."),
            click.option(
                "--as-of",
                type=click.DateTime(["%Y-%m-%d"]),
                help="The day that the prices are of; without it the file's own date, as an estimate.",
            ),
            click.option(
                "--max-refused",
                type=click.IntRange(min=0),
                default=MAX_REFUSED,
                show_default=True,
                help="Import nothing if more rows than this cannot be read.",
            ),
            click.option(
                "--max-vanished",
                type=click.IntRange(0, 100),
                default=50,
                show_default=True,
                help="Import nothing if more than this percentage of the catalogue's offers would vanish"
                f" (of at most {FEW_OFFERS} offers all may).",
            ),
            click.option(
                "--show",
                type=click.IntRange(min=0),
                default=_DEFAULT_SHOWN,
                show_default=True,
                help="How many lines to show of each list; 0 shows all.",
            ),
        )
    ):
        command = option(command)
    return command


def _provider_options(command: Callable[..., None]) -> Callable[..., None]:
    kind = click.option("--provider-kind", help="The kind of a provider that is not known here yet.")
    return click.option("--provider", help="Whose catalogue the one file is, where its name does not tell.")(
        kind(command)
    )


@imports.command("skypilot", epilog=_EPILOG)
@_options
@_provider_options
def skypilot(**options: Any) -> None:  # noqa: ANN401 - click hands over what the options above promise
    """Import the SkyPilot catalogue: <cloud>/vms.csv."""
    _import(SKYPILOT, **options)


@imports.command("gpuhunt", epilog=_EPILOG)
@_options
@_provider_options
def gpuhunt(**options: Any) -> None:  # noqa: ANN401 - click hands over what the options above promise
    """Import the gpuhunt catalogue: <provider>.csv."""
    _import(GPUHUNT, **options)


@imports.command("csv", epilog=_EPILOG)
@_options
@click.option("--name", help="The list's name, by which a later import knows it; without it the file's.")
def csv(**options: Any) -> None:  # noqa: ANN401 - click hands over what the options above promise
    """Import our own list of offers as CSV."""
    _import(OWN_CSV, **options)


@imports.command("json", epilog=_EPILOG)
@_options
@click.option("--name", help="The list's name, by which a later import knows it; without it the file's.")
def json(**options: Any) -> None:  # noqa: ANN401 - click hands over what the options above promise
    """Import our own list of offers as JSON."""
    _import(OWN_JSON, **options)


for _command in (review, resolve, history):
    imports.add_command(_command)


def _import(
    format_: Format,
    *,
    path: str,
    dry_run: bool,
    as_of: dt.datetime | None,
    max_refused: int,
    max_vanished: int,
    show: int,
    provider: str | None = None,
    provider_kind: str | None = None,
    name: str | None = None,
) -> None:
    request = ImportRequest(
        format=format_,
        source=path,
        provider=provider,
        provider_kind=provider_kind,
        name=name,
        as_of=None if as_of is None else as_of.date(),
        max_refused=max_refused,
        max_vanished_share=max_vanished / 100,
        is_dry_run=dry_run,
    )

    settings = local_settings()
    rules = DownloadRules(private_networks=tuple(map(str, settings.import_private_networks)))

    async def work(database: Database) -> ImportReport:
        await prepare(database)
        with _progress_bar() as progress:
            try:
                return await run_import(database, request, progress=progress, rules=rules)
            except InventoryRefusal as error:
                raise BadInput(str(error)) from error

    print_report(use_database(settings, work), show=show)


@contextmanager
def _progress_bar() -> Generator[Callable[[str, int, int], None], None, None]:
    """Give what shows progress on standard error, if that is a terminal."""
    console = open_console(err=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield show
