"""Conversations over the wire: mentions, replies to an answer, and the form that takes words."""

from __future__ import annotations

import pytest

from tests.bots.room import Room, field
from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.person import Person
from tests.discord_server.rest import MESSAGES

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_reply_to_an_answer_changes_what_was_asked(room: Room) -> None:
    first = await room.ask("what GPU for 8B at 32k, batch 2?")
    second = await room.reply_after(lambda: room.alice.reply(first, "and at 64k?"))
    third = await room.reply_after(lambda: room.alice.reply(second, "without AMD"))
    fourth = await room.reply_after(lambda: room.alice.reply(third, "那 16k 呢?"))

    assert "32k context x 2" in first["content"]
    assert field(second, "Understood") == "context 64k; batch 2"
    assert field(third, "Understood") == "context 64k; batch 2; not the maker amd"
    assert field(fourth, "理解为").split("\uff1b") == ["上下文 16k", "并发 2", "排除厂商 amd"]


async def test_a_reply_that_does_not_ping_and_talk_among_people_are_left_alone(room: Room) -> None:
    first = await room.ask("what GPU for 8B at 32k?")
    before = len(room.server.rest.find(MESSAGES))
    await room.alice.reply(first, "and at 64k?", pings=False)
    await room.alice.say(room.channel, "8B at 64k would be nice")
    # what comes after them is answered, and nothing else
    last = await room.ask("what GPU for 8B at 16k?")
    answered = room.server.rest.find(MESSAGES)[before:]

    assert [exchange.body["content"] for exchange in answered] == [last["content"]]


async def test_a_reply_that_says_nothing_of_a_request_is_refused_kindly(room: Room) -> None:
    first = await room.ask("what GPU for 8B at 32k?")
    thanks = await room.reply_after(lambda: room.alice.reply(first, "thank you, dear robot"))

    assert "that could be read" in thanks["content"]


async def test_words_in_the_form_change_the_answer_in_place(room: Room) -> None:
    bob = Person(room.server, room.server.world.add_user("bob"))
    planned = await room.use("plan", context="32k")
    changed = await room.answer_to(
        await room.alice.fill_form(await room.alice.press(planned, "Change…"), "batch 4, under $2/h")
    )
    seen = changed["content"]
    his = await room.answer_to(await bob.fill_form(await bob.press(planned, "Change…"), "at 64k, no Intel"))

    assert changed["id"] == planned["id"]
    assert "32k context x 4" in seen
    assert field(changed, "Understood") == "context 32k; batch 4; most per hour $2.00"
    assert his["id"] != planned["id"]
    assert his["flags"] & EPHEMERAL
    assert "64k context x 4" in his["content"]
    assert planned["content"] == seen


async def test_a_question_in_the_form_that_is_none_leaves_the_answer_as_it_was(room: Room) -> None:
    planned = await room.use("plan", context="32k")
    before = planned["content"]
    sent = await room.alice.fill_form(await room.alice.press(planned, "Change…"), "hello there")
    told = await room.told(sent)

    assert told["flags"] & EPHEMERAL
    assert "that could be read" in told["content"]
    assert planned["content"] == before


async def test_a_mention_of_the_bots_own_role_is_one_of_the_bot(room: Room) -> None:
    world, gateway = room.server.world, room.server.gateway
    role = f"<@&{world.own_role_id(room.channel['guild_id'])}>"
    told = await room.reply_after(lambda: room.alice.say(room.channel, f"{role} what GPU for 8B at 32k?"))
    try:
        gateway.tells_role_mentions = False
        withheld = await room.reply_after(lambda: room.alice.say(room.channel, f"{role} what GPU for 8B at 32k?"))
    finally:
        gateway.tells_role_mentions = True
    before = len(room.server.rest.find(MESSAGES))
    await room.alice.say(room.channel, f"<@&{room.channel['guild_id']}> what GPU for 8B at 32k?")
    last = await room.ask("what GPU for 8B at 16k?")
    answered = room.server.rest.find(MESSAGES)[before:]

    assert told["content"].startswith("Cheapest: ")
    assert "Not understood, ignored" not in str(told["embeds"])
    assert f"<@{world.application_id}>" in str(withheld["embeds"])
    assert [exchange.body["content"] for exchange in answered] == [last["content"]]
