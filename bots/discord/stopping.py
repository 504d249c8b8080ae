"""The end of the bot: it begins no answer any more, and whoever waits is answered or told before the connection closes.

All of it fits into the 10 s that containers are given between SIGTERM and SIGKILL.
"""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import Any, Final

import discord

from bots.client import PlannerClient
from bots.discord.bot import R1planBot

ANSWER_SECONDS: Final = 5.5
"""How long the API is waited for."""
TELL_SECONDS: Final = 1.5
"""How long it may take then to tell everybody who waits."""
CLOSE_SECONDS: Final = 0.5
"""How long each step of closing the connection may take."""

_log = logging.getLogger(__name__)


async def finish(bot: R1planBot, *, planner: PlannerClient) -> None:
    """Finish what is under way, and tell everybody else that the bot is being restarted."""
    bot.work.close()
    if await bot.work.finish(within_seconds=ANSWER_SECONDS):
        return
    planner.give_up()
    if not await bot.work.finish(within_seconds=TELL_SECONDS):
        _log.warning("stopping with an answer still under way")


async def hang_up(bot: R1planBot, *, connection: asyncio.Task[None]) -> None:
    """Close the connections to Discord, within some steps of `CLOSE_SECONDS`.

    Reading ends first: an event that came in until then is still answered, and discord.py closes with 1000. Over the
    reader's head it would close with 4000, after which Discord keeps the session open.
    """
    shards = bot.shards.values() if isinstance(bot, discord.AutoShardedClient) else ()
    await _wait(shard.disconnect() for shard in shards)
    await _end(connection)
    await bot.work.finish(within_seconds=CLOSE_SECONDS)
    await _wait([bot.close()])


async def _end(connection: asyncio.Task[None]) -> None:
    """Cancel the task until it ends: discord.py swallows it where a shard just identifies itself anew."""
    loop = asyncio.get_running_loop()
    end = loop.time() + CLOSE_SECONDS
    while not connection.done() and loop.time() < end:
        connection.cancel()
        await asyncio.wait({connection}, timeout=0.05)


async def _wait(steps: Iterable[Awaitable[Any]]) -> None:
    tasks = [asyncio.ensure_future(step) for step in steps]
    if tasks:
        await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
