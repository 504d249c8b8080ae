"""The API as a real process, and a place on the stand-in for Discord where someone asks the bot."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Iterator

import pytest

from tests.bots.room import Room
from tests.discord_server.person import Person
from tests.discord_server.server import DiscordServer
from tests.service_process import ServiceProcess


@pytest.fixture
def service(free_port: int, sqlite_url: str) -> Iterator[ServiceProcess]:
    """Run an API of this test's own on a seeded inventory: it may be stopped."""
    with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url}) as running:
        yield running


@pytest.fixture(scope="session")
def api_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of an API on a seeded inventory, which all tests of the bot ask."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    database = tmp_path_factory.mktemp("inventory") / "inventory.sqlite3"
    environment = {"R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
    with ServiceProcess(port=port, environment=environment) as running:
        yield running.url


@pytest.fixture
async def room() -> AsyncGenerator[Room]:
    """Return a channel with the bot and a person in it; Discord may refuse nothing there.

    A test that provokes a refusal takes it: `room.server.rest.take_refused()`.
    """
    async with DiscordServer() as server:
        guild = server.world.add_guild()
        channel = server.world.add_channel(guild)
        alice = Person(server, server.world.add_user("alice", guild))
        yield Room(server=server, channel=channel, alice=alice)
        assert server.rest.own_faults == []
        assert server.rest.refused == []
