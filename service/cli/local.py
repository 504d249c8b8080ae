"""The inventory of this machine, for commands that need no running service."""

import asyncio
import os

import click

from planner import Inventory
from service.cli.errors import BadSetting, DatabaseUnusable, TablesDiffer
from service.inventory.database import Database
from service.inventory.errors import InventoryError, InventoryUnavailable
from service.inventory.snapshot import load_snapshot
from service.seed import prepare
from service.settings import Settings, SettingsError, read_settings


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
    settings = local_settings()

    async def load() -> Inventory:
        database = Database(settings)
        try:
            await prepare(database)
            return (await load_snapshot(database)).inventory
        finally:
            await database.close()

    try:
        return asyncio.run(load())
    except InventoryUnavailable as error:
        raise DatabaseUnusable(str(error)) from error
    except InventoryError as error:
        raise TablesDiffer(str(error)) from error
