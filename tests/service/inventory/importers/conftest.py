"""Inventories to import into, and what stands in them afterwards."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from service.inventory.database import Database
from service.inventory.gpu_changes import add_gpus
from service.seed import read_gpus

CATALOGUES = Path(__file__).parent / "catalogues"
AWS = CATALOGUES / "skypilot" / "v8" / "aws" / "vms.csv"
HEADER = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region\n"


@pytest.fixture
async def gpu_inventory(empty_inventory: Database) -> Database:
    """Return an inventory of all GPUs and no offer."""
    async with empty_inventory.change() as session:
        await add_gpus(session, read_gpus())
    return empty_inventory


@dataclass
class CatalogueFile:
    """A small AWS catalogue that a test rewrites as time goes by."""

    path: Path

    def write(self, *rows: str) -> Path:
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return self.path


@pytest.fixture
def catalogue(tmp_path: Path) -> CatalogueFile:
    """Return where a test writes its catalogue."""
    return CatalogueFile(tmp_path / "aws" / "vms.csv")
