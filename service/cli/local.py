"""The inventory of this machine, for commands that need no running service."""

import asyncio
import datetime as dt
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar, cast

from planner import FIELDS, Inventory, read_field
from service.cli.consoles import say
from service.cli.errors import BadInput, BadSetting, DatabaseUnusable, TablesDiffer
from service.inventory.database import Database
from service.inventory.errors import InventoryError, InventoryRefusal, InventoryUnavailable
from service.inventory.snapshot import load_snapshot
from service.seed import prepare
from service.settings import Settings, SettingsError, read_settings

_Result = TypeVar("_Result")


def local_settings() -> Settings:
    """Return the settings of the environment; raises BadSetting."""
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        raise BadSetting(str(error)) from error
    for warning in settings.warnings:
        say(f"Warning: {warning}", err=True)
    return settings


def local_inventory(*, as_of: dt.date | None = None) -> Inventory:
    """Return the inventory of the database that the settings name, made and seeded where it is new.

    With `as_of` it holds the prices of that past day.

    Raises BadSetting, DatabaseUnusable and TablesDiffer.
    """

    async def load(database: Database) -> Inventory:
        await prepare(database)
        return (await load_snapshot(database, as_of=as_of)).inventory

    return use_database(local_settings(), load)


def inventory_for(fields: Mapping[str, object]) -> Inventory:
    """Return the inventory that a plan of `fields` is made from: of today, or of the past day that they ask for.

    Raises InvalidRequest for a day that cannot be read, and what `local_inventory` raises.
    """
    if "as_of" not in fields:
        return local_inventory()
    return local_inventory(as_of=cast("dt.date", read_field("as_of", FIELDS["as_of"], fields["as_of"])))


def use_database(settings: Settings, use: Callable[[Database], Awaitable[_Result]]) -> _Result:
    """Open the database, return what `use` makes of it, and close it.

    Raises BadInput for what the inventory refuses, DatabaseUnusable and TablesDiffer.
    """

    async def open_and_close() -> _Result:
        database = Database(settings)
        try:
            return await use(database)
        finally:
            await database.close()

    return run_in_one_line(open_and_close())


def run_in_one_line(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run `work`, and say its inventory errors in one line: raises BadInput, DatabaseUnusable and TablesDiffer."""
    try:
        return asyncio.run(work)
    except InventoryUnavailable as error:
        raise DatabaseUnusable(str(error)) from error
    except InventoryRefusal as error:
        raise BadInput(str(error)) from error
    except InventoryError as error:
        raise TablesDiffer(str(error)) from error
