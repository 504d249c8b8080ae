"""What people write does not get into the bot's log, even where the API quotes it back in a refusal."""

from __future__ import annotations

from pathlib import Path

from tests.bots.bot_process import start_listening_bot
from tests.bots.room import Room

MENTIONED, TYPED, SENT, ASKED = "zebrasecret", "hushhushsecret", "formsecret", "asksecret"


async def test_words_that_the_api_quotes_in_its_refusals_are_told_to_their_writer_and_not_logged(
    room: Room, api_url: str, tmp_path: Path
) -> None:
    async with start_listening_bot(room.server, api_url=api_url, folder=tmp_path) as bot:
        mentioned = await room.ask(f"{MENTIONED} please")
        typed = await room.plan_in_vain(gpu=TYPED)
        asked = await room.told(await room.alice.use(room.channel, "ask", question=f"{ASKED} {ASKED}"))
        planned = await room.plan(context="32k")
        sent = await room.told(await room.alice.fill_form(await room.alice.press(planned, "Change…"), SENT))
        await bot.stop()

    assert TYPED in typed["content"]
    assert all("that could be read" in message["content"] for message in (mentioned, asked, sent))
    assert "status=400 code=unknown_gpu field=gpu" in bot.output
    assert [word for word in (MENTIONED, TYPED, SENT, ASKED) if word in bot.output] == []
