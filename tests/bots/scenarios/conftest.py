"""One bot and one API for all scenarios, as processes, with a room of its own for each on the stand-in for Discord."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator

import pytest
import pytest_asyncio

from tests.bots.bot_process import start_listening_bot
from tests.bots.room import Room
from tests.discord_server.person import Person
from tests.discord_server.server import DiscordServer

# many tests in a minute are no reason to be held off
_UNHURRIED = {"R1PLAN_BOT_RATE_PER_USER": "10000", "R1PLAN_BOT_RATE_PER_SERVER": "10000"}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hall(api_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Room]:
    """Return a channel where one bot listens for all tests that neither stop it nor give it settings of its own."""
    async with DiscordServer() as server:
        guild = server.world.add_guild()
        channel = server.world.add_channel(guild)
        alice = Person(server, server.world.add_user("alice", guild))
        folder = tmp_path_factory.mktemp("bot")
        async with start_listening_bot(server, api_url=api_url, folder=folder, **_UNHURRIED):
            yield Room(server=server, channel=channel, alice=alice)


@pytest.fixture
def room(hall: Room) -> Iterator[Room]:
    """Return the same channel with nothing said yet; Discord may refuse nothing there.

    Only for tests on the session's event loop: `pytestmark = pytest.mark.asyncio(loop_scope="session")`.
    """
    hall.server.rest.exchanges.clear()
    yield hall
    assert hall.server.rest.own_faults == []
    assert hall.server.rest.refused == []
