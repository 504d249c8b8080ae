"""What a question says and its answer does not take waits for the plan that a button leads to."""

from __future__ import annotations

from bots.client import PlannerClient
from bots.desk import Desk
from bots.encoding import decode, encode
from tests.bots.answering import button, field

QUESTION = "does 8B at 32k fit on a 4090 under $0.10/h on runpod?"
NOT_APPLIED = "Understood, but means nothing for this answer"


async def test_the_plan_below_a_fit_keeps_ceiling_and_provider(api_url: str) -> None:
    async with PlannerClient(api_url) as planner:
        desk = Desk(planner, public_url=None)
        fitted = await desk.ask(QUESTION, language="en")
        longer = decode(encode(button(fitted, "64k context").enquiry))
        assert longer is not None
        refined = await desk.show(longer)
        planned = await desk.show(button(refined, "What is cheapest?").enquiry)

    assert field(fitted, NOT_APPLIED) == field(refined, NOT_APPLIED) == "most per hour, provider"
    assert field(planned, "Understood") == "context 64k; provider runpod; most per hour $0.10"
    assert planned.content.startswith("Nothing ")


async def test_a_reply_still_knows_what_waits(api_url: str) -> None:
    async with PlannerClient(api_url) as planner:
        desk = Desk(planner, public_url=None)
        fitted = await desk.ask(QUESTION, language="en")
        followed = await desk.ask("and at 16k?", language="en", previous=button(fitted, "Change…").enquiry)

    assert field(followed, NOT_APPLIED) == "most per hour, provider"
    assert button(followed, "What is cheapest?").enquiry.fields == {
        "context": 16384,
        "provider": "runpod",
        "max_usd_per_hour": 0.1,
    }
