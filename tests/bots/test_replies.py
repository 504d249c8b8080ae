from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.answers import AskAnswer, PlanAnswer, Problem
from bots.client import PlannerError, PlannerRefused, PlannerSlow, PlannerUnreachable, PlannerUnreadable
from bots.message import Message
from bots.replies import help_message, reply_to_error, reply_to_plan, reply_to_question, reply_to_too_long
from tests.bots.planner_api import INFEASIBLE, OPTION, PLAN, Json

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def read(answer: Json) -> PlanAnswer:
    return msgspec.convert(answer, PlanAnswer)


def field(message: Message, name: str) -> str:
    return next(part.value for part in message.fields if part.name == name)


def names(message: Message) -> list[str]:
    return [part.name for part in message.fields]


def with_option(**changes: Any) -> PlanAnswer:  # noqa: ANN401 - any JSON
    return read({**PLAN, "options": [{**OPTION, **changes}]})


def test_the_first_line_says_it_all() -> None:
    message = reply_to_plan(read(PLAN))

    assert message.content == (
        "Cheapest: 1x RTX 4090 at lium, $0.35/h: DeepSeek-R1-0528-Qwen3-8B as fp8 with fp16 KV cache on vLLM, "
        "32k context x 1"
    )
    assert not message.is_private


def test_the_table_has_a_row_for_each_of_the_best_five() -> None:
    options = [{**OPTION, "rank": number, "usd_per_hour": number / 8} for number in range(1, 8)]
    lines = reply_to_plan(read({**PLAN, "options": options})).description.splitlines()

    assert [line.split()[:2] for line in lines[2:-1]] == [
        ["1", "0.125"],
        ["2", "0.250"],
        ["3", "0.375"],
        ["4", "0.500"],
        ["5", "0.625"],
    ]
    assert "8.21" in lines[2]


def test_the_memory_of_the_best_option_is_shown_part_by_part() -> None:
    memory = field(reply_to_plan(read(PLAN)), "Memory")

    assert [line.split()[-2:] for line in memory.splitlines()[1:-1]] == [
        ["8.80", "GiB"],
        ["4.50", "GiB"],
        ["1.12", "GiB"],
        ["0.28", "GiB"],
        ["0.65", "GiB"],
        ["8.21", "GiB"],
        ["23.56", "GiB"],
    ]


def test_several_gpus_are_told_to_have_that_memory_each() -> None:
    assert "Memory of each GPU" in names(reply_to_plan(with_option(gpu_count=2)))


def test_a_price_comes_with_its_date_and_source() -> None:
    price = field(reply_to_plan(read(PLAN)), "Price")

    assert price.splitlines() == [
        "$0.35/h at lium (rtx4090.1x, us)",
        "price of 2026-10-12 (exact)",
        "source: https://lium.io/pricing",
    ]


def test_the_quality_comes_with_its_source() -> None:
    assert field(reply_to_plan(read(PLAN)), "Quality").splitlines() == [
        "near_lossless, 99.4 % of the scores of bf16",
        "source: published by the maker of the checkpoint",
        "basis of this option: modelled",
    ]


def test_a_spot_price_is_called_one() -> None:
    assert "$0.35/h spot" in reply_to_plan(with_option(offer={**OPTION["offer"], "pricing": "spot"})).content


def test_what_was_given_and_what_was_assumed_are_told_apart() -> None:
    message = reply_to_plan(read(PLAN))

    assert field(message, "Understood") == "context 32k"
    assert field(message, "Assumed") == "batch 1; model deepseek-r1-8b; pricing on_demand; min quality near_lossless"


def test_warnings_notes_and_the_reason_for_the_model_are_shown() -> None:
    message = reply_to_plan(read(PLAN))

    assert field(message, "Warnings") == "- the price is 40 days old"
    assert field(message, "Before you launch") == "- needs vLLM 0.33.0"
    assert "two models are called" in field(message, "Model")


def test_the_launch_command_is_shown_whole_or_not_at_all() -> None:
    command = OPTION["launch"]["command"]
    whole = field(reply_to_plan(read(PLAN)), "Launch")
    too_long = field(reply_to_plan(with_option(launch={"command": command + " --flag" * 200})), "Launch")

    assert whole == f"```bash\n{command}\n```"
    assert "vllm serve" not in too_long
    assert "too many for this message" in too_long


def test_a_checkpoint_that_nobody_published_says_how_to_make_one() -> None:
    checkpoint = {"repository": None, "published": False, "how_to_make": "run llm-compressor"}
    message = reply_to_plan(with_option(checkpoint=checkpoint))

    assert "no published checkpoint; run llm-compressor" in field(message, "Before you launch")


def test_an_indicative_price_is_beside_the_plan_and_never_the_plan() -> None:
    cheap = {**OPTION, "usd_per_hour": 0.05, "offer": {**OPTION["offer"], "price_kind": "indicative"}}
    message = reply_to_plan(read({**PLAN, "indicative": cheap}))

    assert "$0.35" in message.content
    assert "$0.05/h: a price seen" in field(message, "Cheapest indicative price")


def test_when_nothing_fits_the_smallest_change_is_in_the_first_line() -> None:
    message = reply_to_plan(read(INFEASIBLE))

    assert message.content == ("Nothing fits 32k context x 1. Smallest change that would fit: a context of 16384 fits")
    assert field(message, "too little memory (42 deployments)").splitlines() == [
        "the KV cache does not fit beside the weights",
        "Nearest: 1x rtx-4090, weight format fp8, needed 27.94 GiB, there is 23.56 GiB",
        "Smallest change: a context of 16384 fits",
    ]


def test_an_empty_inventory_is_told_as_the_api_tells_it() -> None:
    rejection = {"reason": "no_offers", "count": 0, "message": "the inventory holds no offers"}
    message = reply_to_plan(read({**INFEASIBLE, "rejections": [rejection]}))

    assert message.content == "Nothing fits 32k context x 1."
    assert field(message, "no offers (0 options)") == "the inventory holds no offers"


def test_a_change_without_words_is_put_into_words() -> None:
    rejection = {"reason": "over_price_ceiling", "smallest_change": {"field": "max_usd_per_hour", "value": 10.4}}
    message = reply_to_plan(read({**INFEASIBLE, "rejections": [rejection]}))

    assert message.content.endswith("max usd per hour $10.40")


def test_a_question_tells_what_was_understood_and_what_was_not() -> None:
    asked = {"understood": {"context": 32768, "gpu": ["h100"]}, "assumed": ["batch"], "ignored": ["pretty please"]}
    message = reply_to_question(msgspec.convert({**asked, "answer": PLAN}, AskAnswer))

    assert field(message, "Understood") == "context 32k; gpu h100"
    assert field(message, "Assumed") == "batch 1"
    assert field(message, "Not understood, ignored") == '"pretty please"'


def test_a_fragment_with_several_readings_is_shown_with_each() -> None:
    ambiguous = [{"text": "8", "readings": [{"batch": 8}, {"context": 8192}]}]
    message = reply_to_question(msgspec.convert({"ambiguous": ambiguous, "answer": PLAN}, AskAnswer))

    assert field(message, "Could mean several things, ignored") == '- "8": batch 8 or context 8k'


def test_a_question_without_a_plan_still_tells_how_it_was_read() -> None:
    message = reply_to_question(msgspec.convert({"intent": "price", "understood": {"gpu": "l4"}}, AskAnswer))

    assert message.is_private
    assert field(message, "Understood") == "gpu l4"


@pytest.mark.parametrize("outcome", ["plan", "infeasible", "something new", None])
def test_an_answer_with_nothing_in_it_still_makes_a_message(outcome: str | None) -> None:
    assert reply_to_plan(read({"outcome": outcome})).content
    assert reply_to_plan(read({"outcome": outcome, "options": [{}], "rejections": [{}], "new": 1})).content


@given(json_values, json_values, st.text(max_size=3000))
def test_no_answer_makes_a_message_that_discord_refuses(request: object, nearest: object, text: str) -> None:
    option = {**OPTION, "launch": {"command": text, "notes": [text] * 9}, "warnings": [text] * 9, "engine": text}
    rejection = {"reason": text, "message": text, "nearest": {"gpu_id": text, "needed": nearest, "available": 1}}
    fields: Json = {"context": request, "batch": request, "assumed": request, text[:20]: request}
    for outcome in ("plan", "infeasible"):
        answer = {**PLAN, "outcome": outcome, "request": fields, "options": [option] * 9, "rejections": [rejection] * 9}
        asked = {"understood": fields, "ignored": [text] * 9, "answer": answer}

        reply_to_plan(read(answer))
        reply_to_question(msgspec.convert(asked, AskAnswer))


def test_what_a_person_wrote_cannot_break_out_of_its_place() -> None:
    asked = {"understood": {}, "ignored": ["**x** ```", "[click](https://a.example)"], "answer": PLAN}
    message = reply_to_question(msgspec.convert(asked, AskAnswer))

    assert r"\*\*x\*\* \`\`\`" in field(message, "Not understood, ignored")
    assert r"\[click\]" in field(message, "Not understood, ignored")


def test_a_refused_request_is_told_privately_with_what_is_allowed_and_nearest() -> None:
    problem = Problem(detail="unknown gpu '4091'", field="gpu", allowed=["l4", "rtx-4090"], nearest=["rtx-4090"])
    message = reply_to_error(PlannerRefused(problem, status=400))

    assert message.is_private
    assert message.content == "unknown gpu '4091'"
    assert field(message, "Nearest") == "rtx-4090"
    assert field(message, "Allowed") == "l4, rtx-4090"


def test_what_the_detail_says_already_is_not_said_twice() -> None:
    problem = Problem(detail="unknown gpu '4091'. Nearest: rtx-4090.", nearest=["rtx-4090"])

    assert reply_to_error(PlannerRefused(problem, status=400)).fields == ()


def test_a_refusal_without_words_is_still_told() -> None:
    assert reply_to_error(PlannerRefused(Problem(), status=404)).content


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PlannerUnreachable(), "cannot be reached"),
        (PlannerSlow(seconds=10), "longer than 10 seconds"),
        (PlannerUnreadable(), "could not be read"),
        (PlannerRefused(Problem(detail="no database"), status=503), "It says: no database"),
        (PlannerRefused(Problem(), status=502), "in trouble"),
        (PlannerError(), "no answer"),
    ],
)
def test_an_api_in_trouble_is_told_privately(error: PlannerError, words: str) -> None:
    message = reply_to_error(error)

    assert message.is_private
    assert words in message.content


def test_a_question_that_is_too_long_is_told_the_limit() -> None:
    assert "1,200 characters; I read at most 1,000" in reply_to_too_long("x" * 1200).content


def test_help_shows_both_ways_to_ask() -> None:
    message = help_message(mention="<@1>", plan_command="</plan:2>")

    assert message.is_private
    assert "</plan:2>" in message.fields[0].value
    assert "<@1> what GPU for 8B at 32k?" in message.fields[1].value
