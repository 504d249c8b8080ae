from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.message import Message
from tests.bots.answering import button, field, labels, names, select, show, show_asked
from tests.bots.planner_api import OPTION, PLAN, Json

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


LIMITS: Json = {
    "outcome": "limits",
    "request": PLAN["request"],
    "machines": [
        {
            "gpu": {"gpu_id": "rtx-4090", "name": "RTX 4090"},
            "gpu_count": 1,
            "frontiers": [
                {
                    "weight_format": form,
                    "kv_cache_dtype": "fp16",
                    "engine": "vllm",
                    "tier": tier,
                    "batches": [{"context": 8192, "max_batch": most}, {"context": 32768, "max_batch": 0}],
                    "contexts": [{"batch": 1, "max_context": 1024 * most}],
                }
                for form, tier, most in (("bf16", "lossless", 4), ("fp8", "lossless", 10), ("q2_k", "poor", 20))
            ],
        }
    ],
}


def reply(answer: Json, **reading: Any) -> Message:  # noqa: ANN401 - any JSON
    return show_asked({"understood": {"gpu": "rtx-4090"}, **reading, "answer": answer})


def test_the_first_line_says_whether_it_fits_and_how_far_it_reaches() -> None:
    message = reply(JUDGEMENT)

    assert message.content == (
        "It fits: 32k context x 1 on 1x RTX 4090 (DeepSeek-R1-0528-Qwen3-8B as fp8 with fp16 KV cache on vLLM). "
        "Largest context at this batch 90k, largest batch at this context 2. "
        "About 93 tokens/s for each user (80 to 110)."
    )
    assert not message.is_private
    assert {"Memory, 23.56 GiB", "Room for more", "Quality", "Understood", "Assumed"} <= set(names(message))
    assert "Launch command" in labels(message)


def test_a_fit_and_each_machine_of_a_comparison_tell_their_speed() -> None:
    unpriced = {**JUDGEMENT, "cost": None}
    compared = {"outcome": "comparison", "request": PLAN["request"], "machines": [{"judgement": unpriced}]}

    assert reply(unpriced).content.endswith(" About 93 tokens/s for each user (80 to 110).")
    assert field(reply(unpriced), "Speed, estimated").splitlines() == [
        "93 tokens/s for each user (80 to 110)",
        "first token after 0.41 s (0.34 to 0.49)",
    ]
    assert "93 tokens/s for each user (80 to 110)" in field(reply(compared), "1x RTX 4090").splitlines()


def test_what_holds_nothing_has_no_room_for_more() -> None:
    nowhere = reply({**JUDGEMENT, "verdict": "cannot_run", "speed": None, "max_context": 0, "max_batch": 0})
    shorter = reply({**JUDGEMENT, "verdict": "does_not_fit", "speed": None, "max_context": 4848, "max_batch": 0})

    assert nowhere.content.endswith("on vLLM).")
    assert "Room for more" not in names(nowhere)
    assert shorter.content.endswith(" Largest context at this batch 4,848.")
    assert field(shorter, "Room for more") == "context up to 4,848 at this batch"


def test_what_does_not_fit_comes_with_what_would_and_without_a_launch() -> None:
    changes = [{"field": "context", "value": 4848, "message": "shorten the context to 4,848 tokens"}]
    message = reply({**JUDGEMENT, "verdict": "does_not_fit", "changes": changes})

    assert message.content.startswith("It does not fit: ")
    assert field(message, "Would fit") == "- shorten the context to 4,848 tokens"
    assert "Launch command" not in labels(message)
    assert button(message, "context 4,848").enquiry.fields["context"] == 4848


def test_the_other_gpus_of_a_name_have_a_line_each() -> None:
    other = {**OPTION, "verdict": "tight", "gpu": {"name": "L40S"}}
    assert "1x L40S: tight" in field(reply({**JUDGEMENT, "others": [other]}), "The name also means")


def test_another_gpu_of_the_name_can_be_chosen() -> None:
    other = {**OPTION, "verdict": "tight", "gpu": {"gpu_id": "l40s", "name": "L40S"}}

    assert [one.value for one in select(reply({**JUDGEMENT, "others": [other]})).choices] == ["rtx-4090", "l40s"]


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

    assert message.content == "32k context x 1 fits 1x RTX 4090."
    assert lines[2].split() == ["1x", "RTX", "4090", "✓", "90k", "2", "0.35"]
    assert lines[3].split()[:3] == ["1x", "T4", "✗"]
    assert field(message, "1x T4").startswith("does not fit: ")
    assert "$0.35/h at lium, price of 2026-10-12" in field(message, "1x RTX 4090")
    assert field(message, "Warnings") == "- one of each"


def test_what_is_tight_is_told_apart_from_what_does_not_fit() -> None:
    short = {"per_gpu": {"usable_bytes": 2**34, "headroom_bytes": -(2**29)}}
    tight = {**JUDGEMENT, "verdict": "tight", "gpu": {"name": "T4"}, "memory": short, "max_batch": 0}
    none = {**JUDGEMENT, "verdict": "does_not_fit", "gpu": {"name": "P4"}}

    def compare(*judged: Json) -> Message:
        machines = [{"judgement": one} for one in judged]
        return reply({"outcome": "comparison", "request": PLAN["request"], "machines": machines})

    alone = compare(tight, none)
    assert alone.content == "32k context x 1 is tight on 1x T4: inside the measured noise, it may start or not."
    assert alone.description.splitlines()[2].split() == ["1x", "T4", "~", "90k", "-", "-"]
    assert "0.50 GiB short of what it needs; there is 16.00 GiB" in field(alone, "1x T4")
    assert compare(JUDGEMENT, tight).content == (
        "32k context x 1 fits 1x RTX 4090. On 1x T4 it is tight: it may start or not."
    )
    assert compare(none).content == "32k context x 1 fits none of these."


def test_what_formats_need_is_a_table_of_the_least_first() -> None:
    answer = {"outcome": "requirements", "request": PLAN["request"], "requirements": [REQUIREMENT] * 40}
    message = reply(answer)

    assert message.content == "32k context x 1 takes at least 15.00 GiB, with fp8 weights and fp16 KV cache."
    assert "RTX 4080" in message.description
    assert message.footer == "40 pairs of formats"
    assert button(message, "1 of 4 ▶").enquiry.page == 1


def test_limits_tell_how_far_formats_of_good_quality_reach() -> None:
    message = show(LIMITS, task="limits", fields={"gpu": "rtx-4090"})
    lines = [line.split() for line in message.description.splitlines()[1:-1]]

    assert message.content == "1x RTX 4090: up to 10k of context for one sequence (fp8 with fp16 KV cache)."
    assert lines[1:] == [["bf16", "4k", "4", "-", "-"], ["fp8", "10k", "10", "-", "-"]]


def test_limits_of_a_name_that_several_gpus_have_tell_of_each() -> None:
    machine = LIMITS["machines"][0]
    family = {**LIMITS, "machines": [machine, {**machine, "gpu": {"gpu_id": "rtx-4090-d", "name": "RTX 4090 D"}}]}
    first, second = (show(family, task="limits", fields={"gpu": "rtx-4090"}, page=page) for page in (0, 1))

    assert field(first, "The name also means") == "- 1x RTX 4090 D: context up to 10k"
    assert field(second, "The name also means") == "- 1x RTX 4090: context up to 10k"
    assert [one.value for one in select(first).choices] == ["rtx-4090", "rtx-4090-d"]
    assert "The name also means" not in names(show(LIMITS, task="limits"))


def test_a_machine_on_which_nothing_runs_well_shows_what_runs() -> None:
    machine = LIMITS["machines"][0]
    poor = {**LIMITS, "machines": [{**machine, "frontiers": machine["frontiers"][2:]}]}

    assert "q2_k" in show(poor, task="limits").description
    assert show({**LIMITS, "machines": []}, task="limits").content == "Nothing runs on this machine."


@pytest.mark.parametrize("outcome", ["judgement", "comparison", "requirements", "limits"])
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
    reply({"outcome": "limits", "machines": [{"frontiers": [{"weight_format": text}] * 40, "gpu": {"name": text}}]})
    reply({"outcome": "requirements", "requirements": pairs})
