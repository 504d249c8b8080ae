"""`r1plan changes`: the audit trail of the inventory."""

import datetime as dt
from typing import Final

import click
import msgspec

from service.cli.consoles import say
from service.cli.json_output import print_json
from service.cli.local import local_settings, use_database
from service.inventory.audit_listing import AuditFilter, AuditPage, list_changes
from service.inventory.database import Database
from service.inventory.listing import DEFAULT_LIMIT, MAX_LIMIT
from service.seed import prepare

_SHOWN: Final = 400
"""Characters of what a thing was or is: an import's first changes would fill the screen."""


@click.command(
    epilog="The database is the one that R1PLAN_DATABASE_URL names. Exit status: 0 done, 4 the database cannot be used."
)
@click.option("--kind", help="Changes of this kind of thing only: gpu, offer, node, reservation, import, key, ...")
@click.option("--id", "thing_id", help="Changes of the thing of this identifier only.")
@click.option("--actor", help="Changes that this actor made only, such as key:ops.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Changes of this day (UTC) or later only.")
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), default=DEFAULT_LIMIT, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
def changes(
    *,
    kind: str | None,
    thing_id: str | None,
    actor: str | None,
    since: dt.datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show who changed what in the inventory, the newest change first."""
    day = None if since is None else since.date()
    audit_filter = AuditFilter(kind=kind, thing_id=thing_id, actor=actor, since=day)

    async def read(database: Database) -> AuditPage:
        await prepare(database)
        async with database.read() as session:
            return await list_changes(session, audit_filter, limit=limit)

    page = use_database(local_settings(), read)
    if as_json:
        print_json(page.items)
        return
    if not page.items:
        say("No change is like that.")
    for each in page.items:
        say(
            f"{each.changed_at:%Y-%m-%d %H:%M:%S}Z  revision {each.revision}  {each.actor}  {each.action}"
            f" {each.kind} {each.thing_id}"
        )
        for word, fields in (("was", each.before), ("is", each.after)):
            if fields is not None:
                say(f"    {word}: {_shorten(msgspec.json.encode(fields).decode())}")


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... (--json shows all)"
