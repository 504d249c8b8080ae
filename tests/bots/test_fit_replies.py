from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.answers import AskAnswer
from bots.message import Message
from bots.replies import reply_to_question
from tests.bots.planner_api import OPTION, PLAN, Json
from tests.bots.test_replies import field, names

JUDGEMENT: Json = {
    **OPTION,
    "outcome": "judgement",
    "verdict": "fits",
    "reason": "",
    "request": PLAN["request"],
    "model": PLAN["model"],
    "changes": [],
    "others": [],
}
REQUIREMENT: Json = {
    "weight_format": "fp8",
    "kv_cache_dtype": "fp16",
    "engine": "vllm",
    "tier": "lossless",
    "needed_bytes": 16_106_127_360,
    "smallest_gpus": [{"gpu_id": "rtx-4080", "name": "RTX 4080"}],
}


def reply(answer: Json, **reading: Any) -> Message:  # noqa: ANN401 - any JSON
    return reply_to_question(
        msgspec.convert({"understood": {"gpu": "rtx-4090"}, **reading, "answer": answer}, AskAnswer)
    )


def test_the_first_line_says_whether_it_fits_and_how_far_it_reaches() -> None:
    message = reply(JUDGEMENT, assumed=["batch"])

    assert message.content == (
        "DeepSeek-R1-0528-Qwen3-8B as fp8 with fp16 KV cache on vLLM, 32k context x 1, on 1x RTX 4090: it fits. "
        "Largest context at this batch 90k, largest batch at this context 2."
    )
    assert not message.is_private
    assert {"Memory", "Room for more", "Launch", "Quality", "Understood", "Assumed"} <= set(names(message))


def test_what_does_not_fit_comes_with_what_would_and_without_a_launch() -> None:
    changes = [{"field": "context", "value": 4848, "message": "shorten the context to 4,848 tokens"}]
    message = reply({**JUDGEMENT, "verdict": "does_not_fit", "changes": changes})

    assert "it does not fit" in message.content
    assert field(message, "Would fit") == "- shorten the context to 4,848 tokens"
    assert "Launch" not in names(message)


def test_the_other_gpus_of_a_name_have_a_line_each() -> None:
    other = {**OPTION, "verdict": "tight", "gpu": {"name": "L40S"}}
    assert "1x L40S: is tight" in field(reply({**JUDGEMENT, "others": [other]}), "The name also means")


def test_machines_are_shown_side_by_side() -> None:
    machines = [
        {"judgement": JUDGEMENT, "cheapest": OPTION["offer"]},
        {"judgement": {**JUDGEMENT, "verdict": "does_not_fit", "gpu": {"name": "T4"}}, "cheapest": None},
    ]
    comparison = {
        "outcome": "comparison",
        "request": PLAN["request"],
        "machines": machines,
        "warnings": ["one of each"],
    }
    message = reply(comparison)
    lines = message.description.splitlines()

    assert message.content == "32k context x 1: of these, 1x RTX 4090 hold it."
    assert lines[2].startswith("1x RTX 4090 fits")
    assert lines[2].endswith("$0.35")
    assert lines[3].startswith("1x T4 does not fit")
    assert field(message, "Warnings") == "- one of each"


def test_what_formats_need_is_a_table_of_the_least_first() -> None:
    answer = {"outcome": "requirements", "request": PLAN["request"], "requirements": [REQUIREMENT] * 40}
    message = reply(answer)

    assert message.content == "32k context x 1 takes from 15.00 GiB up, by weight format and KV cache."
    assert "RTX 4080" in message.description
    assert message.footer == "and 28 more pairs of formats, which need more"


@pytest.mark.parametrize("outcome", ["judgement", "comparison", "requirements"])
def test_an_answer_with_nothing_in_it_still_makes_a_message(outcome: str) -> None:
    assert reply({"outcome": outcome}).content
    assert reply({"outcome": outcome, "machines": [{}], "requirements": [{}], "others": [{}], "changes": [{}]}).content


@given(text=st.text(max_size=2500), number=st.floats(allow_nan=False, allow_infinity=False))
def test_no_answer_makes_a_message_that_discord_refuses(text: str, number: float) -> None:
    judged = {**JUDGEMENT, "reason": text, "warnings": [text] * 9, "engine": text, "weight_format": text}
    judged |= {"changes": [{"message": text}] * 9, "kv_token_capacity": number, "others": [{"gpu": {"name": text}}] * 9}
    machines = [{"judgement": judged, "cheapest": {"usd_per_hour": number}}] * 6
    pairs = [{**REQUIREMENT, "weight_format": text, "needed_bytes": number}] * 40
    reply(judged, ignored=[text] * 9)
    reply({"outcome": "comparison", "machines": machines, "warnings": [text] * 9})
    reply({"outcome": "requirements", "requirements": pairs})
