"""docs/discord.md shows what the bot answers today; `make pictures` writes it anew."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from service.charts.frame import WIDTH
from tests.discord_page import PAGE, PICTURES, draw_pictures, read_chunks, write_page
from tests.service_process import ServiceProcess

MOST_PICTURE_BYTES = 100_000


async def test_the_page_of_answers_is_what_the_bot_answers_today(free_port: int, sqlite_url: str) -> None:
    with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url}) as api:
        page = await write_page(api.url, database_url=sqlite_url)

    assert page.splitlines() == PAGE.read_text(encoding="utf-8").splitlines(), "run `make pictures`"


@pytest.mark.parametrize("picture", PICTURES.values(), ids=lambda picture: picture.name)
def test_the_pictures_are_as_wide_as_discord_shows_them_and_small(picture: Path) -> None:
    content = picture.read_bytes()

    assert len(content) < MOST_PICTURE_BYTES
    assert struct.unpack_from(">I", dict(read_chunks(content))[b"IHDR"]) == (WIDTH,)
    assert f"](pictures/{picture.name})" in PAGE.read_text(encoding="utf-8")


def test_the_pictures_are_as_large_as_what_is_drawn_today() -> None:
    for file, drawn in draw_pictures().items():
        kept, now = (dict(read_chunks(content))[b"IHDR"] for content in (file.read_bytes(), drawn))
        assert kept == now, "run `make pictures`"
