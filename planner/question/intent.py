"""What is asked: a plan, a fit, the largest context or batch, the memory, a comparison."""

from collections.abc import Iterable
from typing import Final

from planner.question.question import Intent
from planner.question.reading import Reading

_WHO: Final = "(concurrent|user|user_adjective|at_once|batch)"
_BETWEEN: Final = (
    "(can|for|at|in|on|measure|tokens_amount|number|kilo|token|user_adjective|parameter|which|model|family|size|gpu|run"
    "|single|fit)*"
)
_HELD: Final = "(tokens_amount|context|batch|number|user|can|at|for|size|weight_format|equals)*"
_BATCH_QUESTIONS: Final = (
    "how_many_users",
    f"how_many {_BETWEEN} {_WHO}",
    "how_many can (for|at|in|on)* tokens_amount",
    f"(max|longest|which|at_most) {_WHO}",
    f"{_WHO} (can|at_most|max)* (how_many|how_long|max)",
    f"(at_once|at_most|max) {_BETWEEN} how_many {_WHO}?",
    f"equals stop? {_WHO}",
    f"{_WHO} at_most (for|on|at|in|can|stop|(?!.))",
    "(gpu|tokens_amount|weight_format|comma) (user|concurrent)+ stop",
    f"{_WHO} per (vendor|brand|single)* (gpu|device)",
    "concurrent tokens_amount user",
)
_LENGTH: Final = "(equals|stop|at|can|about)* (number (?!(times|gpu|device))|tokens_amount)"
_CONTEXT_QUESTIONS: Final = (
    "how_much_context",
    "(how_long|longest|max|how_much|how_many|which|at_most) (max|can|run|requirement|token|fit)* context",
    "context (can|run|at_most|max|fit|requirement|to|longest)* (how_long|how_many|longest|max|which)",
    "(max|longest|how_many) token",
    "context at_most (for|on|at|in|can|stop|(?!.))",
    f"(max|longest|how_long) (prompt|output) (?!{_LENGTH})",
    f"how_long {_BETWEEN} context",
)
_SIZE_QUESTION: Final = "how_long can? (size|model|family|weights)"
_MEMORY_QUESTIONS: Final = (
    "(how_much|how_many|how_long|which|smallest) (min|requirement|device|kv|can|run|fit|which)* (vram|ram)",
    "(min|requirement) (min|requirement|device|kv|can|which)* (vram|ram)",
    "vram (requirement|for|can|run|at|on|in|which|how_many|how_much|how_long)",
    "(requirement|run) (how_many|how_much) (vram|ram)",
    "kv (requirement|vram)",
    "(how_much|how_many|how_long) (can|kv|requirement)* kv",
    f"(kv|weights) {_HELD} (how_long|how_many|how_much)",
    "requirement kv",
    _SIZE_QUESTION,
    "weights requirement",
    "(how_many|how_much)? gigabyte requirement",
    "(how_many|how_much) gigabyte",
)
_WHICH_DEVICE: Final = "which (vendor|class|brand)* device"
_NAME: Final = "(vendor|brand)* (gpu|number|unknown|instance_type) (memory_amount|form|variant)*"
_WITH_A_STRANGER: Final = f"{_NAME} versus {_NAME}"
_RENTAL_FIELDS: Final = (
    "provider", "exclude_provider", "provider_kind", "region", "pricing", "max_usd", "max_usd_per_hour",
    "max_usd_per_month", "objective", "exclude_gpu", "exclude_vendor", "exclude_class", "vendor", "max_gpus", "limit",
    "min_tokens_per_second", "max_ttft_seconds", "max_tpot_seconds",
)  # fmt: skip
"""Who says one of these is choosing, not judging one machine."""


def find_intent(reading: Reading) -> Intent:
    """Return what the sentence asks for."""
    if _compares_machines(reading):
        return "compare"
    if _asks_for_batch(reading):
        return "max_batch"
    if _asks_for_context(reading):
        return "max_context"
    if _asks_for_memory(reading):
        return "memory"
    return "fit" if _asks_for_fit(reading) else "plan"


def find_said_intent(reading: Reading) -> Intent | None:
    """Return what a follow-up asks for in so many words; None where it only changes what was asked before."""
    if _compares_machines(reading):
        return "compare"
    if not reading.has("batch") and _asks_any(reading, _BATCH_QUESTIONS):
        return "max_batch"
    if not reading.has("context") and _asks_any(reading, _CONTEXT_QUESTIONS):
        return "max_context"
    if _asks_for_memory(reading) and not _asks_for_cost(reading):
        return "memory"
    if _asks_any(reading, (_WHICH_DEVICE,)) or _asks_for_cost(reading):
        return "plan"
    return "fit" if _asks_any(reading, ("fit",)) else None


def seeks_machine(reading: Reading) -> bool:
    """Return whether a follow-up asks which machine to take: "what GPU then?", "the cheapest?"."""
    return reading.has("objective") or _asks_any(reading, (_WHICH_DEVICE,))


def _asks_for_cost(reading: Reading) -> bool:
    """Return whether a follow-up asks what it costs: "how much is that per month?", "一个月多少钱?"."""
    asked = any(
        lexeme.kind == "rent" and (lexeme.text.startswith(("how", "what")) or "多少" in lexeme.text)
        for lexeme in reading.sentence.lexemes
    )
    is_period = ("^(and|or|can|comma|rent)* (hourly|monthly|(per|slash) (hour|month)) stop?(?!.)",)
    return asked or _asks_any(reading, ("(which|how_much) can* rent|how_much (can|hourly|monthly)+", *is_period))


def _compares_machines(reading: Reading) -> bool:
    """Return whether several machines are compared, or one is with another that nobody here knows."""
    targets = len(reading.values("gpu")) + len(reading.values("instance_type"))
    if targets == 1:
        return reading.has_unknown_name and _asks_any(reading, (_WITH_A_STRANGER,))
    return targets > 1 and _compares(reading)


def _compares(reading: Reading) -> bool:
    if reading.compares or _asks_any(reading, ("compare|versus", "from gpu device? to gpu")):
        return True
    pricings = reading.values("pricing")
    if "buy" in pricings and len(pricings) > 1:
        # "Rent an L4 or buy a 3090?"
        return True
    if any(lexeme.text == "还是" for lexeme in reading.sentence.lexemes):
        return True
    is_choosing = _asks_any(reading, ("which",)) and not _asks_any(reading, ("which (device|provider|region)",))
    if _asks_any(reading, ("fit",)) or any(reading.has(field) for field in _RENTAL_FIELDS):
        return is_choosing
    is_either = _asks_any(
        reading,
        (
            "gpu form? device? or (number|pair|single)? times? gpu",
            "gpu (memory_amount|number) or (memory_amount|number)",
        ),
    )
    return is_choosing or (is_either and reading.sentence.first_kind(0) != "can")


def _asks_for_batch(reading: Reading) -> bool:
    if reading.has("batch") or (not reading.has("context") and _asks_any(reading, _CONTEXT_QUESTIONS[2:3])):
        return False
    return _asks_any(reading, _BATCH_QUESTIONS) or (_has_target(reading) and _asks_any(reading, ("batch",)))


def _asks_for_context(reading: Reading) -> bool:
    if reading.has("context"):
        return False
    is_bare = _asks_any(reading, ("how_long",)) and not _asks_any(reading, ("vram|device", _SIZE_QUESTION))
    # "Context limit on an H100": a context without a number, on something to judge, is what is asked for.
    is_open = _has_target(reading) and _asks_any(reading, ("context",))
    return is_bare or is_open or _asks_any(reading, _CONTEXT_QUESTIONS)


def _asks_for_memory(reading: Reading) -> bool:
    if reading.has("vram_gb") or reading.has("memory_bytes"):
        return False
    if _asks_any(reading, (f"can {_BETWEEN} requirement at_least memory_amount",)):
        # "Does it need more than 16 GB?"
        return True
    if _asks_any(reading, ("memory_amount",)):
        # "At least 24 GB of VRAM" names a size and asks for none.
        return _asks_any(reading, _MEMORY_QUESTIONS[:1])
    if _has_target(reading):
        return _asks_any(reading, _MEMORY_QUESTIONS)
    # "KV cache for 100k?" names the cache without saying how it is stored: its size is what is asked for.
    is_cache = (
        _asks_any(reading, ("kv",)) and not _asks_any(reading, ("no",)) and not reading.may_have("kv_cache_dtype")
    )
    return _asks_any(reading, ("vram",)) or is_cache or _asks_any(reading, _MEMORY_QUESTIONS)


def _has_target(reading: Reading) -> bool:
    return any(reading.has(field) for field in ("gpu", "vram_gb", "instance_type", "memory_bytes"))


def _asks_any(reading: Reading, patterns: Iterable[str]) -> bool:
    return any(reading.sentence.has(pattern, at_first=True) for pattern in patterns)


def _asks_for_fit(reading: Reading) -> bool:
    sentence = reading.sentence
    if not _has_target(reading):
        # "can an H20 run it" asks for a fit, though nobody here knows the card.
        return (
            reading.has_unknown_name
            and sentence.has("can|fit", at_first=True)
            and not sentence.has("which", at_first=True)
        )
    if reading.has("objective") or _asks_any(reading, ("how_many_gpus|how_many device|how_many (vendor|brand)* gpu",)):
        return False
    if sentence.has(
        "which (vendor|class|brand)* device|which provider|which region|rent|how_much (can)* gpu spent|which spent",
        at_first=True,
    ):
        return False
    if sentence.has("fit|can|quant_question", at_first=True):
        return True
    chooses = any(len(reading.values(field)) > 1 for field in ("weight_format", "engine", "kv_cache_dtype"))
    if sentence.has("which|recommend", at_first=True) and not chooses:
        return False
    # Whose machine it is chooses none: "an A100 on our cluster".
    is_owned = reading.has("gpu") and reading.values("pricing") == ["owned"]
    return not any(reading.has(field) for field in _RENTAL_FIELDS if field != "pricing" or not is_owned)
