"""Upgrades and rollbacks with an inventory in the tables: no offer and no price is lost on the way."""

import datetime as dt

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from planner import Offer
from service.inventory.database import Database
from service.inventory.migrate import MIGRATIONS_FOLDER, check, downgrade, upgrade
from service.inventory.snapshot import load_snapshot
from service.seed import prepare

# Before it, purchases had no table to stand in.
_FIRST_THAT_HOLDS_ALL_OFFERS = "0004"

# As the first version wrote them.
_OLD_ROWS = (
    """INSERT INTO gpus (gpu_id, name, vendor, architecture, gpu_class, visible_memory_gib, visible_memory_basis,
       aliases, families, conflicts)
       VALUES ('l4', 'L4', 'nvidia', 'Ada', 'data_center', 22.03, 'measured', '["L4 24GB"]', '[]', '[]')""",
    "INSERT INTO providers (name, kind) VALUES ('acme', 'cloud')",
    """INSERT INTO offers (offer_id, provider, instance_type, gpu_id, gpu_count, pricing, region, country, continent,
       host_billed_separately)
       VALUES ('acme:g1:nowhere-1:on_demand', 'acme', 'g1', 'l4', 1, 'on_demand', 'nowhere-1', 'FI', 'EU', false)""",
    """INSERT INTO prices (offer_id, is_current, usd_per_hour, price_kind, as_of, as_of_basis, source, flags,
       recorded_at)
       VALUES ('acme:g1:nowhere-1:on_demand', true, 0.7, 'listed', '2026-05-01', 'exact', 'a list', '[]',
               '2026-05-02 10:00:00.000000')""",
    "UPDATE inventory_revision SET revision = 7",
)


async def offers_of(database: Database) -> tuple[Offer, ...]:
    return (await load_snapshot(database)).inventory.offers


async def test_an_inventory_of_the_first_version_is_planned_from_after_the_upgrade(bare_database: Database) -> None:
    await upgrade(bare_database, to="0001")
    async with bare_database.engine.begin() as connection:
        for statement in _OLD_ROWS:
            await connection.execute(text(statement))
    await upgrade(bare_database)

    await check(bare_database)
    snapshot = await load_snapshot(bare_database)
    (offer,) = snapshot.inventory.offers
    assert snapshot.revision.revision == 7
    assert (offer.offer_id, offer.usd_per_hour, offer.as_of) == (
        "acme:g1:nowhere-1:on_demand",
        0.7,
        dt.date(2026, 5, 1),
    )


def _revisions_to_go_back_to() -> list[str]:
    revisions = [script.revision for script in ScriptDirectory(str(MIGRATIONS_FOLDER)).walk_revisions()]
    return [revision for revision in revisions[1:] if revision >= _FIRST_THAT_HOLDS_ALL_OFFERS]


@pytest.mark.parametrize("revision", _revisions_to_go_back_to())
async def test_a_rollback_and_the_upgrade_after_it_keep_every_offer(bare_database: Database, revision: str) -> None:
    await prepare(bare_database)
    before = await offers_of(bare_database)
    await downgrade(bare_database, to=revision)
    await upgrade(bare_database)

    await check(bare_database)
    assert await offers_of(bare_database) == before
    assert len(before) > 400
