"""Telling the gateway's sessions about messages."""

from __future__ import annotations

from tests.discord_server.gateway import Gateway
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.rules.problem import Json
from tests.discord_server.world import World, make_member


class Publisher:
    """Sends messages on to the gateway, except those that the bot does not get.

    It does not get those that only one person sees, nor those of a server that it is not in.
    """

    def __init__(self, gateway: Gateway, world: World) -> None:
        self._gateway = gateway
        self._world = world

    async def publish(self, message: Json, *, is_new: bool = True) -> None:
        """Tell about a message that was made or changed."""
        if message["flags"] & EPHEMERAL or message.get("guild_id") in self._world.foreign_guilds:
            return
        extra: Json = {}
        if is_new and "guild_id" in message:
            member = make_member(message["author"])
            extra = {"member": {name: value for name, value in member.items() if name != "user"}}
        await self._gateway.dispatch("MESSAGE_CREATE" if is_new else "MESSAGE_UPDATE", {**message, **extra})
