"""What is asked: a plan, a fit, the largest context or batch, the memory, a comparison."""

from typing import Final

from planner.question.question import Intent
from planner.question.reading import Reading

_WHO: Final = "(concurrent|user|user_adjective|at_once|batch)"
_BETWEEN: Final = "(can|for|at|in|on|measure|tokens_amount|number|kilo|token|user_adjective|parameter|which|model|family|size|gpu|run|single|fit)*"
_RENTAL_FIELDS: Final = (
    "provider", "exclude_provider", "provider_kind", "region", "pricing", "max_usd", "max_usd_per_hour", "max_usd_per_month", "objective",
    "exclude_gpu", "exclude_vendor", "exclude_class", "vendor", "max_gpus", "limit",
)  # fmt: skip


def find_intent(reading: Reading) -> Intent:
    """Return what the sentence asks for."""
    targets = len(reading.values("gpu")) + len(reading.values("instance_type"))
    if targets > 1 and _compares(reading):
        return "compare"
    if _asks_for_batch(reading):
        return "max_batch"
    if _asks_for_context(reading):
        return "max_context"
    if _asks_for_memory(reading):
        return "memory"
    return "fit" if _asks_for_fit(reading, targets) else "plan"


def _compares(reading: Reading) -> bool:
    sentence = reading.sentence
    if sentence.has("compare|versus", at_first=True):
        return True
    if sentence.has("gpu form? device? or gpu", at_first=True) and not sentence.has("fit", at_first=True):
        return not sentence.has("can", at_first=True) or sentence.has("which", at_first=True)
    return sentence.has("which", at_first=True) and not sentence.has("which (device|provider|region)", at_first=True)


def _asks_for_batch(reading: Reading) -> bool:
    if reading.has("batch"):
        return False
    return reading.sentence.has(
        f"how_many {_BETWEEN} {_WHO}|(max|longest|which|at_most) {_WHO}|{_WHO} (can|at_most|max)* (how_many|how_long)"
        f"|how_many {_WHO}|(at_once|at_most|max) {_BETWEEN} how_many {_WHO}?|how_many at_once|batch (max)",
        at_first=True,
    )


def _asks_for_context(reading: Reading) -> bool:
    sentence = reading.sentence
    if reading.has("context"):
        return False
    return sentence.has(
        f"(how_long|longest|max|how_much|how_many|which|at_most) (max|can|run|requirement|token|fit)* context"
        f"|context (can|run|at_most|max|fit|requirement|to|longest)* (how_long|how_many|longest|max|which)"
        f"|(max|longest|how_many) token|how_long {_BETWEEN} context",
        at_first=True,
    ) or (
        sentence.has("how_long", at_first=True)
        and not sentence.has("vram", at_first=True)
        and not sentence.has("device", at_first=True)
    )


def _asks_for_memory(reading: Reading) -> bool:
    sentence = reading.sentence
    if reading.has("vram_gb"):
        return False
    return sentence.has(
        "(how_much|how_many|how_long|which|min|requirement|smallest) (min|requirement|device|kv|can|run|run|fit|which)* (vram|ram)"
        "|vram (requirement|for|can|run|at|on|in|which|how_many|how_much|how_long)|(requirement|run) (how_many|how_much) (vram|ram)"
        "|vram stop? $|kv (requirement|vram)|(how_much|how_many|how_long) (can|kv|requirement)* kv|(how_much|which) (can|requirement)* kv requirement",
        at_first=True,
    ) or (sentence.has("vram", at_first=True) and not reading.has("gpu"))


def _asks_for_fit(reading: Reading, targets: int) -> bool:
    sentence = reading.sentence
    if not targets and not reading.has("vram_gb"):
        return False
    if reading.has("objective") or sentence.has("how_many_gpus|how_many device", at_first=True):
        return False
    if sentence.has("which (vendor|class|brand)* device|which provider|which region|rent", at_first=True):
        return False
    if sentence.has("fit|can", at_first=True):
        return True
    if sentence.has("which|recommend", at_first=True):
        return not reading.has("vram_gb") and not sentence.has("which|recommend", at_first=True)
    return not any(reading.has(field) for field in _RENTAL_FIELDS)
