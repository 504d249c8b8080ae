"""The inventory of this machine, for commands that need no running service."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import click

from planner import Inventory
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
        click.echo(f"Warning: {warning}", err=True)
    return settings


def local_inventory() -> Inventory:
    """Return the inventory of the database that the settings name, made and seeded where it is new.

    Raises BadSetting, DatabaseUnusable and TablesDiffer.
    """

    async def load(database: Database) -> Inventory:
        await prepare(database)
        return (await load_snapshot(database)).inventory

    return use_database(local_settings(), load)


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
