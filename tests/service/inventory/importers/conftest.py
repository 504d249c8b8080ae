"""Inventories to import into, and what stands in them afterwards."""

from pathlib import Path

import pytest

from service.inventory.database import Database
from service.inventory.gpu_changes import add_gpus
from service.seed import read_gpus

CATALOGUES = Path(__file__).parent / "catalogues"


@pytest.fixture
async def gpu_inventory(empty_inventory: Database) -> Database:
    """Return an inventory of all GPUs and no offer."""
    async with empty_inventory.change() as session:
        await add_gpus(session, read_gpus())
    return empty_inventory
