"""`r1plan node`: machines of one's own."""

from typing import Any, Final

import click
from msgspec.structs import replace

from planner import InvalidRequest, Node
from service.cli.consoles import make_table, open_console, print_table, say
from service.cli.errors import BadInput, bad_input
from service.cli.local import local_settings, use_database
from service.inventory.changes import hold_revision
from service.inventory.database import Database
from service.inventory.fleet.nodes import add_node, change_node, load_node, remove_node
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

    async def write(database: Database) -> Node:
        await prepare(database)
        made = Node(
            node=name,
            site=site,
            gpu_id=await _find_gpu(database, gpu),
            gpu_count=gpu_count,
            usd_per_hour=usd_per_hour,
            as_of=today(),
        )
        async with database.change() as session:
            await add_node(session, made)
        return made

    made = use_database(local_settings(), write)
    say(f"Added {made.node}: {_show_node(made)}.")


@node.command(epilog=_EPILOG)
@click.argument("name")
@click.option("--site", help="Where it stands now.")
@click.option("--gpu", help="Its GPU now: an id or alias.")
@click.option("--gpu-count", type=int, help="How many of them it has now.")
@click.option("--usd-per-hour", type=float, help="What the whole node costs an hour from today on.")
def change(*, name: str, site: str | None, gpu: str | None, gpu_count: int | None, usd_per_hour: float | None) -> None:
    """Change the node NAME in what is given, if its reservations allow it; the rest stays as it is."""
    given = {"site": site, "gpu_count": gpu_count, "usd_per_hour": usd_per_hour}
    changes: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    if not changes and gpu is None:
        raise BadInput("Nothing to change was given; allowed are --site, --gpu, --gpu-count and --usd-per-hour.")

    async def write(database: Database) -> Node:
        await prepare(database)
        if gpu is not None:
            changes["gpu_id"] = await _find_gpu(database, gpu)
        async with database.change() as session:
            await hold_revision(session)  # nobody changes what is not given between the reading and the writing
            before = await load_node(session, name)
            after = replace(before, **changes)
            if after.usd_per_hour != before.usd_per_hour:
                after = replace(after, as_of=today())
            await change_node(session, after)
        return after

    changed = use_database(local_settings(), write)
    say(f"{changed.node} is now {_show_node(changed)}, {_show_cost(changed)}.")


@node.command(name="list", epilog=_EPILOG)
def list_nodes() -> None:
    """List the nodes."""

    async def read(database: Database) -> list[Node]:
        await prepare(database)
        return list((await load_snapshot(database)).inventory.fleet.nodes.values())

    nodes = use_database(local_settings(), read)
    if not nodes:
        say("No node was added.")
        return
    table = make_table("node", "GPUs", "site", "cost")
    for one in nodes:
        table.add_row(one.node, f"{one.gpu_count}x {one.gpu_id}", one.site, _show_cost(one))
    print_table(open_console(), table)


@node.command(epilog=_EPILOG)
@click.argument("name")
def remove(name: str) -> None:
    """Remove the node NAME, if no reservation stands on it."""

    async def write(database: Database) -> None:
        await prepare(database)
        async with database.change() as session:
            await remove_node(session, name)

    use_database(local_settings(), write)
    say(f"Removed {name}.")


async def _find_gpu(database: Database, name: str) -> str:
    """Return the identifier of the one GPU of that name; raises BadInput."""
    try:
        gpu_ids = (await load_snapshot(database)).inventory.gpu_ids(name, field="gpu")
    except InvalidRequest as error:
        raise bad_input(error) from error
    if len(gpu_ids) != 1:
        raise BadInput(f"{name} may be {', '.join(gpu_ids)}: say which.")
    return gpu_ids[0]


def _show_node(one: Node) -> str:
    return f"{one.gpu_count}x {one.gpu_id} at {one.site}"


def _show_cost(one: Node) -> str:
    return "no cost entered" if one.usd_per_hour is None else f"${one.usd_per_hour:g}/h since {one.as_of}"
