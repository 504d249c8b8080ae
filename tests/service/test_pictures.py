"""Pictures come from a process of their own, which may die."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from service.charts.drawing import DrawingFailed
from service.pictures import Pictures

SPEC = b'{"data": {"values": [{"a": 1}]}, "mark": "point", "encoding": {"x": {"field": "a", "type": "quantitative"}}}'


@pytest.fixture
async def pictures() -> AsyncGenerator[Pictures, None]:
    found = Pictures()
    yield found
    await found.close()


def renderers() -> list[int]:
    """Return the processes that this one has started to draw."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    if not children.exists():
        pytest.skip("no /proc here to find a process's children in")
    return [
        int(child)
        for child in children.read_text().split()
        if b"service.charts.renderer" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


async def test_a_specification_becomes_a_picture(pictures: Pictures) -> None:
    assert (await pictures.draw(SPEC, "png")).startswith(b"\x89PNG")
    assert (await pictures.draw(SPEC, "svg")).startswith(b"<svg")


async def test_pictures_that_are_asked_for_at_once_are_not_mixed_up(pictures: Pictures) -> None:
    png, svg, again = await asyncio.gather(
        pictures.draw(SPEC, "png"), pictures.draw(SPEC, "svg"), pictures.draw(SPEC, "png")
    )

    assert png == again
    assert svg.startswith(b"<svg")


async def test_what_cannot_be_drawn_is_refused_and_the_next_is_drawn(pictures: Pictures) -> None:
    with pytest.raises(DrawingFailed):
        await pictures.draw(b'{"mark": 5}', "svg")

    assert (await pictures.draw(SPEC, "svg")).startswith(b"<svg")


async def test_a_process_that_was_killed_is_started_again(pictures: Pictures) -> None:
    await pictures.draw(SPEC, "svg")
    (process,) = renderers()
    os.kill(process, signal.SIGKILL)

    assert (await pictures.draw(SPEC, "svg")).startswith(b"<svg")
    assert renderers() != [process]


async def test_one_who_gives_up_leaves_no_picture_for_the_next(pictures: Pictures) -> None:
    drawing = asyncio.create_task(pictures.draw(SPEC, "png"))
    await asyncio.sleep(0.05)
    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing

    assert (await pictures.draw(SPEC, "svg")).startswith(b"<svg")


async def test_closing_ends_the_process() -> None:
    pictures = Pictures()
    await pictures.draw(SPEC, "svg")
    await pictures.close()

    assert renderers() == []
