"""Questions for the largest context or batch: the answer leads with it, and is about it."""

from __future__ import annotations

import re

import pytest

from bots.client import PlannerClient
from bots.desk import Desk
from bots.enquiry import Enquiry
from tests.bots.answering import button, field, labels


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("what is the largest context for 8B on an RTX 4090?", r"Largest context on 1x RTX 4090: [\d,k]+ for one "),
        ("largest context on an RTX 4090 at batch 4?", r"Largest context on 1x RTX 4090: [\d,k]+ for each of 4 "),
        ("largest batch for 8B at 16k on an L4?", r"Largest batch on 1x L4: \d+ at 16k context "),
        ("max batch on a T4 at 128k", "1x T4 holds not even one sequence of 128k context "),
        ("max context of 8B in bf16 on a T4", "1x T4 holds no context at batch 1 "),
        ("4090 最大上下文是多少", "1x RTX 4090 的最大上下文"),
        ("4090 在 32k 最多能跑多少并发", "1x RTX 4090 的最大并发"),
    ],
)
async def test_the_first_line_says_what_was_asked_for(question: str, line: str, api_url: str) -> None:
    async with PlannerClient(api_url) as planner:
        language = "en" if question.isascii() else "zh-CN"
        answer = await Desk(planner, public_url=None).ask(question, language=language)

    assert re.match(line, answer.content)


async def test_memory_and_launch_command_are_those_of_the_largest_context(api_url: str) -> None:
    async with PlannerClient(api_url) as planner:
        desk = Desk(planner, public_url="https://r1plan.example")
        answer = await desk.ask("largest context of 8B in fp8 on an RTX 4090?", language="en")
        most = re.search(r": ([\d,]+) for one", answer.content)
        assert most is not None
        tokens = most[1].replace(",", "")
        launched = await desk.launch(button(answer, "Launch command").enquiry)
        fitted = await desk.show(
            Enquiry(task="fit", fields={"gpu": "rtx-4090", "weight_format": "fp8", "context": tokens})
        )

    assert tokens in launched.description
    assert field(answer, "Memory") == field(fitted, "Memory")
    assert field(answer, "Speed") == field(fitted, "Speed")
    assert re.search(r" About \d+ tokens/s for each user \(\d+ to \d+\)\.$", answer.content)
    assert "context" not in field(answer, "Assumed")
    assert not any(label.endswith(" context") for label in labels(answer))


async def test_a_press_and_a_follow_up_ask_for_the_most_again(api_url: str) -> None:
    async with PlannerClient(api_url) as planner:
        desk = Desk(planner, public_url=None)
        answer = await desk.ask("largest context of 8B in fp8 on an RTX 4090?", language="en")
        pressed = await desk.show(button(answer, "batch 2").enquiry)
        asked = button(answer, "Change…").enquiry
        followed = await desk.ask("and at batch 2?", language="en", previous=asked)
        every = await desk.show(button(answer, "Every format").enquiry)

    assert pressed.content.startswith("Largest context on 1x RTX 4090: ")
    assert " for each of 2 sequences at once " in pressed.content
    assert followed.content == pressed.content
    assert every.content.startswith("1x RTX 4090: up to ")
