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
from bots.discord.bot import R1planBot
from bots.logs import start_logging
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
    except InvalidSetting as error:
        sys.stderr.write(f"r1plan bot: {error}\n")
        return WRONG_SETTING
    start_logging(settings.log_level, secret=settings.discord_token)
    return asyncio.run(_run(settings))


async def _run(settings: Settings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # discord.py itself handles only SIGINT; SIGTERM is what systemd and containers send
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with (
        PlannerClient(settings.api_url) as planner,
        contextlib.aclosing(States(settings.redis_url)) as states,
        R1planBot(planner, states=states, public_url=settings.public_url) as bot,
    ):
        connection = asyncio.create_task(bot.start(settings.discord_token.reveal()))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({connection, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if connection.done():
            stopping.cancel()
            return _explain_end(connection)
        _log.info("stopping")
        await bot.finish_work()
        # the reader has to end before the bot closes, or discord.py closes with 4000 and Discord keeps the session open
        connection.cancel()
        await asyncio.wait({connection})
    _log.info("stopped")
    return STOPPED


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
