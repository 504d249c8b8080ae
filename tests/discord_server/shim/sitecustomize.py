# noqa: INP001 - Python itself imports this module, by its name
"""With this folder on PYTHONPATH an unmodified discord.py bot talks to the stand-in instead of to Discord.

STAND_IN_API is the address of the REST API (http://.../api/v10), STAND_IN_GATEWAY that of the gateway (ws://...).
"""

import os

if os.environ.get("STAND_IN_API"):
    import discord.gateway
    import discord.http
    import yarl

    discord.http.Route.BASE = os.environ["STAND_IN_API"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["STAND_IN_GATEWAY"])
