"""All that an inventory holds, to compare before and after."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import select

from service.inventory.database import Database
from service.inventory.importers.formats import SKYPILOT, Format
from service.inventory.importers.importing import ImportRequest, run_import
from service.inventory.importers.report import CatalogueReport, PriceChange
from service.inventory.repository import load_offers, load_price_history
from service.inventory.schema import METADATA

State: TypeAlias = dict[str, Sequence[Any]]


async def state_of(database: Database) -> State:
    """Return every row of every table."""
    async with database.read() as session:
        return {
            table.name: (await session.execute(select(table).order_by(*table.primary_key))).all()
            for table in METADATA.sorted_tables
        }


async def import_one(
    database: Database,
    source: Path,
    *,
    format_: Format = SKYPILOT,
    as_of: dt.date | None = None,
    provider: str | None = None,
    provider_kind: str | None = None,
    name: str | None = None,
    max_refused: int = 100,
    max_vanished_share: float = 0.5,
    is_dry_run: bool = False,
) -> CatalogueReport:
    """Import a source that holds one catalogue, and return its report."""
    request = ImportRequest(
        format=format_,
        source=str(source),
        as_of=as_of,
        provider=provider,
        provider_kind=provider_kind,
        name=name,
        max_refused=max_refused,
        max_vanished_share=max_vanished_share,
        is_dry_run=is_dry_run,
    )
    (report,) = (await run_import(database, request)).catalogues
    return report


def ids_of(changes: Sequence[PriceChange]) -> list[str]:
    return sorted(change.offer_id for change in changes)


async def prices_of(database: Database) -> dict[str, float]:
    """Return what each offer costs an hour."""
    async with database.read() as session:
        return {offer.offer_id: offer.usd_per_hour for offer in await load_offers(session)}


async def history_of(database: Database, offer_id: str) -> list[tuple[dt.date, float | None]]:
    """Return the days and prices of an offer, the newest first."""
    async with database.read() as session:
        return [(price.as_of, price.usd_per_hour) for price in await load_price_history(session, offer_id)]
