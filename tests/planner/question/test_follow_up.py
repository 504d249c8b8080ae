"""What a question says after a follow-up."""

from __future__ import annotations

from typing import Any

import pytest

from planner import Intent, follow, read_fragment
from planner.question import Names


@pytest.mark.parametrize(
    ("intent", "previous", "text", "now_intent", "now"),
    [
        ("plan", {"context": 32_768}, "and at 64k?", "plan", {"context": 65_536}),
        ("plan", {"context": 32_768}, "and 8 users?", "plan", {"context": 32_768, "batch": 8}),
        ("plan", {"exclude_vendor": "intel"}, "without AMD", "plan", {"exclude_vendor": ["intel", "amd"]}),
        ("plan", {"exclude_vendor": "amd"}, "AMD is fine", "plan", {}),
        ("plan", {"exclude_vendor": ["amd", "intel"]}, "AMD is fine too", "plan", {"exclude_vendor": "intel"}),
        ("plan", {"vendor": "nvidia"}, "AMD too", "plan", {"vendor": ["nvidia", "amd"]}),
        ("plan", {"context": 8192}, "AMD too", "plan", {"context": 8192}),
        ("plan", {"vendor": "amd"}, "without AMD", "plan", {"exclude_vendor": "amd"}),
        ("plan", {"exclude_class": "consumer"}, "consumer cards are fine", "plan", {}),
        ("plan", {"weight_bits": 4}, "what about fp8", "plan", {"weight_format": "fp8"}),
        ("plan", {"weight_format": "fp8", "context": 8192}, "4 bit?", "plan", {"context": 8192, "weight_bits": 4}),
        ("plan", {"max_usd_per_hour": 1.0}, "at most $500 a month", "plan", {"max_usd_per_month": 500.0}),
        ("plan", {"max_usd_per_hour": 1.0, "batch": 2}, "no price limit", "plan", {"batch": 2}),
        ("plan", {}, "spot too", "plan", {"pricing": ["on_demand", "spot"]}),
        ("plan", {"pricing": "spot"}, "no spot", "plan", {"pricing": "on_demand"}),
        ("fit", {"gpu": "rtx-3090", "gpu_count": 2}, "on a 4090 instead", "fit", {"gpu": "rtx-4090", "gpu_count": 1}),
        ("fit", {"vram_gb": 24, "batch": 2}, "on an L4?", "fit", {"batch": 2, "gpu": "l4", "gpu_count": 1}),
        (
            "fit",
            {"gpu": "l4", "gpu_count": 4, "tensor_parallel_size": 4},
            "2 gpus",
            "fit",
            {"gpu": "l4", "gpu_count": 2},
        ),
        ("fit", {"gpu": "l4", "context": 8192}, "any gpu", "plan", {"context": 8192}),
        ("fit", {"gpu": "l4", "batch": 4}, "how many users then?", "max_batch", {"gpu": "l4"}),
        ("fit", {"gpu": "l4", "context": 8192}, "max context?", "max_context", {"gpu": "l4"}),
        ("max_context", {"gpu": "l4"}, "and with fp8?", "max_context", {"gpu": "l4", "weight_format": "fp8"}),
        ("max_context", {"gpu": "l4"}, "and at 64k?", "fit", {"gpu": "l4", "context": 65_536}),
        ("max_batch", {"gpu": "l4", "context": 8192}, "batch 4?", "fit", {"gpu": "l4", "context": 8192, "batch": 4}),
        ("compare", {"gpu": ["l4", "a10"]}, "add the L40S", "compare", {"gpu": ["l4", "a10", "l40s"]}),
        ("compare", {"gpu": ["l4", "a10"]}, "only the L40S", "fit", {"gpu": "l40s"}),
        ("memory", {"context": 8192}, "on a 3090?", "fit", {"context": 8192, "gpu": "rtx-3090", "gpu_count": 1}),
        ("plan", {"context": 32_768}, "double the context", "plan", {"context": 65_536}),
        ("plan", {"batch": 1}, "half the users", "plan", {"batch": 1}),
        ("plan", {"context": 4096, "prompt_tokens": 4000, "output_tokens": 96}, "16k?", "plan", {"context": 16_384}),
        ("plan", {"engine": "vllm", "engine_version": "0.9.0"}, "sglang?", "plan", {"engine": "sglang"}),
        ("plan", {"context": 32_768}, "那 128k 呢?", "plan", {"context": 131_072}),
        ("fit", {"gpu": "l4", "context": 8192}, "how much is that per month?", "plan", {"gpu": "l4", "context": 8192}),
        (
            "fit",
            {"gpu": "l4", "batch": 2},
            "what is the cheapest GPU then?",
            "plan",
            {"batch": 2, "objective": "cheapest"},
        ),
        ("fit", {"gpu": "l4", "batch": 2}, "anything cheaper?", "plan", {"batch": 2, "objective": "cheapest"}),
        ("compare", {"gpu": ["l4", "a10"]}, "which gpu?", "compare", {"gpu": ["l4", "a10"]}),
        ("plan", {"region": "eu", "context": 8192}, "anywhere", "plan", {"context": 8192}),
    ],
)
def test_a_follow_up_changes_what_was_asked(  # noqa: PLR0917  (a row of the table above)
    intent: Intent, previous: dict[str, Any], text: str, now_intent: Intent, now: dict[str, Any], names: Names
) -> None:
    before = dict(previous)

    assert follow(previous, intent, read_fragment(text, names=names)) == (now_intent, now)
    assert previous == before
