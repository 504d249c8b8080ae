"""`r1plan db`: make, seed and check the inventory's tables."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

import click

from service.cli.errors import DatabaseUnusable, TablesDiffer
from service.cli.local import local_settings
from service.inventory.database import Database
from service.inventory.errors import InventoryError, InventoryUnavailable
from service.inventory.migrate import check as check_tables
from service.inventory.migrate import check_fresh
from service.inventory.migrate import upgrade as upgrade_tables
from service.seed import seed as seed_inventory
from service.settings import Settings, safe_url

_EPILOG: Final = (
    "The database is the one that R1PLAN_DATABASE_URL names, by default a file in the folder for user data."
    " Exit status: 0 done, 1 tables and migrations differ, 2 a setting cannot be used, 4 the database cannot be used."
)
_Result = TypeVar("_Result")


@click.group(epilog=_EPILOG)
def db() -> None:
    """Make, seed and check the inventory's tables."""


@db.command(epilog=_EPILOG)
def upgrade() -> None:
    """Bring the tables to the version that this program knows."""
    settings = local_settings()
    _run(settings, upgrade_tables)
    click.echo(f"The tables of {safe_url(settings.database_url)} are up to date.")


@db.command(epilog=_EPILOG)
def seed() -> None:
    """Add the GPUs and offers that r1plan brings along, where they are missing."""

    async def add_missing(database: Database) -> str:
        async with database.change() as session:
            added = await seed_inventory(session)
        return f"Added {added.gpus} GPUs and {added.offers} offers"

    settings = local_settings()
    click.echo(f"{_run(settings, add_missing)} to {safe_url(settings.database_url)}.")


@db.command(epilog=_EPILOG)
@click.option("--here", is_flag=True, help="Check the tables of the database in use; nothing is changed.")
def check(*, here: bool) -> None:
    """Check that the migrations make the tables that this program knows, on a new SQLite file."""
    if here:
        settings = local_settings()
        _run(settings, check_tables)
        click.echo(f"The tables of {safe_url(settings.database_url)} are those that this program knows.")
    else:
        _say_errors_in_one_line(check_fresh())
        click.echo("The migrations make the tables that this program knows.")


def _run(settings: Settings, use: Callable[[Database], Awaitable[_Result]]) -> _Result:
    async def open_and_close() -> _Result:
        database = Database(settings)
        try:
            return await use(database)
        finally:
            await database.close()

    return _say_errors_in_one_line(open_and_close())


def _say_errors_in_one_line(work: Coroutine[Any, Any, _Result]) -> _Result:
    try:
        return asyncio.run(work)
    except InventoryUnavailable as error:
        raise DatabaseUnusable(str(error)) from error
    except InventoryError as error:
        raise TablesDiffer(str(error)) from error
