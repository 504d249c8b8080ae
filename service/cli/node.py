"""`r1plan node`: machines of one's own."""

from typing import Final

import click

from planner import InvalidRequest, Node
from service.cli.consoles import say
from service.cli.errors import BadInput, bad_input
from service.cli.local import local_settings, use_database
from service.inventory.database import Database
from service.inventory.fleet.nodes import add_node, remove_node
from service.inventory.snapshot import load_snapshot
from service.inventory.utc import today
from service.seed import prepare

_EPILOG: Final = (
    "The database is the one that R1PLAN_DATABASE_URL names. Exit status: 0 done, 2 what was given cannot be used or"
    " reservations stand on the node, 4 the database cannot be used."
)


@click.group(epilog=_EPILOG)
def node() -> None:
    """Keep the machines of your own, for plans with --pricing owned."""


@node.command(epilog=_EPILOG)
@click.argument("name")
@click.option("--site", required=True, help="Where it stands.")
@click.option("--gpu", required=True, help="Its GPU: an id or alias.")
@click.option("--gpu-count", type=int, default=1, show_default=True, help="How many of them it has.")
@click.option("--usd-per-hour", type=float, help="What the whole node costs an hour; electricity alone without it.")
def add(*, name: str, site: str, gpu: str, gpu_count: int, usd_per_hour: float | None) -> None:
    """Add the node NAME."""

    async def change(database: Database) -> Node:
        await prepare(database)
        gpu_ids = (await load_snapshot(database)).inventory.gpu_ids(gpu, field="gpu")
        if len(gpu_ids) != 1:
            raise BadInput(f"{gpu} may be {', '.join(gpu_ids)}: say which.")
        made = Node(
            node=name,
            site=site,
            gpu_id=gpu_ids[0],
            gpu_count=gpu_count,
            usd_per_hour=usd_per_hour,
            as_of=today(),
        )
        async with database.change() as session:
            await add_node(session, made)
        return made

    try:
        made = use_database(local_settings(), change)
    except InvalidRequest as error:
        raise bad_input(error) from error
    say(f"Added {made.node}: {made.gpu_count}x {made.gpu_id} at {made.site}.")


@node.command(name="list", epilog=_EPILOG)
def list_nodes() -> None:
    """List the nodes."""

    async def read(database: Database) -> list[Node]:
        await prepare(database)
        return list((await load_snapshot(database)).inventory.fleet.nodes.values())

    for one in use_database(local_settings(), read):
        cost = "no cost entered" if one.usd_per_hour is None else f"${one.usd_per_hour:g}/h since {one.as_of}"
        say(f"{one.node}\t{one.gpu_count}x {one.gpu_id}\t{one.site}\t{cost}")


@node.command(epilog=_EPILOG)
@click.argument("name")
def remove(name: str) -> None:
    """Remove the node NAME, if no reservation stands on it."""

    async def change(database: Database) -> None:
        await prepare(database)
        async with database.change() as session:
            await remove_node(session, name)

    use_database(local_settings(), change)
    say(f"Removed {name}.")
