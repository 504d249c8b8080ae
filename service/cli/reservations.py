"""`r1plan reserve`, `reservations`, `cancel` and `free`: who may use which GPUs of one's own, and what is left."""

import datetime as dt
import getpass
from typing import Final

import click

from planner import show_moment
from service.cli.consoles import make_table, open_console, print_table, say
from service.cli.errors import BadInput
from service.cli.json_output import print_json
from service.cli.local import local_settings, use_database
from service.cli.moments import moment_option, show_held
from service.inventory.database import Database
from service.inventory.errors import GpusTaken
from service.inventory.fleet.free import FreeNode, find_free
from service.inventory.fleet.reservation import Reservation, load_reservation_page
from service.inventory.fleet.reservations import ReservationOrder, cancel_reservation
from service.inventory.fleet.reservations import reserve as make_reservation
from service.inventory.snapshot import load_snapshot
from service.inventory.utc import now
from service.seed import prepare

TAKEN_STATUS: Final = 3
_EPILOG: Final = (
    "Exit status: 0 done, 2 what was given cannot be used, 3 the GPUs are promised to others,"
    " 4 the database cannot be used."
)


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise BadInput("This machine does not know your user name: say with --owner for whom.") from error


@click.command(epilog=_EPILOG)
@click.argument("node")
@click.option("--gpu-count", type=int, default=1, show_default=True, help="How many GPUs of NODE.")
@moment_option("--start", "start", help="From when on; now where it is not given.")
@moment_option("--end", "end", required=True, help="Until when.")
@click.option("--owner", default=_user_name, show_default="your user name", help="For whom.")
@click.option("--purpose", default="", help="For what.")
@click.option("--json", "as_json", is_flag=True, help="Print the reservation as the API gives it.")
@click.pass_context
def reserve(
    command: click.Context,
    *,
    node: str,
    gpu_count: int,
    start: dt.datetime | None,
    end: dt.datetime,
    owner: str,
    purpose: str,
    as_json: bool,
) -> None:
    """Reserve GPUs of NODE: nobody else is promised them until the end."""
    order = ReservationOrder(owner=owner, purpose=purpose, start=start, end=end, allocations={node: gpu_count})

    async def change(database: Database) -> Reservation | GpusTaken:
        await prepare(database)
        try:
            async with database.change() as session:
                return await make_reservation(session, order)
        except GpusTaken as error:
            return error

    made = use_database(local_settings(), change)
    if isinstance(made, GpusTaken):
        say(f"Error: {made}", err=True)
        command.exit(TAKEN_STATUS)
    if as_json:
        print_json(made)
    else:
        say(f"Reserved {_show_allocations(made)} for {made.owner} until {show_moment(made.end)}: {made.reservation_id}")


@click.command(epilog=_EPILOG)
@click.option("--node", help="Those on this node alone.")
@click.option("--owner", help="Those of this owner alone.")
@click.option("--all", "with_ended", is_flag=True, help="Those that have ended too.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def reservations(*, node: str | None, owner: str | None, with_ended: bool, as_json: bool) -> None:
    """List reservations that have not ended, by their start."""
    start = None if with_ended else now()

    async def read(database: Database) -> list[Reservation]:
        await prepare(database)
        async with database.read() as session:
            found = await load_reservation_page(session, limit=None, node=node, owner=owner, start=start)
        return sorted(found, key=lambda one: one.start)

    found = use_database(local_settings(), read)
    if as_json:
        print_json(found)
        return
    if not found:
        say("No reservation is like that." if node or owner else "Nothing is reserved.")
        return
    table = make_table("reservation", "GPUs", "from", "until", "owner", "purpose")
    for one in found:
        times = show_moment(one.start), show_moment(one.end)
        table.add_row(one.reservation_id, _show_allocations(one), *times, one.owner, one.purpose)
    print_table(open_console(), table)


@click.command(epilog=_EPILOG)
@click.argument("reservation")
def cancel(reservation: str) -> None:
    """Cancel RESERVATION: what it holds is free from now on."""

    async def change(database: Database) -> None:
        await prepare(database)
        async with database.change() as session:
            await cancel_reservation(session, reservation)

    use_database(local_settings(), change)
    say(f"Cancelled {reservation}.")


@click.command(epilog=_EPILOG)
@moment_option("--start", "start", help="At which moment, or from when on; now where it is not given.")
@moment_option("--end", "end", help="Free until then throughout; at the moment alone where it is not given.")
@click.option("--json", "as_json", is_flag=True, help="Print it as the API gives it.")
def free(*, start: dt.datetime | None, end: dt.datetime | None, as_json: bool) -> None:
    """Show what is free of each node, what is taken, by whom and until when."""
    begin = now() if start is None else max(start, now())
    if end is not None and end <= begin:
        raise BadInput(f"The end must come after the start, {show_moment(begin)}.")

    async def read(database: Database) -> tuple[FreeNode, ...]:
        await prepare(database)
        return find_free((await load_snapshot(database)).inventory.fleet, start=begin, end=end)

    found = use_database(local_settings(), read)
    if as_json:
        print_json(found)
        return
    if not found:
        say("No node was added.")
        return
    table = make_table("node", "GPUs", "free", "taken")
    for one in found:
        taken = ", ".join(show_held(held) for held in one.taken)
        table.add_row(one.node, f"{one.gpu_count}x {one.gpu_id}", str(one.free_gpus), taken)
    print_table(open_console(), table)


def _show_allocations(reservation: Reservation) -> str:
    return ", ".join(f"{gpu_count} of {node}" for node, gpu_count in reservation.allocations.items())
