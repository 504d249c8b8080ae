"""What a story tells sets no condition where its question says or asks for the same; else it counts."""

import pytest

from planner import read_question
from planner.question.names import Names


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("My 3060 OOMs at 16k. Which GPU gets me 64k?", {"context": 65_536}),
        (
            "It worked fine at 8k with 2 users, now they want 32k with 20 users. Which gpu?",
            {"context": 32_768, "batch": 20},
        ),
        ("8k works on my 3070, but can it do 16k?", {"gpu": "rtx-3070", "context": 16_384}),
        (
            "Our 14b setup works great! Next step: R1 32B, 32k.",
            {"model": "deepseek-r1-distill-qwen-32b", "context": 32_768},
        ),
        (
            "We benchmarked the H100 last month. What is the cheapest gpu for 8b at 64k?",
            {"objective": "cheapest", "context": 65_536},
        ),
        (
            "Vast and RunPod burned us. Without those two: cheapest for 32k?",
            {"exclude_provider": ["vast", "runpod"], "objective": "cheapest", "context": 32_768},
        ),
        ("Did a test on T4s, way too slow. Cheapest for 8b at 32k?", {"objective": "cheapest", "context": 32_768}),
        ("我的 3060 老是爆显存,想买张新卡,要能开 64k", {"pricing": "buy", "context": 65_536}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_told_gives_way_to_what_is_asked(text: str, fields: dict[str, object], names: Names) -> None:
    question = read_question(text, names=names)
    assert question.fields == fields
    assert question.ignored


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "Right now we are 4 users at 16k. What GPU would be cheapest?",
            {"batch": 4, "context": 16_384, "objective": "cheapest"},
        ),
        ("Right now I run 8b fp8 at 16k on an L4.", {"gpu": "l4", "weight_format": "fp8", "context": 16_384}),
        (
            "Bought a 5090 on launch day. What is the longest context it can run with fp8?",
            {"gpu": "rtx-5090", "weight_format": "fp8"},
        ),
        (
            "I tried 64k on my 3060 12GB. How many users at 16k will it take?",
            {"gpu": "rtx-3060-12gb", "context": 16_384},
        ),
        ("Currently on a 4090. Will 8b at 32k fit?", {"gpu": "rtx-4090", "context": 32_768}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_told_counts_where_nothing_else_says_it(text: str, fields: dict[str, object], names: Names) -> None:
    assert read_question(text, names=names).fields == fields


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Running 16k today and it's fine. What's the max context on a 4080 with awq?", "max_context"),
        ("Right now 4 users are fine on the A100 80GB. How many could we have at 32k in bf16?", "max_batch"),
        ("Just bought an Arc B580 because it was cheap. Can it run 8b at 16k?", "fit"),
    ],
)
def test_what_is_asked_is_not_answered_by_what_is_told(text: str, intent: str, names: Names) -> None:
    question = read_question(text, names=names)
    assert question.intent == intent
    assert "objective" not in question.fields


def test_what_is_excluded_is_not_asked_for(names: Names) -> None:
    question = read_question("Lambda had no capacity, so not Lambda: 8b for 32 users at 4k", names=names)
    assert question.fields == {"exclude_provider": "lambda", "batch": 32, "context": 4_096}
