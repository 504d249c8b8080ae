from __future__ import annotations

from bots.client import PlannerClient
from bots.controls import LONGEST_URL, Select
from bots.desk import Desk
from bots.enquiry import Enquiry
from bots.refinements import ANY_GPU, choose_gpu
from tests.bots.answering import button, labels, select, show
from tests.bots.planner_api import INFEASIBLE, OPTION, PLAN


def with_request(**changes: object) -> dict[str, object]:
    return {**PLAN, "request": {**PLAN["request"], **changes}}


def test_each_button_leads_to_the_plan_that_it_names() -> None:
    message = show(PLAN, fields={"context": "32k", "provider": "lium"})

    assert button(message, "64k context").enquiry.fields == {"context": 65536, "provider": "lium"}
    assert button(message, "batch 2").enquiry.fields == {"context": "32k", "provider": "lium", "batch": 2}
    assert button(message, "Better quality").enquiry.fields["min_quality"] == "lossless"
    assert button(message, "Spot too").enquiry.fields["pricing"] == ["on_demand", "spot"]
    assert button(message, "Buy instead").enquiry.fields["pricing"] == "buy"
    assert button(message, "Launch command").action == "launch"
    assert button(message, "Change…").enquiry.fields == {"context": "32k", "provider": "lium"}


def test_what_was_switched_on_can_be_switched_off() -> None:
    spot = show(with_request(pricing=["on_demand", "spot"]), fields={"pricing": ["on_demand", "spot"]})
    bought = show(with_request(pricing=["buy"]), fields={"pricing": "buy", "max_usd": 400})

    assert button(spot, "No spot").enquiry.fields == {"pricing": "on_demand"}
    assert button(bought, "Rent instead").enquiry.fields == {"pricing": "on_demand"}


def test_what_goes_no_further_is_shown_but_cannot_be_pressed() -> None:
    message = show(with_request(context=131_072, min_quality="lossless"))

    assert button(message, "128k context").is_off
    assert button(message, "Better quality").is_off


def test_another_gpu_can_be_chosen_and_any_again() -> None:
    options = [OPTION, {**OPTION, "gpu": {"gpu_id": "l4", "name": "L4"}, "usd_per_hour": 0.44}]
    choices = select(show({**PLAN, "options": options})).choices

    assert [(one.label, one.value, one.note) for one in choices] == [
        ("RTX 4090", "rtx-4090", "1x RTX 4090, $0.35/h"),
        ("L4", "l4", "1x L4, $0.44/h"),
    ]
    limited = select(show({**PLAN, "options": options}, fields={"gpu": "ada"})).choices
    assert limited[-1].value == ANY_GPU
    enquiry = Enquiry(task="plan", fields={"gpu": "h100", "gpu_count": 2, "context": "32k"})
    assert choose_gpu(enquiry, "l4").fields == {"context": "32k", "gpu": "l4"}
    assert choose_gpu(enquiry, ANY_GPU).fields == {"context": "32k"}


def test_the_only_gpu_of_an_answer_is_no_choice() -> None:
    message = show({**PLAN, "options": [OPTION, OPTION]}, fields={"gpu": "rtx-4090"})

    assert not any(isinstance(control, Select) for row in message.rows for control in row)


async def test_no_context_is_offered_that_the_model_cannot_hold(api_url: str) -> None:
    async with PlannerClient(api_url) as planner:
        desk = Desk(planner, public_url=None)
        longest, shorter = [
            await desk.show(Enquiry(task="plan", fields={"model": "qwen2.5-7b", "context": context}))
            for context in ("32k", "20k")
        ]

    assert button(longest, "32k context").is_off
    assert button(shorter, "32k context").enquiry.fields["context"] == 32_768


def test_where_nothing_fits_the_changes_that_would_help_can_be_pressed() -> None:
    message = show(INFEASIBLE, fields={"context": "128k"})

    assert button(message, "context 16k").enquiry.fields == {"context": 16384}
    assert "Launch command" not in labels(message)


def test_the_request_is_linked_where_others_can_reach_it() -> None:
    assert "API request" in labels(show(PLAN, link="https://plan.example/v1/plan?context=32k"))
    assert "API request" not in labels(show(PLAN))
    assert "API request" not in labels(show(PLAN, link="https://plan.example/" + "x" * LONGEST_URL))
