"""The bot as its own, unmodified process, led to the stand-in for Discord."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.discord_server.server import DiscordServer, wait_for
from tests.secret_watch import watch

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(kw_only=True)
class BotProcess:
    """A bot that has told Discord its commands and listens."""

    process: asyncio.subprocess.Process
    log: Path

    @property
    def output(self) -> str:
        """What the bot has written so far, both streams together."""
        return self.log.read_text(errors="replace")

    async def stop(self, *, within_seconds: float = 10.0) -> int:
        """Ask the bot to end (SIGTERM) and return its exit status."""
        self.process.terminate()
        async with asyncio.timeout(within_seconds):
            return await self.process.wait()


@asynccontextmanager
async def start_bot(*, api_url: str, folder: Path, **environment: str) -> AsyncGenerator[BotProcess]:
    """Start `python -m bots`; its output goes to a file in `folder`, and no setting of this process is handed on."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("R1PLAN_")}
    log = folder / "bot.log"
    own = {
        "R1PLAN_API_URL": api_url,
        "R1PLAN_LOG_LEVEL": "DEBUG",
        "R1PLAN_BOT_SETTINGS_FILE": str(folder / "bot-settings.json"),
    }
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bots",
            cwd=PROJECT,
            env={**inherited, **own, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    bot = BotProcess(process=process, log=log)
    try:
        yield bot
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        watch("the bot", output=bot.output, environment=environment)


@asynccontextmanager
async def start_listening_bot(
    server: DiscordServer, *, api_url: str, folder: Path, **environment: str
) -> AsyncGenerator[BotProcess]:
    """Start the bot and wait until it hears what happens on `server`."""
    token = {"R1PLAN_DISCORD_TOKEN": server.world.token}
    async with start_bot(api_url=api_url, folder=folder, **server.environment(), **token, **environment) as bot:

        def is_listening() -> bool:
            assert bot.process.returncode is None, bot.output
            return bool(server.world.commands[None] and server.gateway.sessions)

        await wait_for("the bot to listen", is_listening)
        yield bot


async def status_and_text(url: str) -> tuple[int, str]:
    """Return what one of the bot's own addresses, of its health or figures, answers."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()
