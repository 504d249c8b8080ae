"""A bot of several connections: each server is answered over its own, and the bot is ready where all are heard."""

from __future__ import annotations

import time
from pathlib import Path

from bots.client import PlannerClient
from bots.discord.bot import ShardedR1planBot
from bots.discord.cooldowns import Cooldowns
from bots.metrics import Metrics
from bots.servers import ServersInFile
from bots.states import States
from tests.bots.bot_process import start_listening_bot, status_and_text
from tests.bots.planner_api import PLAN, PlannerApi
from tests.bots.room import Room
from tests.discord_server.rest import CALLBACK
from tests.discord_server.server import wait_for
from tests.discord_server.shards import Shard


async def test_shards_as_many_as_advised_answer_each_server_once_and_are_heard_each(
    room: Room, tmp_path: Path, free_port: int
) -> None:
    server, gateway = room.server, room.server.gateway
    gateway.advised_shards = 2
    rooms = [a_room_of_shard(room, (number, 2)) for number in range(2)]
    direct = server.world.add_direct_channel(room.alice.user)
    ready = f"http://127.0.0.1:{free_port}/health/ready"
    settings = {"R1PLAN_DISCORD_SHARDS": "auto", "R1PLAN_BOT_PORT": str(free_port)}
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}) as api,
        start_listening_bot(server, api_url=api.url, folder=tmp_path, **settings) as bot,
    ):
        alone = await status_and_text(ready)
        await wait_for("both shards", lambda: len(gateway.sessions) == 2, within_seconds=20)
        await until(ready, status=200)
        answers = [await one.plan(context="32k") for one in rooms]
        private = await room.answer_to(await room.alice.use(direct, "plan", context="32k"))
        second = next(one for one in gateway.sessions.values() if one.shard == (1, 2))
        second.was_cut = True
        await second.socket.close(code=4000)
        await wait_for("the resume", lambda: gateway.resume_count)
        await until(ready, status=200)
        answers += [await rooms[1].plan(context="32k"), await room.plan(context="32k")]
        status = await bot.stop()

    assert alone[0] == 503
    assert all("1x RTX 4090" in answer["content"] for answer in (*answers, private))
    assert len(server.rest.find(CALLBACK)) == len([*answers, private])
    assert [exchange.path for exchange in server.rest.find("/gateway/bot")] == ["/gateway/bot"]
    assert (status, gateway.identify_count) == (0, 2)
    assert gateway.close_codes[1:] == [1000, 1000]


async def test_one_shard_that_is_heard_again_does_not_speak_for_another(tmp_path: Path) -> None:
    metrics = Metrics()
    bot = ShardedR1planBot(
        PlannerClient("http://127.0.0.1:9"),
        states=States(),
        servers=ServersInFile(tmp_path / "settings.json"),
        metrics=metrics,
        cooldowns=Cooldowns(user_per_minute=1, server_per_minute=1),
        shards=2,
    )
    heard: list[bool] = []
    for happens, shard in (
        (bot.on_shard_connect, 0),
        (bot.on_shard_connect, 1),
        (bot.on_shard_disconnect, 0),
        (bot.on_shard_disconnect, 1),
        (bot.on_shard_resumed, 1),
        (bot.on_shard_connect, 0),
    ):
        await happens(shard)
        heard.append(bot.is_heard())

    assert heard == [False, True, False, False, False, True]
    assert b"r1plan_bot_connected 1.0" in metrics.render()


def a_room_of_shard(room: Room, shard: Shard) -> Room:
    world = room.server.world
    return Room(server=room.server, channel=world.add_channel(world.add_guild(shard=shard)), alice=room.alice)


async def until(url: str, *, status: int) -> None:
    """Ask a health endpoint until it answers with that status."""
    end = time.monotonic() + 20
    while (await status_and_text(url))[0] != status:
        assert time.monotonic() < end, f"{url} never answers with {status}"
