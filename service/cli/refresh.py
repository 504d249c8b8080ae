"""`r1plan refresh`: sources of catalogues that are read again and again."""

import datetime as dt
from typing import Final

import click
from rich.text import Text

from service.cli.consoles import make_table, open_console, print_table, say
from service.cli.errors import Refusal
from service.cli.json_output import print_json
from service.cli.local import local_settings, use_database
from service.inventory.database import Database
from service.inventory.importers.formats import FORMATS
from service.inventory.refresh_sources import (
    NewSource,
    RefreshSource,
    add_source,
    enable_source,
    load_sources,
    remove_source,
)
from service.refreshing.refreshing import Refreshing
from service.seed import prepare

_EPILOG: Final = (
    "Sources are read by running services, one at a time over all of them. Exit status: 0 done, 1 a source could not be"
    " read, 2 what was given cannot be used, 4 the database cannot be used."
)


@click.group(epilog=_EPILOG)
def refresh() -> None:
    """Keep sources of catalogues that are read by a schedule. There are none until one is added."""


@refresh.command(epilog=_EPILOG)
@click.argument("name")
@click.argument("location")
@click.option("--format", "format_", type=click.Choice(tuple(FORMATS)), required=True, help="The catalogue's format.")
@click.option(
    "--schedule",
    default="every 1d",
    show_default=True,
    help='"every 6h" (m, h, d), or five fields of cron in UTC: "30 4 * * *".',
)
@click.option("--provider", help="Whose catalogue the one file is, where its name does not tell.")
@click.option("--provider-kind", help="The kind of a provider that is not known here yet.")
@click.option("--list-name", help="The name of our own list (csv, json); without it the file's.")
@click.option("--paused", is_flag=True, help="Add it without reading it.")
def add(
    *,
    name: str,
    location: str,
    format_: str,
    schedule: str,
    provider: str | None,
    provider_kind: str | None,
    list_name: str | None,
    paused: bool,
) -> None:
    """Add a source NAME: LOCATION is an https address, or a file, folder or zip that every service can read."""
    source = NewSource(
        name=name,
        format=format_,
        location=location,
        schedule=schedule,
        provider=provider,
        provider_kind=provider_kind,
        list_name=list_name,
        is_enabled=not paused,
    )

    async def change(database: Database) -> None:
        await prepare(database)
        async with database.change() as session:
            await add_source(session, source)

    use_database(local_settings(), change)
    say(f"Added {name}; {'it is paused' if paused else 'a running service reads it within a minute'}.")


@refresh.command("list", epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_sources(*, as_json: bool) -> None:
    """List the sources, when each is due and how it went last."""

    async def load(database: Database) -> list[RefreshSource]:
        await prepare(database)
        async with database.read() as session:
            return await load_sources(session)

    sources = use_database(local_settings(), load)
    if as_json:
        print_json(sources)
    elif sources:
        _print_sources(sources)
    else:
        say("No source was added: nothing is read by a schedule.")


@refresh.command(epilog=_EPILOG)
@click.argument("name")
def remove(*, name: str) -> None:
    """Remove the source NAME; the offers that it brought stay."""

    async def change(database: Database) -> None:
        await prepare(database)
        async with database.change() as session:
            await remove_source(session, name)

    use_database(local_settings(), change)
    say(f"Removed {name}.")


@refresh.command(epilog=_EPILOG)
@click.argument("name")
def pause(*, name: str) -> None:
    """Read the source NAME no more until it is resumed."""
    _enable(name, is_enabled=False)
    say(f"Paused {name}.")


@refresh.command(epilog=_EPILOG)
@click.argument("name")
def resume(*, name: str) -> None:
    """Read the source NAME by its schedule again, at once first."""
    _enable(name, is_enabled=True)
    say(f"Resumed {name}.")


@refresh.command(epilog=_EPILOG)
@click.argument("name")
def run(*, name: str) -> None:
    """Read the source NAME now, whatever its schedule."""
    settings = local_settings()

    async def read(database: Database) -> RefreshSource:
        await prepare(database)
        if not await Refreshing(database, settings=settings).refresh(name):
            raise Refusal("Another import is under way; try again when it has ended.")
        async with database.read() as session:
            return next(source for source in await load_sources(session) if source.name == name)

    source = use_database(settings, read)
    if source.last_error is not None:
        raise Refusal(source.last_error)
    say(f"{name}: {source.last_result}")


def _enable(name: str, *, is_enabled: bool) -> None:
    async def change(database: Database) -> None:
        await prepare(database)
        async with database.change() as session:
            await enable_source(session, name, is_enabled=is_enabled)

    use_database(local_settings(), change)


def _print_sources(sources: list[RefreshSource]) -> None:
    table = make_table("name", "format", "schedule", "due (UTC)", "last success", "last result or error", "from")
    for source in sources:
        due = _moment(source.due_at) if source.is_enabled else "paused"
        success = Text(_moment(source.last_success_at), style="red" if source.is_stale else "")
        last = Text(source.last_error, style="red") if source.last_error else Text(source.last_result or "")
        table.add_row(source.name, source.format, source.schedule, due, success, last, source.location)
    print_table(open_console(), table)


def _moment(moment: dt.datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
