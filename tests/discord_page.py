"""Write docs/discord.md and its pictures: what the bot answers, from the seeded inventory. `make pictures`."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import msgspec
import vl_convert

from bots.client import Parameters, PlannerClient
from bots.controls import Row, Select
from bots.desk import Desk
from bots.enquiry import Enquiry
from bots.message import Message, as_text
from bots.replies import help_message
from bots.server_settings import ServerSettings
from bots.settings_replies import settings_message
from bots.words import words_for
from planner import read_plan_request
from service.charting import ChartKind, draw_chart
from tests.benchmarks.inventories import seeded_inventory
from tests.service_process import ServiceProcess

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "discord.md"
PICTURES: dict[ChartKind, Path] = {
    "price_speed": DOCS / "pictures" / "price-speed.png",
    "memory": DOCS / "pictures" / "memory.png",
}
DAY = dt.date(2026, 11, 1)
"""Plans are of this day, so that the ages of prices stay what they are."""

_NOW = re.compile(r"(\d{4}-\d\d-\d\d)( \d\d:\d\d UTC)?")
_PNG = b"\x89PNG\r\n\x1a\n"
_LOAD = {"context": "32k", "batch": 4}
_PLAN = Enquiry(task="plan", fields=_LOAD)
_LAUNCH = "Button: Launch command (which only the asker sees)"
_HELP = "`/help` (which only the asker sees)"
_SETTINGS = "`/settings` (which only whoever manages the server sees)"
_OWNED = "On machines of one's own: `/plan context:32k pricing:own machines`"
_ENQUIRIES = {
    "`/plan context:32k batch:4`": _PLAN,
    "To buy: `/plan context:32k pricing:buy`": Enquiry(task="plan", fields={"context": "32k", "pricing": "buy"}),
    "`/fit gpu:l4 context:16k weight_format:fp8`": Enquiry(
        task="fit", fields={"gpu": "l4", "context": "16k", "weight_format": "fp8"}
    ),
    "It does not fit: `/fit gpu:t4 context:32k weight_format:fp16`": Enquiry(
        task="fit", fields={"gpu": "t4", "context": "32k", "weight_format": "fp16"}
    ),
    "`/limits gpu:rtx-4090`": Enquiry(task="limits", fields={"gpu": "rtx-4090"}),
    "`/compare gpu_1:rtx-4090 gpu_2:l4 gpu_3:a10 context:32k`": Enquiry(
        task="compare", fields={"gpu": ["rtx-4090", "l4", "a10"], "context": "32k"}
    ),
    "`/gpus vendor:amd`": Enquiry(task="gpus", fields={"vendor": "amd"}),
    "`/models`": Enquiry(task="models"),
    "Nothing fits: `/plan context:128k batch:64 gpu:l4`": Enquiry(
        task="plan", fields={"context": "128k", "batch": 64, "gpu": "l4"}
    ),
    "An error, which only the asker sees: `/plan context:32k gpu:rtx-4009`": Enquiry(
        task="plan", fields={"context": "32k", "gpu": "rtx-4009"}
    ),
    "In Chinese: `/plan context:32k batch:4`": _PLAN.speak("zh-CN"),
    "In Traditional Chinese: `/fit gpu:rtx-4090 context:32k`": Enquiry(
        task="fit", fields={"gpu": "rtx-4090", "context": "32k"}, language="zh-TW"
    ),
}
_QUESTIONS = {
    "The largest context": "what is the largest context for 8B in fp8 on a 4090?",
    "The largest batch": "how many users can an L4 serve at 16k each?",
    "The memory": "how much VRAM does 8B need at 64k?",
    "Something ignored": "8B at 32k, under 5€/h, tomorrow",
    "Asked back": "8b on a 4090, 8k 16k?",
}
_INTRODUCTION = f"""# What the bot answers

Made by `make pictures` from the seeded inventory, plans of {DAY}; `tests/test_discord_page.py` holds it to what the \
program answers today. Each answer is shown as text: Discord draws a box around it, and what stands in brackets are \
buttons and lists. How to use the bot is told in [bot.md](bot.md).

A plan comes with this picture, shown here as wide as Discord shows it (the bot sends it half as fine again):

![Price against speed of every option](pictures/price-speed.png)

`GET /v1/plan/chart?kind=memory` draws the first option's memory against context:

![Memory of the first option, part by part, against context](pictures/memory.png)
"""


class _PlannerOfADay(PlannerClient):
    """The API, asked for plans of `DAY`."""

    async def fetch(self, path: str, parameters: Parameters = ()) -> bytes:
        """Return what `path` answers."""
        of_the_day = [("as_of", DAY.isoformat())] if path == "/v1/plan" else []
        return await super().fetch(path, [*parameters, *of_the_day])

    async def chart(self, parameters: Parameters) -> bytes:
        """Return nothing: the page has its pictures beside it."""
        del parameters
        return b""


async def write_page(api_url: str, *, database_url: str) -> str:
    """Return the page, from the API at `api_url`; a machine of one's own is added to its database at the end."""
    async with _PlannerOfADay(api_url) as planner:
        desk = Desk(planner, public_url=None)
        answers = {heading: await desk.show(enquiry) for heading, enquiry in _ENQUIRIES.items()}
        for heading, question in _QUESTIONS.items():
            answers[f'{heading}: "{question}"'] = await desk.ask(question, language="en")
        answers[_LAUNCH] = await desk.launch(_PLAN)
    await asyncio.to_thread(_add_node, database_url)
    async with PlannerClient(api_url) as planner:
        owned = Enquiry(task="plan", fields={"context": "32k", "pricing": "owned"})
        answers[_OWNED] = await Desk(planner, public_url=None).show(owned)
    words = words_for("en")
    settings = ServerSettings(region="EU", providers=("runpod", "lambda"), currency_note="1 USD is about 7.1 CNY")
    answers[_SETTINGS] = settings_message(settings, done="settings_changed", words=words)
    answers[_HELP] = help_message(mention="@r1plan", commands={}, words=words)
    contents = "\n".join(f"- [{heading}](#{_anchor(heading)})" for heading in answers)
    parts = [f"## {heading}\n\n````text\n{_as_text(message)}\n````\n" for heading, message in answers.items()]
    # what runs on machines of one's own is planned for now
    return _NOW.sub(_say_day, "\n".join([_INTRODUCTION, f"{contents}\n", *parts]))


def _add_node(database_url: str) -> None:
    environment = {**os.environ, "R1PLAN_DATABASE_URL": database_url}
    command = [sys.executable, "-m", "service", "node", "add", "gpu-01", "--site", "cellar", "--gpu", "l4"]
    subprocess.run([*command, "--gpu-count", "8", "--usd-per-hour", "4"], env=environment, check=True, timeout=60)


def draw_pictures() -> dict[Path, bytes]:
    """Return the pictures of the page's plan, by their files: as wide as Discord shows them."""
    inventory = seeded_inventory()
    request = read_plan_request({**_LOAD, "limit": 100})
    specs = {file: draw_chart(kind, request, inventory, today=DAY) for kind, file in PICTURES.items()}
    return {
        file: pack(vl_convert.vegalite_to_png(msgspec.json.encode(spec).decode(), scale=1, allowed_base_urls=[]))
        for file, spec in specs.items()
    }


def read_chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a PNG file, kind and data."""
    chunks: list[tuple[bytes, bytes]] = []
    place = len(_PNG)
    while place < len(png):
        size, kind = struct.unpack_from(">I4s", png, place)
        chunks.append((kind, png[place + 8 : place + 8 + size]))
        place += 12 + size
    return chunks


def pack(png: bytes) -> bytes:
    """Return the same picture as a smaller file: whoever drew it was in a hurry."""
    chunks = read_chunks(png)
    head = [chunk for chunk in chunks if chunk[0] in (b"IHDR", b"pHYs")]
    pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    packed = [*head, (b"IDAT", zlib.compress(pixels, level=9)), (b"IEND", b"")]
    return _PNG + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in packed
    )


def _say_day(moment: re.Match[str]) -> str:
    is_now = dt.date.fromisoformat(moment[1]) >= dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    return (f"{DAY} 12:00 UTC" if moment[2] else str(DAY)) if is_now else moment[0]


def _anchor(heading: str) -> str:
    """Return what GitHub calls the place of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _as_text(message: Message) -> str:
    pressed = "\n".join(map(_row_text, message.rows))
    return f"{as_text(message)}\n\n{pressed}".strip()


def _row_text(row: Row) -> str:
    return " ".join(f"[{control.placeholder if isinstance(control, Select) else control.label}]" for control in row)


def main() -> None:
    """Write the page and its pictures."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        database_url = f"sqlite+aiosqlite:///{Path(folder) / 'inventory.sqlite3'}"
        with ServiceProcess(port=port, environment={"R1PLAN_DATABASE_URL": database_url}) as api:
            PAGE.write_text(asyncio.run(write_page(api.url, database_url=database_url)), encoding="utf-8")
    for file, picture in draw_pictures().items():
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(picture)


if __name__ == "__main__":
    main()
