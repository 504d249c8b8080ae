"""The bot as a process, the API as a process, and a stand-in for Discord between the bot and a person."""

from __future__ import annotations

import aiohttp
import pytest

from tests.bots.room import Room, field
from tests.discord_server.rules.problem import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")
GIB = 2**30


async def get(url: str) -> Json:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        answer: Json = await response.json()
        return answer


def assert_shows(message: Json, answer: Json) -> None:
    """Hold a message of the bot against the answer that the API gives to the same question."""
    options: list[Json] = answer["options"]
    best, memory = options[0], options[0]["memory"]["per_gpu"]
    first_line = message["content"]
    for word in (best["gpu"]["name"], best["offer"]["provider"], best["weight_format"], best["kv_cache_dtype"]):
        assert word in first_line
    assert f"Cheapest: {best['gpu_count']}x " in first_line
    # each option has a line with its name, and one with its figures
    rows = message["embeds"][0]["description"].splitlines()[3:-1:2]
    shown = [row.split()[0] for row in rows]
    assert shown == [f"{option['usd_per_hour']:.3f}" for option in options[:5]]
    heading = "Memory, " if best["gpu_count"] == 1 else "Memory of each GPU, "
    sizes = [float(line.split()[-2]) for line in field(message, heading).splitlines()[2:-2]]
    parts = [memory[f"{part}_bytes"] for part in ("weights", "kv_cache", "activation", "graph", "runtime", "headroom")]
    assert sizes == [round(size / GIB, 2) for size in parts if size]
    assert best["offer"]["as_of"] in field(message, "Price")


async def test_the_bot_gives_the_plan_that_the_api_gives(room: Room, api_url: str) -> None:
    spot = "context=32k&gpu=h100&pricing=spot&max_usd_per_hour=50"
    planned = await room.plan(context="32k")
    replied = await room.ask("what GPU for 8B at 32k?")
    planned_on_spot = await room.plan(context="32k", gpu="h100", pricing="spot", max_usd_per_hour=50.0)

    answer = await get(f"{api_url}/v1/plan?context=32k")
    assert_shows(planned, answer)
    assert_shows(replied, answer)
    assert field(planned, "Understood") == "context 32k"
    assert "context 32k" in field(replied, "Understood")
    assert_shows(planned_on_spot, await get(f"{api_url}/v1/plan?{spot}"))


async def test_what_cannot_be_planned_is_explained(room: Room) -> None:
    too_dear = await room.plan(context="128k", batch=64, max_usd_per_hour=0.2)
    unknown = await room.plan_in_vain(gpu="rtx-4091")
    impossible = await room.plan_in_vain(context="0")
    suggested = await room.alice.type_into(room.channel, "plan", "gpu", "409")
    providers = await room.alice.type_into(room.channel, "plan", "provider", "")
    formats = await room.alice.type_into(room.channel, "plan", "weight_format", "fp8")
    misread = await room.ask("what GPU for 8B at 32k on a toaster?")
    empty = await room.ask("")

    assert too_dear["content"].startswith("Nothing fits 128k context x 64. Smallest change")
    assert "rtx-4090" in unknown["content"]
    assert "context" in impossible["content"]
    assert "rtx-4090" in [item["value"] for item in suggested]
    assert 10 < len(providers) <= 25
    assert "fp8" in [item["value"] for item in formats]
    assert "toaster" in field(misread, "Not understood, ignored")
    assert "/plan" in empty["embeds"][0]["fields"][0]["value"]
