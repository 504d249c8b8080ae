"""The API as a real process, and a place on the stand-in for Discord where someone asks the bot."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator

import pytest

from tests.bots.room import Room
from tests.discord_server.person import Person
from tests.discord_server.server import DiscordServer
from tests.service_process import ServiceProcess


@pytest.fixture
def service(free_port: int, sqlite_url: str) -> Iterator[ServiceProcess]:
    """Run the API on a seeded inventory of its own."""
    with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url}) as running:
        yield running


@pytest.fixture
def api_url(service: ServiceProcess) -> str:
    """Return the address of the running API."""
    return service.url


@pytest.fixture
async def room() -> AsyncGenerator[Room]:
    """Return a channel with the bot and a person in it; the stand-in's answers must fit Discord's schema."""
    async with DiscordServer() as server:
        guild = server.world.add_guild()
        channel = server.world.add_channel(guild)
        alice = Person(server, server.world.add_user("alice", guild))
        yield Room(server=server, channel=channel, alice=alice)
        assert server.rest.own_faults == []
