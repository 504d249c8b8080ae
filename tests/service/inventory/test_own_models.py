import pytest

from planner import InvalidRequest
from service.inventory.database import Database
from service.inventory.errors import AlreadyThere, ModelNotFound
from service.inventory.own_models import ModelRow, add_model, load_models, remove_model
from service.inventory.repository import read_revision
from service.inventory.snapshot import load_snapshot
from tests.planner.test_model_config import LLAMA


async def _revision(database: Database) -> int:
    async with database.read() as session:
        return (await read_revision(session)).revision


async def test_an_added_model_is_known_to_the_next_snapshot(small_inventory: Database) -> None:
    start = await _revision(small_inventory)
    async with small_inventory.change() as session:
        added = await add_model(session, LLAMA, name="mine")

    snapshot = await load_snapshot(small_inventory)
    assert snapshot.revision.revision == start + 1
    assert snapshot.inventory.models.specs["mine"] == added
    assert snapshot.inventory.models.resolve("Mine").model_ids == ("mine",)


async def test_a_removed_model_is_known_no_longer(small_inventory: Database) -> None:
    async with small_inventory.change() as session:
        await add_model(session, LLAMA, name="mine")
    async with small_inventory.change() as session:
        await remove_model(session, "mine")
        with pytest.raises(ModelNotFound, match="mine"):
            await remove_model(session, "mine")

    assert "mine" not in (await load_snapshot(small_inventory)).inventory.models.specs


async def test_a_name_is_taken_once(small_inventory: Database) -> None:
    async with small_inventory.change() as session:
        await add_model(session, LLAMA, name="mine")
        with pytest.raises(AlreadyThere, match="remove it first"):
            await add_model(session, LLAMA, name="MINE")


@pytest.mark.parametrize("name", ["deepseek-r1-8b", "DeepSeek-R1-Distill-Llama-70B", "two words", "../up", ""])
async def test_a_name_that_cannot_be_or_is_known_already_is_refused(small_inventory: Database, name: str) -> None:
    start = await _revision(small_inventory)
    async with small_inventory.change() as session:
        with pytest.raises(InvalidRequest) as refused:
            await add_model(session, LLAMA, name=name)
    assert refused.value.field == "model"
    assert refused.value.allowed
    assert await _revision(small_inventory) == start


async def test_a_config_that_no_rule_covers_is_refused_with_the_field(small_inventory: Database) -> None:
    async with small_inventory.change() as session:
        with pytest.raises(InvalidRequest) as refused:
            await add_model(session, LLAMA | {"num_local_experts": 8}, name="mine")
    assert refused.value.field == "num_local_experts"


async def test_a_model_that_the_rules_no_longer_cover_leaves_the_others_alone(
    small_inventory: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with small_inventory.change() as session:
        added = await add_model(session, LLAMA, name="mine")
        row = await session.get(ModelRow, "mine")
        assert row is not None
        session.add(ModelRow(model_id="old", config={"model_type": "once-known"}, added_at=row.added_at))

    async with small_inventory.read() as session:
        assert await load_models(session) == [added]
    assert "once-known" in caplog.text
