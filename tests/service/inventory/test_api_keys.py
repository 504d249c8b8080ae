"""API keys in the database."""

import datetime as dt

import pytest
from sqlalchemy import text, update

from service.inventory.api_keys import (
    ApiKey,
    ApiKeyRow,
    create_key,
    load_keys,
    note_use,
    revoke_key,
    rotate_key,
)
from service.inventory.database import Database
from service.inventory.errors import AlreadyThere, InvalidEntry, KeyNotFound
from service.inventory.repository import read_revision
from service.inventory.utc import now
from service.key_format import read_key


async def keys_of(database: Database) -> dict[str, ApiKey]:
    async with database.read() as session:
        return {key.name: key for key in await load_keys(session)}


async def revision_of(database: Database) -> int:
    async with database.read() as session:
        return (await read_revision(session)).revision


async def test_of_a_new_key_only_the_hash_is_kept(empty_inventory: Database) -> None:
    async with empty_inventory.change() as session:
        token = (await create_key(session, "ops", scope="write")).reveal()
    presented = read_key(token)
    key = (await keys_of(empty_inventory))["ops"]

    assert presented is not None
    assert (key.key_id, key.secret_hash.reveal()) == (presented.key_id, presented.secret_hash)
    assert (key.scope, key.expires_at, key.last_used_at, key.revoked_at) == ("write", None, None, None)
    assert presented.secret_hash not in repr(key)
    async with empty_inventory.read() as session:
        rows = (await session.execute(text("SELECT * FROM api_keys"))).all()
    assert token.rpartition("_")[2] not in repr(rows)


async def test_a_name_is_given_once_and_never_again(empty_inventory: Database) -> None:
    async with empty_inventory.change() as session:
        await create_key(session, "ops", scope="read")
        await revoke_key(session, "ops")
    with pytest.raises(AlreadyThere, match="never used twice"):
        async with empty_inventory.change() as session:
            await create_key(session, "ops", scope="read")
    assert (await keys_of(empty_inventory))["ops"].revoked_at is not None


async def test_a_revoked_key_can_be_neither_revoked_nor_replaced(empty_inventory: Database) -> None:
    async with empty_inventory.change() as session:
        await create_key(session, "ops", scope="read")
        await revoke_key(session, "ops")
        for end in (revoke_key, rotate_key):
            for name in ("ops", "nobody"):
                with pytest.raises(KeyNotFound, match=name):
                    await end(session, name)


async def test_a_replaced_key_keeps_its_rights_and_nothing_of_its_secret(empty_inventory: Database) -> None:
    async with empty_inventory.change() as session:
        old = await create_key(session, "ops", scope="admin", requests_per_minute=7)
    before = (await keys_of(empty_inventory))["ops"]
    async with empty_inventory.change() as session:
        new = await rotate_key(session, "ops")
    after = (await keys_of(empty_inventory))["ops"]

    assert old.reveal() != new.reveal()
    assert after.secret_hash.reveal() != before.secret_hash.reveal()
    assert (after.scope, after.requests_per_minute, after.created_at) == ("admin", 7, before.created_at)


@pytest.mark.parametrize("name", ["", "-ops", "two words", "a/b", "x" * 65, "ä"])
async def test_a_name_that_cannot_stand_in_a_log_line_is_refused(empty_inventory: Database, name: str) -> None:
    async with empty_inventory.change() as session:
        with pytest.raises(InvalidEntry, match="letters, digits"):
            await create_key(session, name, scope="read")


async def test_a_key_cannot_be_born_expired(empty_inventory: Database) -> None:
    async with empty_inventory.change() as session:
        with pytest.raises(InvalidEntry, match="is past"):
            await create_key(session, "ops", scope="read", expires_at=now() - dt.timedelta(days=1))


async def test_use_is_written_once_a_minute_and_changes_no_inventory(empty_inventory: Database) -> None:
    async with empty_inventory.change() as session:
        await create_key(session, "ops", scope="read")
    revision = await revision_of(empty_inventory)
    key_id = (await keys_of(empty_inventory))["ops"].key_id
    moments: list[dt.datetime | None] = []
    for seconds_ago in (None, 30, 61):
        async with empty_inventory.change() as session:
            if seconds_ago is not None:
                earlier = now() - dt.timedelta(seconds=seconds_ago)
                await session.execute(update(ApiKeyRow).values(last_used_at=earlier))
            await note_use(session, [key_id])
        moments.append((await keys_of(empty_inventory))["ops"].last_used_at)

    ages = [(now() - moment).total_seconds() for moment in moments if moment is not None]
    assert len(ages) == 3
    assert ages[0] < 20
    assert ages[1] >= 30
    assert ages[2] < 20
    assert await revision_of(empty_inventory) == revision
