"""Says a thing that is not wanted: in the field that excludes it, or in the one that names what is left."""

from typing import Final

from planner.question.gpus import choose_gpus
from planner.question.reading import Reading
from planner.question.sentence import Match

TARGETS: Final = "(gpu|vendor|class|provider|pricing|provider_kind)"
TARGET_KINDS: Final = ("gpu", "vendor", "class", "provider", "pricing", "provider_kind")
_FIELDS: Final = {
    "vendor": "exclude_vendor",
    "class": "exclude_class",
    "provider": "exclude_provider",
}
DECORATION: Final = "(device|brand|only|form|rent|in|on|for|at|from|measure|recommend)*"
"""What may stand around the name of a thing and changes nothing about it."""


def say_excluded(reading: Reading, index: int, match: Match) -> None:
    """Say that what the lexeme at `index` names is not wanted; `match` is it and what belongs to it."""
    sentence = reading.sentence
    lexeme = sentence.lexemes[index]
    field = _FIELDS.get(lexeme.kind)
    if lexeme.kind == "gpu":
        # "No 40GB A100s" leaves the 80 GB ones in.
        is_sized = sentence.kind(match.start - 1) == "memory_amount"
        sized = Match(start=match.start - is_sized, end=match.end)
        names = choose_gpus(reading, sized, lexeme.value, 1)
        for name in names:
            reading.say("exclude_gpu", name, start=sized.start, end=index + 1)
        if not names:
            reading.refuse(sized.start, sized.end)
    elif field is not None:
        reading.say(field, lexeme.value, start=index)
    elif lexeme.kind == "pricing":
        reading.unwanted_pricing.add(lexeme.value)
        if lexeme.value == "spot":
            reading.say("pricing", "on_demand", start=index)
        elif lexeme.value == "on_demand":
            reading.say("pricing", "spot", start=index)
        elif any(other.kind == "pricing" and other.value != "buy" for other in sentence.lexemes):
            sentence.take(index)
        else:
            reading.say("pricing", "on_demand", start=index)
    else:
        others = [kind for kind in reading.names.provider_kinds if kind != lexeme.value]
        kept = [kind for kind in reading.values("provider_kind") or others if kind != lexeme.value]
        reading.say("provider_kind", lexeme.value, start=index)
        reading.replace("provider_kind", kept)
