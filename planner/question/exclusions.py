"""What is not wanted: "no AMD", "anything but the A100", "不要消费级". A "no" that no field can say is refused."""

from typing import Final

from planner.question.reading import Reading
from planner.question.sentence import Match

_TARGETS: Final = "(gpu|vendor|class|provider|pricing|provider_kind)"
_TARGET_KINDS: Final = ("gpu", "vendor", "class", "provider", "pricing", "provider_kind")
_FIELDS: Final = {
    "gpu": "exclude_gpu",
    "vendor": "exclude_vendor",
    "class": "exclude_class",
    "provider": "exclude_provider",
}
_DECORATION: Final = (
    "(device|brand|only|memory_amount|form|rent|run|in|on|for|can|requirement|at_most|measure|recommend)*"
)


def read_exclusions(reading: Reading) -> None:
    """Read every negation and what it covers: a list goes on over "or", and over a comma while its kind stays."""
    sentence = reading.sentence
    for match in sentence.find(f"no {_DECORATION} {_TARGETS}"):
        _exclude(reading, match.start, match.end - 1)
    for match in sentence.find(f"{_TARGETS} {_DECORATION} no_after"):
        if sentence.holds(match, "no_after"):
            _say(reading, match.start)
            sentence.take(match.start, match.end)
    for match in sentence.find(f"{_TARGETS} device? no (comma|stop)"):
        # "AMD 不要,": behind it, as Chinese has it.
        if sentence.lexemes[match.end - 2].text == "不要":
            _say(reading, match.start)
            sentence.take(match.start, match.end - 1)


def _exclude(reading: Reading, start: int, target: int) -> None:
    sentence = reading.sentence
    kind = sentence.kind(target)
    index = target
    stop = target
    while True:
        _say(reading, index)
        stop = index + 1
        while sentence.kind(stop) in {"device", "form", "memory_amount", "brand", "outside"}:
            stop += 1
        following = stop
        joints: set[str] = set()
        while sentence.kind(following) in {"comma", "or", "and", "no", "brand", "slash"}:
            joints.add(sentence.kind(following))
            following += 1
        goes_on = sentence.kind(following) == kind or bool(joints & {"or", "no"})
        if not joints or sentence.kind(following) not in _TARGET_KINDS or not goes_on:
            break
        sentence.take(stop, following)
        index = following
    sentence.take(start, stop)


def _say(reading: Reading, index: int) -> None:
    lexeme = reading.sentence.lexemes[index]
    field = _FIELDS.get(lexeme.kind)
    if field is not None:
        reading.say(field, lexeme.value, start=index)
    elif lexeme.kind == "pricing":
        if lexeme.value == "spot":
            reading.say("pricing", "on_demand", start=index)
        elif lexeme.value == "on_demand":
            reading.say("pricing", "spot", start=index)
        else:
            reading.refuse(index, index + 1)
    else:
        others = [kind for kind in reading.names.provider_kinds if kind != lexeme.value]
        kept = [kind for kind in reading.values("provider_kind") or others if kind != lexeme.value]
        reading.say("provider_kind", lexeme.value, start=index)
        reading.replace("provider_kind", kept)


def refuse_left_negations(reading: Reading) -> None:
    """Refuse each "no" that is left together with what follows it: "no nvlink", "not fp8"."""
    sentence = reading.sentence
    for match in sentence.find("no"):
        following = match.end
        while sentence.kind(following) in {"on", "in", "for", "or", "weights", "brand"}:
            following += 1
        known: Match | None = None
        if sentence.kind(following) in {
            "weight_format",
            "weight_bits",
            "kv_cache_dtype",
            "engine",
            "region",
            "bits_amount",
            "unknown",
            "variant",
            "instance_type",
            "family",
            "kv",
            "tensor_parallel",
            "storage",
            "ram",
            "context",
            "model",
            "size",
        }:
            known = Match(start=match.start, end=following + 1)
        end = min(known.end if known else match.end + 1, len(sentence.lexemes))
        reading.refuse(match.start, end)
