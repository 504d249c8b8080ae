"""`r1plan db`: make, seed and check the inventory's tables; copy the inventory, and put a copy back."""

from pathlib import Path
from typing import Final

import click

from service.cli.consoles import say
from service.cli.local import local_settings, run_in_one_line, use_database
from service.inventory.backup import back_up, renew_identity
from service.inventory.backup import restore as restore_backup
from service.inventory.database import Database
from service.inventory.migrate import check as check_tables
from service.inventory.migrate import check_fresh
from service.inventory.migrate import downgrade as downgrade_tables
from service.inventory.migrate import upgrade as upgrade_tables
from service.seed import seed as seed_inventory
from service.settings import safe_url

_EPILOG: Final = (
    "The database is the one that R1PLAN_DATABASE_URL names, by default a file in the folder for user data."
    " Exit status: 0 done, 1 tables and migrations differ, 2 a setting cannot be used, 4 the database cannot be used."
)


@click.group(epilog=_EPILOG)
def db() -> None:
    """Make, seed, check, copy and restore the inventory's tables."""


@db.command(epilog=_EPILOG)
def upgrade() -> None:
    """Bring the tables to the version that this program knows."""
    settings = local_settings()
    use_database(settings, upgrade_tables)
    say(f"The tables of {safe_url(settings.database_url)} are up to date.")


@db.command(epilog=_EPILOG)
def seed() -> None:
    """Add the GPUs and offers that r1plan brings along and that were never here; what was deleted stays deleted."""

    async def add_missing(database: Database) -> str:
        async with database.change() as session:
            added = await seed_inventory(session)
        return f"Added {added.gpus} GPUs and {added.offers} offers"

    settings = local_settings()
    say(f"{use_database(settings, add_missing)} to {safe_url(settings.database_url)}.")


@db.command(epilog=_EPILOG)
@click.option("--here", is_flag=True, help="Check the tables of the database in use; nothing is changed.")
def check(*, here: bool) -> None:
    """Check that the migrations make the tables that this program knows, on a new SQLite file."""
    if here:
        settings = local_settings()
        use_database(settings, check_tables)
        say(f"The tables of {safe_url(settings.database_url)} are those that this program knows.")
    else:
        run_in_one_line(check_fresh())
        say("The migrations make the tables that this program knows.")


@db.command(epilog=_EPILOG)
@click.option("--to", required=True, metavar="MIGRATION", help="The number of the last migration to keep, as 0004.")
def downgrade(*, to: str) -> None:
    """Take the tables back to those of an older version; what later ones added is lost, so make a backup first."""
    settings = local_settings()
    use_database(settings, lambda database: downgrade_tables(database, to=to))
    say(f"The tables of {safe_url(settings.database_url)} are at migration {to}.")


@db.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy an SQLite inventory into FILE, while it is in use; nothing is overwritten."""

    async def copy(database: Database) -> None:
        back_up(database, file)

    use_database(local_settings(), copy)
    say(f"Copied the inventory to {file}.")


@db.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE in the place of the SQLite inventory, brought up to date; all that came after it is lost."""
    settings = local_settings()
    use_database(settings, lambda database: restore_backup(database, file))
    say(f"{safe_url(settings.database_url)} is the inventory of {file}.")


@db.command(epilog=_EPILOG)
def restored() -> None:
    """Say that pg_restore put a PostgreSQL inventory back, so that no answer from before passes for its own."""

    async def renew(database: Database) -> None:
        async with database.change() as session:
            await renew_identity(session)

    settings = local_settings()
    use_database(settings, renew)
    say(f"{safe_url(settings.database_url)} is an inventory of its own; no earlier answer is taken for its.")
