"""`r1plan model`: models of one's own, described by their config.json."""

from pathlib import Path
from typing import Final

import click

from planner import InvalidRequest, ModelSpec
from service.cli.consoles import make_table, open_console, print_table, say
from service.cli.errors import bad_input
from service.cli.json_files import read_object
from service.cli.local import local_settings, use_database
from service.inventory.database import Database
from service.inventory.own_models import add_model, load_models, remove_model
from service.seed import prepare

_EPILOG: Final = (
    "The database is the one that R1PLAN_DATABASE_URL names. Exit status: 0 done, 2 what was given cannot be used,"
    " 4 the database cannot be used."
)


@click.group(epilog=_EPILOG)
def model() -> None:
    """Keep models of your own: any dense decoder-only model, by its config.json."""


@model.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="What to call it; without it what the config calls itself.")
def add(file: Path, *, name: str | None) -> None:
    """Add the model that FILE, a config.json, describes, for use as --model in every request."""
    config = read_object(file)

    async def change(database: Database) -> str:
        await prepare(database)
        async with database.change() as session:
            spec = await add_model(session, config, name=name)
        return (
            f"Added {spec.model_id}: {spec.num_parameters:,} parameters, "
            f"{2 * spec.kv_elements_per_token:,} bytes of 16-bit KV cache per token."
        )

    try:
        say(use_database(local_settings(), change))
    except InvalidRequest as error:
        raise bad_input(error) from error


@model.command(name="list", epilog=_EPILOG)
def list_models() -> None:
    """List the models that were added."""

    async def read(database: Database) -> list[ModelSpec]:
        await prepare(database)
        async with database.read() as session:
            return await load_models(session)

    models = use_database(local_settings(), read)
    if not models:
        say("No model was added; those that r1plan knows need no adding.")
        return
    table = make_table("model", "parameters")
    for spec in models:
        table.add_row(spec.model_id, f"{spec.num_parameters:,}")
    print_table(open_console(), table)


@model.command(epilog=_EPILOG)
@click.argument("name")
def remove(name: str) -> None:
    """Remove the model that was added as NAME."""

    async def change(database: Database) -> None:
        await prepare(database)
        async with database.change() as session:
            await remove_model(session, name)

    use_database(local_settings(), change)
    say(f"Removed {name}.")
