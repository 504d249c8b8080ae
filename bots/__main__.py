"""Run the Discord bot until it is told to stop: `python -m bots`, or `r1plan bot`."""

import asyncio
import contextlib
import logging
import os
import signal
import sys

import aiohttp
import discord

from bots.client import PlannerClient
from bots.discord.bot import R1planBot, ShardedR1planBot
from bots.discord.cooldowns import Cooldowns
from bots.discord.stopping import finish, hang_up
from bots.health import serve_health
from bots.logs import start_logging
from bots.metrics import Metrics
from bots.servers import Servers, open_servers
from bots.settings import InvalidSetting, Settings, read_settings
from bots.states import States

STOPPED = 0
FAILED = 1
WRONG_SETTING = 2

_log = logging.getLogger("bots")


def main() -> int:
    """Run the bot and return its exit status: 0 stopped by a signal, 1 Discord refused it, 2 a wrong setting."""
    try:
        settings = read_settings(os.environ)
        servers = open_servers(settings)
    except InvalidSetting as error:
        sys.stderr.write(f"r1plan bot: {error}\n")
        return WRONG_SETTING
    start_logging(settings.log_level, secrets=[settings.discord_token, settings.api_key, settings.redis_url])
    try:
        return asyncio.run(_run(settings, servers=servers))
    except OSError as error:
        _log.error("R1PLAN_BOT_HOST and R1PLAN_BOT_PORT cannot be listened on: %s", error)
        return WRONG_SETTING


async def _run(settings: Settings, *, servers: Servers) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # discord.py itself handles only SIGINT; SIGTERM is what systemd and containers send
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    metrics = Metrics()
    cooldowns = Cooldowns(user_per_minute=settings.user_per_minute, server_per_minute=settings.server_per_minute)
    kind = R1planBot if settings.shards == 1 else ShardedR1planBot
    async with (
        PlannerClient(settings.api_url, key=settings.api_key) as planner,
        contextlib.aclosing(States(settings.redis_url)) as states,
        contextlib.aclosing(servers),
    ):
        bot = kind(
            planner,
            states=states,
            servers=servers,
            metrics=metrics,
            cooldowns=cooldowns,
            public_url=settings.public_url,
            shards=settings.shards,
        )
        async with serve_health(
            host=settings.health_host, port=settings.health_port, is_ready=bot.is_heard, metrics=metrics
        ):
            connection = asyncio.create_task(bot.start(settings.discord_token.reveal()))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({connection, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if connection.done():
                stopping.cancel()
                status = _explain_end(connection)
            else:
                _log.info("stopping")
                await finish(bot, planner=planner)
                status = STOPPED
            await hang_up(bot, connection=connection)
    _log.info("stopped")
    return status


def _explain_end(connection: asyncio.Task[None]) -> int:
    """Return the exit status for a connection that ended by itself, and say why in one line."""
    try:
        connection.result()
    except discord.LoginFailure:
        _log.error("Discord does not accept the token in R1PLAN_DISCORD_TOKEN")
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        _log.error("the connection to Discord ended: %s", error)
    else:
        _log.error("the connection to Discord ended")
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
