from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.answers import AskAnswer
from bots.enquiry import Enquiry
from bots.replies import ask_back
from bots.tables import PHONE_COLUMNS
from bots.words import words_for
from tests.bots.answering import button, field, labels, names, show, show_asked, show_option
from tests.bots.planner_api import INFEASIBLE, OPTION, PLAN, Json

ENGLISH = words_for("en")

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def test_the_first_line_says_it_all() -> None:
    message = show(PLAN)

    assert message.content == (
        "Cheapest: 1x RTX 4090 at lium, $0.35/h: DeepSeek-R1-0528-Qwen3-8B as fp8 with fp16 KV cache on vLLM, "
        "32k context x 1"
    )
    assert not message.is_private


def test_the_table_has_a_row_for_each_of_the_best_five() -> None:
    options = [{**OPTION, "rank": number, "usd_per_hour": number / 8} for number in range(1, 8)]
    lines = show({**PLAN, "options": options}).description.splitlines()

    assert [line.split()[0] for line in lines[2:-1]] == [
        *("1", "0.125"),
        *("2", "0.250"),
        *("3", "0.375"),
        *("4", "0.500"),
        *("5", "0.625"),
    ]
    assert lines[1:4] == ["     $/h  tok/s  weights  KV", "1  1x RTX 4090, lium", "   0.125     93  fp8      fp16"]
    assert max(map(len, lines)) <= PHONE_COLUMNS


def test_the_next_options_stand_on_the_next_page() -> None:
    options = [{**OPTION, "rank": number, "usd_per_hour": number / 8} for number in range(1, 8)]
    message = show({**PLAN, "options": options}, page=1)

    assert [line.split()[0] for line in message.description.splitlines()[2:-1:2]] == ["6", "7"]
    assert button(message, "◀").enquiry.page == 0
    assert button(message, "2 of 2 ▶").is_off


def test_the_memory_of_the_best_option_is_drawn_and_shown_part_by_part() -> None:
    bar, *parts = field(show(PLAN), "Memory, 23.56 GiB").splitlines()[1:-2]

    assert bar == "██████████▓▓▓▓▓▒░+··········|"
    assert [line.split()[-2] for line in parts] == ["8.80", "4.50", "1.12", "0.28", "0.65", "8.21"]


def test_memory_that_is_too_little_shows_where_the_card_ends() -> None:
    memory = {**OPTION["memory"]["per_gpu"], "kv_cache_bytes": 30_000_000_000, "headroom_bytes": -16_355_964_179}
    bar, *parts = field(show_option(memory={"per_gpu": memory}, basis=None), "Memory").splitlines()[1:-1]

    assert bar.endswith("!")
    assert bar.index("|") == 17
    assert parts[-1].split() == ["!", "too", "much", "15.23", "GiB"]


def test_several_gpus_are_told_to_have_that_memory_each() -> None:
    assert "Memory of each GPU, 23.56 GiB" in names(show_option(gpu_count=2))


def test_the_quality_comes_with_its_source() -> None:
    assert field(show(PLAN), "Quality").splitlines() == [
        "near-lossless, 99.4 % of the scores of bf16",
        "source: published by the maker of the checkpoint",
    ]


def test_the_basis_stands_with_the_memory_that_it_is_about() -> None:
    assert field(show(PLAN), "Memory").splitlines()[-2:] == ["```", "basis: modelled"]


def test_what_was_given_and_what_was_assumed_are_told_apart() -> None:
    message = show(PLAN)

    assert field(message, "Understood") == "context 32k"
    assert field(message, "Assumed") == (
        "batch 1; model deepseek-r1-8b; pricing on demand; quality at least near-lossless"
    )


def test_speed_and_cost_come_with_their_bands() -> None:
    assert field(show(PLAN), "Speed and cost, estimated").splitlines() == [
        "93 tokens/s for each user (80 to 110)",
        "first token after 0.41 s (0.34 to 0.49)",
        "$1.04 per million output tokens",
    ]


def test_only_the_first_warnings_are_shown_and_the_rest_are_counted() -> None:
    lines = field(show_option(warnings=[f"warning {number}" for number in range(7)]), "Warnings").splitlines()

    assert lines[0] == "- warning 0"
    assert lines[-1] == "- and 3 more"


def test_warnings_and_the_reason_for_the_model_are_shown() -> None:
    message = show(PLAN)

    assert field(message, "Warnings") == "- the price is 40 days old"
    assert "two models are called" in field(message, "Model")


def test_when_nothing_fits_the_smallest_change_is_in_the_first_line() -> None:
    message = show(INFEASIBLE)

    assert message.content == ("Nothing fits 32k context x 1. Smallest change that would fit: a context of 16384 fits")
    assert field(message, "too little memory (42 deployments)").splitlines() == [
        "the KV cache does not fit beside the weights",
        "Nearest: 1x rtx-4090, weight format fp8, needed 27.94 GiB, there is 23.56 GiB",
        "Smallest change: a context of 16384 fits",
    ]


def test_an_empty_inventory_is_told_as_the_api_tells_it() -> None:
    rejection = {"reason": "no_offers", "count": 0, "message": "the inventory holds no offers"}
    message = show({**INFEASIBLE, "rejections": [rejection]})

    assert message.content == "Nothing fits 32k context x 1."
    assert field(message, "no offers (0 options)") == "the inventory holds no offers"


def test_a_change_without_words_is_put_into_words() -> None:
    rejection = {"reason": "over_price_ceiling", "smallest_change": {"field": "max_usd_per_hour", "value": 10.4}}
    message = show({**INFEASIBLE, "rejections": [rejection]})

    assert message.content.endswith("most per hour $10.40")


def test_no_name_of_the_api_stands_in_an_english_sentence() -> None:
    poor = {"reason": "below_quality_floor", "message": "their quality is below near_lossless"}

    assert field(show({**INFEASIBLE, "rejections": [poor]}), "below") == "their quality is below near-lossless"


def test_a_question_tells_what_was_understood_and_what_was_not() -> None:
    asked = {"understood": {"context": 32768, "provider": "lium"}, "ignored": ["pretty please"], "answer": PLAN}
    message = show_asked(asked)

    assert message.fields[0].name == "Not understood, ignored"
    assert message.fields[0].value == '"pretty please"'
    assert field(message, "Understood") == "context 32k; provider lium"
    assert field(message, "Assumed").startswith("batch 1; ")


def test_what_this_answer_does_not_take_is_told() -> None:
    asked = {"understood": {"gpu": "l4", "pricing": "spot"}, "not_applied": ["pricing"], "answer": PLAN}

    assert field(show_asked(asked), "Understood, but means nothing for this answer") == "pricing"


def test_an_ambiguous_question_is_asked_back_with_a_button_for_each_reading() -> None:
    doubts = [
        {"text": "8", "readings": [{"batch": 8}, {"context": 8192}]},
        {"text": "4090s", "readings": [{"gpu_count": 1}, {"gpu_count": 2}]},
    ]
    asked = msgspec.convert({"ambiguous": doubts, "understood": {"gpu": "rtx-4090"}}, AskAnswer)
    message = ask_back(asked, enquiry=Enquiry(task="fit", fields={"gpu": "rtx-4090"}), words=ENGLISH)

    assert message.content.startswith('Which do you mean? "8": batch 8 or context 8k')
    assert labels(message)[:4] == [
        "batch 8, GPUs 1",
        "batch 8, GPUs 2",
        "context 8k, GPUs 1",
        "context 8k, GPUs 2",
    ]
    assert button(message, "context 8k, GPUs 2").enquiry == Enquiry(
        task="fit", fields={"gpu": "rtx-4090", "context": 8192, "gpu_count": 2}
    )


def test_an_answer_of_a_kind_that_is_not_known_here_still_tells_how_the_question_was_read() -> None:
    message = show_asked({"understood": {"gpu": "l4"}, "answer": {"outcome": "forecast"}})

    assert message.is_private
    assert field(message, "Understood") == "GPU l4"


@pytest.mark.parametrize("outcome", ["plan", "infeasible", "something new", None])
def test_an_answer_with_nothing_in_it_still_makes_a_message(outcome: str | None) -> None:
    assert show({"outcome": outcome}).content
    assert show({"outcome": outcome, "options": [{}], "rejections": [{}], "new": 1}).content


@given(json_values, json_values, st.text(max_size=3000))
def test_no_answer_makes_a_message_that_discord_refuses(request: object, nearest: object, text: str) -> None:
    option = {**OPTION, "launch": {"command": text, "notes": [text] * 9}, "warnings": [text] * 9, "engine": text}
    rejection = {"reason": text, "message": text, "nearest": {"gpu_id": text, "needed": nearest, "available": 1}}
    fields: Json = {"context": request, "batch": request, "assumed": request, text[:20]: request}
    for outcome in ("plan", "infeasible"):
        answer = {**PLAN, "outcome": outcome, "request": fields, "options": [option] * 9, "rejections": [rejection] * 9}
        asked = {"understood": fields, "ignored": [text] * 9, "answer": answer}

        show(answer)
        show_asked(asked)


def test_what_a_person_wrote_cannot_break_out_of_its_place() -> None:
    asked = {"understood": {}, "ignored": ["**x** ```", "[click](https://a.example)"], "answer": PLAN}
    message = show_asked(asked)

    assert r"\*\*x\*\* \`\`\`" in field(message, "Not understood, ignored")
    assert r"\[click\]" in field(message, "Not understood, ignored")


def test_the_first_option_is_called_what_was_asked_for() -> None:
    fastest = show({**PLAN, "request": {**PLAN["request"], "objective": "fastest"}})

    assert fastest.content.startswith("Fastest: 1x RTX 4090")
    assert fastest.title.startswith("Fastest for ")
