"""One import at a time, whoever asks."""

import asyncio
import sys
from asyncio.subprocess import PIPE

from service.inventory.database import Database
from service.inventory.import_turn import take_import_turn
from tests.service.inventory.conftest import open_database

_HOLD = """
import asyncio, sys
from service.inventory.database import Database
from service.inventory.import_turn import take_import_turn
from service.settings import read_settings

async def hold():
    database = Database(read_settings({"R1PLAN_DATABASE_URL": sys.argv[1]}))
    async with take_import_turn(database) as is_ours:
        print(is_ours, flush=True)
        await asyncio.sleep(60)

asyncio.run(hold())
"""


async def test_the_turn_is_one_callers_until_its_block_ends(empty_inventory: Database, database_url: str) -> None:
    other = open_database(database_url)
    async with take_import_turn(empty_inventory) as first, take_import_turn(other) as second:
        assert (first, second) == (True, False)
        async with take_import_turn(empty_inventory) as third:
            assert not third
    async with take_import_turn(other) as again:
        assert again
    await other.close()


async def test_the_turn_of_a_process_that_is_killed_is_free(empty_inventory: Database, database_url: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _HOLD, database_url, stdout=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"True\n"
    async with take_import_turn(empty_inventory) as is_ours:
        assert not is_ours
    process.kill()
    await process.communicate()
    # PostgreSQL's server notices in its own time that the connection is gone.
    async with asyncio.timeout(10):
        while True:
            async with take_import_turn(empty_inventory) as is_ours:
                if is_ours:
                    break
