"""What a bot may do when: interactions in their order, sessions with their tokens and intents."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from tests.discord_server.gateway import (
    BAD_INTENTS,
    BAD_SHARD,
    BAD_TOKEN,
    BAD_VERSION,
    DIRECT_MESSAGES,
    GUILD_MESSAGES,
    MESSAGE_CONTENT,
    Op,
)
from tests.discord_server.interactions import ANSWER_WITHIN_SECONDS, TOKEN_LIVES_SECONDS, Interaction
from tests.discord_server.person import Person
from tests.discord_server.rules.problem import Json
from tests.discord_server.server import DiscordServer
from tests.discord_server.shards import ONLY, Shard

SAY: Json = {"type": 4, "data": {"content": "here"}}
LATER: Json = {"type": 5}


class Bot:
    """The requests of a bot, one by one."""

    def __init__(self, server: DiscordServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session
        self.channel = server.world.add_channel(server.world.add_guild())
        self.alice = Person(server, server.world.add_user("alice"))
        server.world.commands[None] = [{"id": "1", "name": "plan", "type": 1, "options": []}]

    async def send(
        self, method: str, path: str, body: Json | None = None, *, token: str | None = None
    ) -> tuple[int, int]:
        """Return the status and Discord's error code (0 where there is none)."""
        headers = {"Authorization": f"Bot {token or self.server.world.token}"}
        async with self.session.request(method, self.server.api_url + path, json=body, headers=headers) as response:
            answer: Json = await response.json() if response.status != 204 else {}
            return response.status, answer.get("code", 0)

    async def begin(self) -> Interaction:
        return await self.alice.use(self.channel, "plan", waits=False)

    async def answer(self, interaction: Interaction, body: Json) -> tuple[int, int]:
        return await self.send("POST", f"/interactions/{interaction.id}/{interaction.token}/callback", body)

    def webhook(self, interaction: Interaction) -> str:
        return f"/webhooks/{self.server.world.application_id}/{interaction.token}"


@pytest.fixture
async def bot() -> AsyncGenerator[Bot]:
    async with DiscordServer() as server, aiohttp.ClientSession() as session:
        yield Bot(server, session)
        assert server.rest.own_faults == []


async def test_an_interaction_is_answered_once(bot: Bot) -> None:
    interaction = await bot.begin()

    assert await bot.answer(interaction, SAY) == (204, 0)
    assert await bot.answer(interaction, SAY) == (400, 40060)
    assert [exchange.status for exchange in bot.server.rest.refused] == [400]


async def test_an_answer_after_three_seconds_is_too_late(bot: Bot) -> None:
    interaction = await bot.begin()
    bot.server.interactions.skew_seconds = ANSWER_WITHIN_SECONDS + 0.1

    assert await bot.answer(interaction, SAY) == (404, 10062)


async def test_a_callback_that_does_not_fit_the_interaction_is_refused(bot: Bot) -> None:
    interaction = await bot.begin()

    assert await bot.answer(interaction, {"type": 8, "data": {"choices": []}}) == (400, 50035)
    assert await bot.answer(interaction, {"type": 6}) == (400, 50035)


async def test_nothing_is_edited_before_the_first_answer_nor_after_fifteen_minutes(bot: Bot) -> None:
    interaction = await bot.begin()
    path = f"{bot.webhook(interaction)}/messages/@original"

    assert await bot.send("PATCH", path, {"content": "x"}) == (404, 10015)
    await bot.answer(interaction, LATER)
    assert await bot.send("PATCH", path, {"content": "x"}) == (200, 0)
    bot.server.interactions.skew_seconds = TOKEN_LIVES_SECONDS + 1
    assert await bot.send("PATCH", path, {"content": "y"}) == (401, 50027)


async def test_the_first_message_after_thinking_takes_its_place_and_the_next_stands_beside_it(bot: Bot) -> None:
    interaction = await bot.begin()
    await bot.answer(interaction, LATER)

    await bot.send("POST", bot.webhook(interaction), {"content": "first"})
    await bot.send("POST", bot.webhook(interaction), {"content": "second"})

    messages = bot.server.world.messages
    assert messages[interaction.original_id or ""]["content"] == "first"
    assert [messages[message_id]["content"] for message_id in interaction.followup_ids] == ["second"]


async def test_a_deleted_answer_is_gone_and_a_message_may_follow(bot: Bot) -> None:
    interaction = await bot.begin()
    await bot.answer(interaction, LATER)
    original = f"{bot.webhook(interaction)}/messages/@original"

    assert await bot.send("DELETE", original) == (204, 0)
    assert await bot.send("GET", original) == (404, 10008)
    assert await bot.send("POST", bot.webhook(interaction), {"content": "private", "flags": 64}) == (200, 0)
    assert len(interaction.followup_ids) == 1


async def test_a_stranger_is_not_let_in(bot: Bot) -> None:
    assert await bot.send("GET", "/users/@me", token="wrong") == (401, 0)  # noqa: S106 - no secret
    assert await bot.send("GET", "/users/@me") == (200, 0)
    assert await bot.send("GET", "/nowhere") == (404, 0)


async def test_a_message_over_a_limit_is_not_sent(bot: Bot) -> None:
    path = f"/channels/{bot.channel['id']}/messages"

    assert await bot.send("POST", path, {"content": "x" * 2001}) == (400, 50035)
    assert bot.server.world.messages == {}
    assert await bot.send("POST", path, {"content": "x"}) == (200, 0)
    assert await bot.send("POST", "/channels/1/messages", {"content": "x"}) == (404, 10003)


async def test_whatever_is_wrong_with_a_request_it_is_on_the_list_of_those_refused(bot: Bot) -> None:
    path = f"/channels/{bot.channel['id']}/messages"
    missing: Json = {"content": "x", "message_reference": {"channel_id": "1"}}

    assert await bot.send("POST", path, {"embeds": [{"title": 5}]}) == (400, 50035)
    assert await bot.send("POST", path, {"content": "x", "flags": "soon"}) == (400, 50035)
    assert (await bot.send("POST", path, {"content": "x", "attachments": [5]}))[0] >= 400
    assert (await bot.send("POST", path))[0] >= 400
    assert (await bot.send("POST", path, missing))[0] >= 400
    assert len(bot.server.rest.take_refused()) == 5
    assert bot.server.rest.refused == []


class Listener:
    """A connection to the gateway."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._stream = zlib.decompressobj()

    async def hear(self) -> Json:
        frame = await self._socket.receive(timeout=5)
        if frame.type is not aiohttp.WSMsgType.BINARY:
            return {"closed": self._socket.close_code}
        heard: Json = json.loads(self._stream.decompress(frame.data))
        return heard

    async def identify(self, token: str, *, intents: int = 0, shard: Shard = ONLY) -> Json:
        await self.hear()
        identity = {"token": token, "intents": intents, "shard": shard}
        await self._socket.send_json({"op": Op.IDENTIFY, "d": identity})
        return await self.hear()


async def listen(bot: Bot, *, version: int = 10) -> Listener:
    address = f"{bot.server.gateway.address}?v={version}&encoding=json&compress=zlib-stream"
    return Listener(await bot.session.ws_connect(address))


async def test_the_gateway_is_ready_for_the_right_token_only(bot: Bot) -> None:
    ready = await (await listen(bot)).identify(bot.server.world.token)
    wrong = await (await listen(bot)).identify("wrong")

    assert ready["t"] == "READY"
    assert ready["d"]["resume_gateway_url"] == bot.server.gateway.address
    assert wrong == {"closed": BAD_TOKEN}


async def test_a_privileged_intent_closes_the_connection(bot: Bot) -> None:
    assert await (await listen(bot)).identify(bot.server.world.token, intents=MESSAGE_CONTENT) == {
        "closed": BAD_INTENTS
    }


async def test_another_version_of_the_gateway_is_not_known(bot: Bot) -> None:
    assert await (await listen(bot, version=9)).hear() == {"closed": BAD_VERSION}


async def test_what_others_write_is_withheld_unless_it_mentions_the_bot(bot: Bot) -> None:
    listener = await listen(bot)
    await listener.identify(bot.server.world.token, intents=1 << 9)
    assert (await listener.hear())["t"] == "GUILD_CREATE"

    await bot.alice.say(bot.channel, "between us")
    await bot.alice.say(bot.channel, f"<@{bot.server.world.application_id}> hello")

    assert (await listener.hear())["d"]["content"] == ""
    assert (await listener.hear())["d"]["content"].endswith("hello")


async def test_each_shard_hears_its_own_servers_and_the_first_one_private_messages(bot: Bot) -> None:
    world = bot.server.world
    world.guilds.clear()
    guilds = [world.add_guild(shard=(number, 2)) for number in range(2)]
    direct = world.add_direct_channel(bot.alice.user)
    channels = [world.add_channel(guild) for guild in guilds]
    shards = [await listen(bot) for _ in range(2)]
    intents = GUILD_MESSAGES | DIRECT_MESSAGES
    ready = [await one.identify(world.token, intents=intents, shard=(number, 2)) for number, one in enumerate(shards)]
    created = [await one.hear() for one in shards]
    for place in (*channels, direct):
        await bot.alice.say(place, "hello")
    heard = [[await shards[0].hear(), await shards[0].hear()], [await shards[1].hear()]]

    ids = [guild["id"] for guild in guilds]
    assert [[guild["id"] for guild in one["d"]["guilds"]] for one in ready] == [[one] for one in ids]
    assert [one["d"]["id"] for one in created] == ids
    assert [one["d"].get("guild_id") for one in heard[0]] == [ids[0], None]
    assert [one["d"].get("guild_id") for one in heard[1]] == [ids[1]]
    assert await (await listen(bot)).identify(world.token, shard=(2, 2)) == {"closed": BAD_SHARD}
