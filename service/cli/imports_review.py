"""`r1plan import review`, `resolve` and `history`: GPU names in doubt, and what was imported when."""

from typing import Final

import click

from service.cli.consoles import make_table, open_console, print_table, say
from service.cli.errors import BadInput
from service.cli.local import local_settings, use_database
from service.inventory.database import Database
from service.inventory.errors import InventoryRefusal
from service.inventory.importers.history import PastImport, load_imports
from service.inventory.importers.review import Review, decide, load_reviews
from service.seed import prepare

_LAST_NUMBER: Final = 2**31 - 1  # that the database can hold


@click.command()
@click.option("--catalogue", help="Only those of one catalogue, such as skypilot:aws.")
def review(*, catalogue: str | None) -> None:
    """List the GPU names that no import could tell, each with a number for `resolve`."""

    async def load(database: Database) -> list[Review]:
        await prepare(database)
        async with database.read() as session:
            return await load_reviews(session, catalogue=catalogue)

    reviews = use_database(local_settings(), load)
    if not reviews:
        say("No GPU name is in doubt.")
        return
    table = make_table("number", "catalogue", "name", "machine", "GiB", "rows", "meant", "why in doubt")
    for each in reviews:
        table.add_row(
            str(each.review_id),
            each.catalogue,
            each.name,
            each.machine,
            f"{each.memory_gib:g}" if each.memory_gib else "",
            f"{each.rows:,}",
            each.gpu_id or "?",
            each.reason + (f": {', '.join(each.candidates)}" if each.candidates else ""),
        )
    print_table(open_console(), table)


@click.command()
@click.argument("number", type=click.IntRange(1, _LAST_NUMBER))
@click.argument("gpu_id")
def resolve(*, number: int, gpu_id: str) -> None:
    """Say which GPU a name of the review list means; the catalogue's next import follows it."""

    async def write(database: Database) -> None:
        await prepare(database)
        async with database.change() as session:
            try:
                await decide(session, number, gpu_id=gpu_id)
            except InventoryRefusal as error:
                raise BadInput(str(error)) from error

    use_database(local_settings(), write)
    say(f"Number {number} means {gpu_id}. Import the catalogue again to bring its offers in.")


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many to show.")
def history(*, limit: int) -> None:
    """List the last imports, the newest first."""

    async def load(database: Database) -> list[PastImport]:
        await prepare(database)
        async with database.read() as session:
            return await load_imports(session, limit=limit)

    imports = use_database(local_settings(), load)
    if not imports:
        say("Nothing was imported.")
        return
    table = make_table(
        "imported (UTC)", "catalogue", "prices of", "rows", "added", "changed", "vanished", "SHA-256", "from"
    )
    for each in imports:
        table.add_row(
            f"{each.imported_at:%Y-%m-%d %H:%M}",
            each.catalogue,
            str(each.as_of),
            *(f"{number:,}" for number in (each.rows_read, each.added, each.changed, each.vanished)),
            each.checksum_sha256[:16],
            each.location,
        )
    print_table(open_console(), table)
