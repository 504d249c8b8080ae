"""`r1plan key`: API keys, made and ended by whoever has the database."""

import datetime as dt
import re
from typing import Final

import click

from service.cli.consoles import make_table, open_console, print_table, say
from service.cli.local import local_settings, use_database
from service.inventory.api_keys import SCOPES, ApiKey, Scope, create_key, load_keys, revoke_key, rotate_key
from service.inventory.database import Database
from service.inventory.utc import now
from service.seed import prepare
from service.settings import MAX_RATE, Secret

_EPILOG: Final = (
    "The database is the one that R1PLAN_DATABASE_URL names. Exit status: 0 done, 2 what was given cannot be used,"
    " 4 the database cannot be used."
)
_LONGEST_DAYS: Final = 36_500


class _Expiry(click.ParamType[dt.datetime]):
    name = "DATE|DAYSd"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        text = str(value)
        days = re.fullmatch(r"([0-9]{1,5})d", text)
        if days is not None and 1 <= int(days[1]) <= _LONGEST_DAYS:
            return now() + dt.timedelta(days=int(days[1]))
        try:
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), tzinfo=dt.UTC)
        except ValueError:
            self.fail(
                f"{text[:40]!r} is neither a date such as 2027-01-01 nor a number of days such as 90d.", param, ctx
            )


@click.group(epilog=_EPILOG)
def key() -> None:
    """Make, replace, revoke and list API keys."""


@key.command(epilog=_EPILOG)
@click.argument("name")
@click.option("--scope", type=click.Choice(SCOPES), default="read", show_default=True, help="What it may do.")
@click.option("--expires", type=_Expiry(), help="Its last day is the one before, in UTC; without it: never.")
@click.option("--rate", type=click.IntRange(1, MAX_RATE), help="Requests a minute; without it R1PLAN_RATE_PER_KEY.")
def create(name: str, *, scope: Scope, expires: dt.datetime | None, rate: int | None) -> None:
    """Make a key called NAME and print it, this once."""

    async def change(database: Database) -> Secret:
        await prepare(database)
        async with database.change() as session:
            return await create_key(session, name, scope=scope, expires_at=expires, requests_per_minute=rate)

    _show_once(use_database(local_settings(), change))


@key.command(epilog=_EPILOG)
@click.argument("name")
def rotate(name: str) -> None:
    """Replace the key NAME by a new one of the same rights and print it; the old one ends at once."""

    async def change(database: Database) -> Secret:
        await prepare(database)
        async with database.change() as session:
            return await rotate_key(session, name)

    _show_once(use_database(local_settings(), change))


@key.command(epilog=_EPILOG)
@click.argument("name")
def revoke(name: str) -> None:
    """End the key NAME; its name stays in the list, and is not given again."""

    async def change(database: Database) -> None:
        await prepare(database)
        async with database.change() as session:
            await revoke_key(session, name)

    use_database(local_settings(), change)
    say(f"Revoked {name}.")


@key.command(name="list", epilog=_EPILOG)
def list_keys() -> None:
    """List the keys: what they may do, and when they were used last (to a minute)."""

    async def read(database: Database) -> list[ApiKey]:
        await prepare(database)
        async with database.read() as session:
            return await load_keys(session)

    keys = use_database(local_settings(), read)
    if not keys:
        say("No key was made.")
        return
    table = make_table("name", "id", "scope", "state", "a minute", "made", "expires", "last used")
    for each in keys:
        table.add_row(
            each.name,
            each.key_id,
            each.scope,
            _state(each),
            str(each.requests_per_minute or "-"),
            _moment(each.created_at),
            _moment(each.expires_at),
            _moment(each.last_used_at),
        )
    print_table(open_console(), table)


def _show_once(token: Secret) -> None:
    say(token.reveal())
    say("This key is not shown again: only its hash is kept.", err=True)


def _state(each: ApiKey) -> str:
    if each.revoked_at is not None:
        return "revoked"
    return "expired" if each.expires_at is not None and each.expires_at <= now() else "in use"


def _moment(moment: dt.datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
