"""Plans on machines of one's own: offered where there are any, and told plainly where there are none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bots.client import PlannerClient
from bots.desk import Desk
from bots.enquiry import Enquiry
from bots.words import LANGUAGES, Language, words_for
from tests.bots.answering import button, field, labels, names
from tests.bots.bot_process import start_listening_bot
from tests.bots.room import Room
from tests.service_process import ServiceProcess

PLAN = Enquiry(task="plan", fields={"context": "32k"})
OWNED = PLAN.change(pricing="owned")
NODE = "node add gpu-01 --site cellar --gpu l4 --gpu-count 8 --usd-per-hour 4"
RESERVATION = "reserve gpu-01 --gpu-count 5 --end 2099-12-05T18:00Z --owner anna"


def r1plan(command: str, *, database_url: str) -> None:
    environment = {**os.environ, "R1PLAN_DATABASE_URL": database_url}
    subprocess.run([sys.executable, "-m", "service", *command.split()], env=environment, check=True, timeout=60)


async def test_machines_of_ones_own_are_planned_on_and_their_owners_named(
    service: ServiceProcess, sqlite_url: str
) -> None:
    r1plan(NODE, database_url=sqlite_url)
    r1plan(RESERVATION, database_url=sqlite_url)
    async with PlannerClient(service.url) as planner:
        desk = Desk(planner, public_url=None)
        rented = await desk.show(PLAN)
        owned = await desk.show(button(rented, "Own machines").enquiry)
        back = await desk.show(button(owned, "Rent instead").enquiry)

    assert owned.content.startswith("Cheapest: 1x L4 of your own gpu-01, $0.50/h: ")
    assert field(owned, "Machine of your own") == (
        "gpu-01 at cellar: 3 of 8 GPUs free\n5 taken by anna until 2099-12-05 18:00 UTC"
    )
    assert "own machines (gpu-01, cellar)" in field(owned, "Price")
    assert "Own machines" not in labels(owned)
    assert back.content == rented.content


async def test_the_button_to_machines_of_ones_own_and_back_works_over_the_wire(
    room: Room, service: ServiceProcess, sqlite_url: str, tmp_path: Path
) -> None:
    r1plan(NODE, database_url=sqlite_url)
    async with start_listening_bot(room.server, api_url=service.url, folder=tmp_path):
        planned = await room.plan(context="32k")
        before = planned["content"]
        owned = dict(await room.answer_to(await room.alice.press(planned, "Own machines")))
        back = await room.answer_to(await room.alice.press(owned, "Rent instead"))

    assert owned["content"].startswith("Cheapest: 1x L4 of your own gpu-01, $0.50/h: ")
    assert back["id"] == owned["id"] == planned["id"]
    assert back["content"] == before


@pytest.mark.parametrize("language", LANGUAGES)
async def test_without_machines_of_ones_own_the_answer_says_so_and_they_are_not_offered(
    language: Language, api_url: str
) -> None:
    words = words_for(language)
    async with PlannerClient(api_url) as planner:
        desk = Desk(planner, public_url=None)
        rented = await desk.show(PLAN.speak(language))
        owned = await desk.show(OWNED.speak(language))

    assert words.say("button_owned") not in labels(rented)
    assert owned.content == words.say("no_own_machines")
    assert words.say("button_rent") in labels(owned)
    assert words.say("understood") in names(owned)
