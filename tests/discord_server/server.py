"""The stand-in as a whole: REST and gateway on one port of 127.0.0.1."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from tests.discord_server.gateway import Gateway
from tests.discord_server.interactions import Interactions
from tests.discord_server.openapi import OpenApi, find_openapi
from tests.discord_server.publisher import Publisher
from tests.discord_server.rest import Rest
from tests.discord_server.routes.application import ApplicationRoutes
from tests.discord_server.routes.channels import ChannelRoutes
from tests.discord_server.routes.gateway import GatewayRoutes
from tests.discord_server.routes.interactions import InteractionRoutes
from tests.discord_server.world import World

SHIM = Path(__file__).parent / "shim"
MOST_BYTES = 12 << 20

_Found = TypeVar("_Found")


class DiscordServer:
    """A running stand-in, for the length of an `async with` block."""

    def __init__(self, *, openapi: OpenApi | None = None) -> None:
        self.world = World()
        self.gateway = Gateway(self.world)
        self.interactions = Interactions(time.monotonic)
        publisher = Publisher(self.gateway, self.world)
        self.publisher = publisher
        self.rest = Rest(
            self.world,
            openapi=openapi or find_openapi(),
            application=ApplicationRoutes(self.world),
            interactions=InteractionRoutes(self.world, self.interactions, publisher),
            channels=ChannelRoutes(self.world, publisher),
            gateway=GatewayRoutes(self.gateway),
        )
        self.api_url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=MOST_BYTES)
        application.router.add_get("/gateway", self.gateway.handle)
        application.router.add_get("/gateway/", self.gateway.handle)
        application.router.add_route("*", "/api/v10/{tail:.*}", self.rest.handle)
        self._runner = web.AppRunner(application, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.api_url = f"http://{host}:{port}/api/v10"
        self.gateway.address = f"ws://{host}:{port}/gateway"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def environment(self) -> dict[str, str]:
        """Return the environment variables that lead a discord.py bot here."""
        return {"PYTHONPATH": str(SHIM), "STAND_IN_API": self.api_url, "STAND_IN_GATEWAY": self.gateway.address}


async def wait_for(what: str, look: Callable[[], _Found | None], *, within_seconds: float = 10.0) -> _Found:
    """Return what `look` finds as soon as it finds something; fail, naming `what`, when that takes too long."""
    end = time.monotonic() + within_seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {within_seconds:g} s in vain for {what}")
        await asyncio.sleep(0.01)
    return found
