"""An import in a process of its own, on real files and databases."""

import asyncio
from pathlib import Path

import pytest

from service.importing.messages import Progressed
from service.importing.process import ImportDied, run_import_apart
from service.inventory.database import Database
from service.inventory.errors import InventoryUnavailable
from service.inventory.importers.errors import ImportRefusal
from service.inventory.importers.formats import OWN_CSV, SKYPILOT
from service.inventory.importers.importing import ImportRequest
from service.inventory.importers.summary import MAX_LISTED
from service.inventory.repository import read_revision
from tests.service.api.conftest import settings_for
from tests.service.inventory.importers.conftest import CATALOGUES
from tests.service.inventory.importers.large_catalogue import write_large_catalogue

AWS = CATALOGUES / "skypilot" / "v8" / "aws" / "vms.csv"


async def _revision(database: Database) -> int:
    async with database.read() as session:
        return (await read_revision(session)).revision


async def test_an_import_apart_does_what_one_here_does(gpu_inventory: Database, database_url: str) -> None:
    seen: list[Progressed] = []
    summary = await run_import_apart(
        settings_for(database_url), ImportRequest(format=SKYPILOT, source=str(AWS)), progress=seen.append
    )

    (catalogue,) = summary.catalogues
    assert (catalogue.catalogue, catalogue.added.count, catalogue.unresolved.rows) == ("skypilot:aws", 4, 1)
    assert summary.revision == await _revision(gpu_inventory)
    assert str(summary) == "7 rows, 4 added, 1 in doubt"
    assert [(each.step, each.done == each.total) for each in seen][-1] == ("writing", True)


async def test_of_a_long_list_the_first_rows_are_told_and_all_are_counted(
    gpu_inventory: Database, database_url: str, tmp_path: Path
) -> None:
    before = await _revision(gpu_inventory)
    path = write_large_catalogue(tmp_path / "aws" / "vms.csv", rows=MAX_LISTED)
    request = ImportRequest(format=SKYPILOT, source=str(path), is_dry_run=True)
    (catalogue,) = (await run_import_apart(settings_for(database_url), request)).catalogues

    assert catalogue.added.count == MAX_LISTED * 3 // 2
    assert len(catalogue.added.first) == MAX_LISTED
    assert await _revision(gpu_inventory) == before


async def test_what_cannot_be_imported_is_said_in_its_own_words(gpu_inventory: Database, database_url: str) -> None:
    request = ImportRequest(format=OWN_CSV, source=str(AWS))
    with pytest.raises(ImportRefusal, match=r"lacks|needed"):
        await run_import_apart(settings_for(database_url), request)
    assert await _revision(gpu_inventory) == 1


async def test_a_database_that_cannot_be_used_is_no_refusal(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite+aiosqlite:///{tmp_path / 'nothing' / 'here.sqlite3'}")
    with pytest.raises(InventoryUnavailable):
        await run_import_apart(settings, ImportRequest(format=SKYPILOT, source=str(AWS)))


async def test_an_import_that_takes_too_long_or_is_given_up_changes_nothing(
    gpu_inventory: Database, database_url: str, tmp_path: Path
) -> None:
    path = write_large_catalogue(tmp_path / "aws" / "vms.csv", rows=20_000)
    request = ImportRequest(format=SKYPILOT, source=str(path))
    with pytest.raises(ImportDied, match=r"took longer than 0\.5 seconds"):
        await run_import_apart(settings_for(database_url), request, max_seconds=0.5)

    under_way = asyncio.Event()
    importing = asyncio.create_task(
        run_import_apart(settings_for(database_url), request, progress=lambda _: under_way.set())
    )
    await under_way.wait()
    importing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await importing
    assert await _revision(gpu_inventory) == 1
