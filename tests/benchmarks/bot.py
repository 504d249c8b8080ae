"""Print how soon the Discord bot answers many people who ask at once, and what memory that takes.

`python -m tests.benchmarks.bot`: the bot and the API are processes of their own, Discord is the stand-in of
tests/discord_server in this process. A round is one interaction of every user, all begun at the same moment; the next
begins when all are answered. The first answer is Discord's "thinking" (a deferral), the whole answer takes its place.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.servers import Server
from tests.bots.bot_process import start_listening_bot
from tests.discord_server.interactions import Interaction
from tests.discord_server.openapi import OpenApi
from tests.discord_server.person import Person
from tests.discord_server.rest import ORIGINAL
from tests.discord_server.server import DiscordServer, wait_for
from tests.service_process import ServiceProcess

ANSWER_SECONDS = 60.0
REPORT_EVERY = 1_000
# the stand-in checks the limits as ever, but no schema: that would take most of the machine
_NO_SCHEMA: dict[str, Any] = {"paths": {}, "components": {"schemas": {}}}
_LIFTED = {"R1PLAN_BOT_RATE_PER_USER": "100000", "R1PLAN_BOT_RATE_PER_SERVER": "100000", "R1PLAN_LOG_LEVEL": "WARNING"}


class Options(argparse.Namespace):
    """What to measure."""

    users: int
    interactions: int


@dataclass
class Findings:
    """What one stretch of rounds found: the seconds to the first answers and to the whole ones."""

    first: list[float] = field(default_factory=list[float])
    whole: list[float] = field(default_factory=list[float])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bot", description=__doc__)
    parser.add_argument("--users", type=int, default=50, help="who ask at once (default: 50)")
    parser.add_argument("--interactions", type=int, default=10_000, help="in all (default: 10000)")
    asyncio.run(_run(parser.parse_args(namespace=Options())))


async def _run(options: Options) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        probe.close()
        environment = {"R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{Path(folder) / 'inventory.sqlite3'}"}
        with ServiceProcess(port=port, environment=environment) as api:
            async with (
                DiscordServer(openapi=OpenApi(_NO_SCHEMA)) as server,
                start_listening_bot(server, api_url=api.url, folder=Path(folder), **_LIFTED) as bot,
            ):
                processes = {"bot": Server(0, bot.process.pid), "API": Server(port, api.pid)}
                await _load(server, processes, options=options)


async def _load(server: DiscordServer, processes: dict[str, Server], *, options: Options) -> None:
    guild = server.world.add_guild()
    channel = server.world.add_channel(guild)
    people = [Person(server, server.world.add_user(f"user{n}", guild)) for n in range(options.users)]
    print(f"{options.users} users ask at once; seconds: median, 99th percentile, most; {os.cpu_count()} processors")
    print(f"{'interactions':>12}  {'first answer':>18}  {'whole answer':>18}  {'bot MB':>7}  processor ms for each")
    asked, found, rounds = 0, Findings(), _questions()
    before, began = _cpu(processes), time.perf_counter()
    while asked < options.interactions:
        name, values = next(rounds)
        interactions = [_ask(person, channel, name, values, number) for number, person in enumerate(people)]
        answered = await asyncio.gather(*interactions)
        found.first += [one.answered_at - one.born for one in answered if one.answered_at is not None]
        found.whole += _whole_seconds(server, answered)
        _forget(server)
        asked += len(people)
        if asked % REPORT_EVERY < len(people):
            now = _cpu(processes)
            cost = ", ".join(f"{what} {1000 * (now[what] - before[what]) / len(found.first):.1f}" for what in now)
            rate = len(found.first) / (time.perf_counter() - began)
            memory = _rss_mb(processes["bot"].pid)
            print(
                f"{asked:>12,}  {_show(found.first):>18}  {_show(found.whole):>18}  {memory:>7.1f}  {cost};"
                f" {rate:.0f} a second",
                flush=True,
            )
            found, before, began = Findings(), _cpu(processes), time.perf_counter()
    print(f"refused by the stand-in: {len(server.rest.refused)}")


def _questions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return what is asked, round by round: what the API knows already and what it must compute."""
    for number in itertools.count():
        context = str(8_192 + 64 * (number % 512))
        yield "plan", {"context": context}
        yield "fit", {"gpu": "rtx-4090", "context": context}
        yield "ask", {"question": f"what GPU for 8B at {context} tokens?"}
        yield "plan", {"context": "32k"}
        yield "compare", {"gpu_1": "rtx-4090", "gpu_2": "l4", "context": context}
        yield "gpus", {}


async def _ask(person: Person, channel: Any, name: str, values: dict[str, Any], number: int) -> Interaction:  # noqa: ANN401 - JSON
    # everybody asks for something else
    own: dict[str, Any] = {"batch": 1 + number % 8} if name in ("plan", "fit", "compare") else {}
    asked = await person.use(channel, name, **{**values, **own})
    await wait_for("the whole answer", lambda: not asked.is_deferred, within_seconds=ANSWER_SECONDS)
    return asked


def _whole_seconds(server: DiscordServer, answered: Sequence[Interaction]) -> list[float]:
    """Return when the whole answers came, after their questions."""
    filled = {one.parameters["webhook_token"]: one.at for one in server.rest.find(ORIGINAL)}
    return [filled[one.token] - one.born for one in answered if one.token in filled]


def _forget(server: DiscordServer) -> None:
    """Let the stand-in forget what was said: it keeps everything for the tests, pictures included."""
    server.rest.exchanges.clear()
    server.world.messages.clear()
    server.interactions.by_token.clear()


def _cpu(processes: dict[str, Server]) -> dict[str, float]:
    seconds = {what: server.cpu_seconds() or 0.0 for what, server in processes.items()}
    return {**seconds, "stand-in": time.process_time()}


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _show(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "-"
    last = statistics.quantiles(seconds, n=100)[-1]
    return f"{statistics.median(seconds):.3f} {last:.3f} {max(seconds):.3f}"


if __name__ == "__main__":
    main()
