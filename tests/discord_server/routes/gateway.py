"""Where the gateway is."""

from __future__ import annotations

from tests.discord_server.exchange import Answer, Exchange
from tests.discord_server.gateway import Gateway

STARTS_A_DAY = 1000


class GatewayRoutes:
    """What a bot asks for before it connects."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def show(self, _exchange: Exchange) -> Answer:
        """Return the gateway's address, how many shards are advised, and how often the bot may still start."""
        limit = {
            "total": STARTS_A_DAY,
            "remaining": STARTS_A_DAY - self._gateway.identify_count,
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        shards = self._gateway.advised_shards
        return Answer(body={"url": self._gateway.address, "shards": shards, "session_start_limit": limit})
