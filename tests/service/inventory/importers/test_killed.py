"""Imports as large as they come, and killed in the middle: the inventory is wholly the old one or wholly the new.

R1PLAN_TEST_IMPORT_ROWS=100000 runs them at full size; without it they are smaller and quick.
"""

import os
import random
import signal
from pathlib import Path

from sqlalchemy import func, select

from service.inventory.database import Database
from service.inventory.import_tables import CatalogueOfferRow, ImportRow
from service.inventory.repository import load_offers, read_revision
from tests.service.inventory.conftest import open_database
from tests.service.inventory.importers.import_process import Ended, run_import_process
from tests.service.inventory.importers.large_catalogue import large_prices, write_large_catalogue

ROWS = int(os.environ.get("R1PLAN_TEST_IMPORT_ROWS", "5000"))
MOMENTS = 10
MAX_MIB = 500.0


def _run(path: Path, database_url: str, *, day: int, kill_after_seconds: float | None = None) -> Ended:
    words = ["skypilot", str(path), "--as-of", f"2026-05-{day:02}", "--show", "1"]
    return run_import_process(words, database_url=database_url, kill_after_seconds=kill_after_seconds)


async def _look(database: Database) -> tuple[dict[str, float], int, int, int]:
    """Return the prices of the catalogue's offers, the revision, and the numbers of imports and of offers kept."""
    async with database.read() as session:
        prices = {
            offer.offer_id: offer.usd_per_hour
            for offer in await load_offers(session)
            if offer.source.startswith("skypilot:aws@")
        }
        revision = (await read_revision(session)).revision
        imports = await session.scalar(select(func.count()).select_from(ImportRow)) or 0
        kept = await session.scalar(select(func.count()).select_from(CatalogueOfferRow)) or 0
    return prices, revision, imports, kept


async def test_a_large_import_ends_within_its_memory(database_url: str, tmp_path: Path) -> None:
    path = write_large_catalogue(tmp_path / "aws" / "vms.csv", rows=ROWS)

    ended = _run(path, database_url, day=1)

    assert ended.status == 0, ended.output
    assert ended.peak_mib < MAX_MIB
    database = open_database(database_url)
    assert (await _look(database))[0] == large_prices(rows=ROWS)
    await database.close()


async def test_an_import_killed_at_any_moment_leaves_the_old_state_or_the_new(
    database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "aws" / "vms.csv"
    first = _run(write_large_catalogue(path, rows=ROWS), database_url, day=1)
    assert first.status == 0, first.output
    database = open_database(database_url)
    factor, old = 1.0, await _look(database)
    assert old[0] == large_prices(rows=ROWS)
    outcomes: list[str] = []
    for number in range(MOMENTS):
        factor = 1.0 + (number + 1) / 100
        write_large_catalogue(path, rows=ROWS, price_factor=factor)
        moment = random.uniform(0.0, first.seconds)  # noqa: S311 - a moment is no secret

        ended = _run(path, database_url, day=2 + number, kill_after_seconds=moment)

        found = await _look(database)
        is_new = found != old
        outcomes.append(f"{moment:.2f} s: {'new' if is_new else 'old'}")
        if is_new:
            _, revision, imports, kept = old
            assert found == (large_prices(rows=ROWS, price_factor=factor), revision + 1, imports + 1, kept), outcomes
        else:
            assert ended.status == -signal.SIGKILL, (outcomes, ended.output)
        old = found
    assert any("old" in outcome for outcome in outcomes), outcomes

    write_large_catalogue(path, rows=ROWS, price_factor=2.0)
    last = _run(path, database_url, day=30)
    assert last.status == 0, last.output
    assert (await _look(database))[0] == large_prices(rows=ROWS, price_factor=2.0)
    await database.close()
