"""`r1plan db`: make, seed and check the inventory's tables."""

from typing import Final

import click

from service.cli.local import local_settings, run_in_one_line, use_database
from service.inventory.database import Database
from service.inventory.migrate import check as check_tables
from service.inventory.migrate import check_fresh
from service.inventory.migrate import upgrade as upgrade_tables
from service.seed import seed as seed_inventory
from service.settings import safe_url

_EPILOG: Final = (
    "The database is the one that R1PLAN_DATABASE_URL names, by default a file in the folder for user data."
    " Exit status: 0 done, 1 tables and migrations differ, 2 a setting cannot be used, 4 the database cannot be used."
)


@click.group(epilog=_EPILOG)
def db() -> None:
    """Make, seed and check the inventory's tables."""


@db.command(epilog=_EPILOG)
def upgrade() -> None:
    """Bring the tables to the version that this program knows."""
    settings = local_settings()
    use_database(settings, upgrade_tables)
    click.echo(f"The tables of {safe_url(settings.database_url)} are up to date.")


@db.command(epilog=_EPILOG)
def seed() -> None:
    """Add the GPUs and offers that r1plan brings along, where they are missing."""

    async def add_missing(database: Database) -> str:
        async with database.change() as session:
            added = await seed_inventory(session)
        return f"Added {added.gpus} GPUs and {added.offers} offers"

    settings = local_settings()
    click.echo(f"{use_database(settings, add_missing)} to {safe_url(settings.database_url)}.")


@db.command(epilog=_EPILOG)
@click.option("--here", is_flag=True, help="Check the tables of the database in use; nothing is changed.")
def check(*, here: bool) -> None:
    """Check that the migrations make the tables that this program knows, on a new SQLite file."""
    if here:
        settings = local_settings()
        use_database(settings, check_tables)
        click.echo(f"The tables of {safe_url(settings.database_url)} are those that this program knows.")
    else:
        run_in_one_line(check_fresh())
        click.echo("The migrations make the tables that this program knows.")
