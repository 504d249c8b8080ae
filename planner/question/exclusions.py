"""What is not wanted: "no AMD", "anything but the A100", "不要消费级". A "no" that no field can say is refused."""

from typing import Final

from planner.question.reading import Reading

_TARGETS: Final = "(gpu|vendor|class|provider|pricing|provider_kind)"
_TARGET_KINDS: Final = ("gpu", "vendor", "class", "provider", "pricing", "provider_kind")
_FIELDS: Final = {
    "gpu": "exclude_gpu",
    "vendor": "exclude_vendor",
    "class": "exclude_class",
    "provider": "exclude_provider",
}
_ASKS_THE_SAME: Final = frozenset({"fit", "run", "requirement", "can"})
_STANDS_ALONE: Final = frozenset(
    {"", "taken", "comma", "stop", "and", "which", "recommend", "how_many", "how_much", "how_long", "how_much_context"}
)
_DECORATION: Final = "(device|brand|only|memory_amount|form|rent|in|on|for|measure|recommend)*"


def read_exclusions(reading: Reading) -> None:
    """Read every negation and its list, which goes on over "or" and "and", and over a comma while its kind stays."""
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
        goes_on = sentence.kind(following) == kind or bool(joints & {"or", "no", "and"})
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
    """Refuse each "no" that is left together with what follows it: "no nvlink", "not fp8", "not the cheapest".

    "It does not fit" asks what "does it fit" asks.
    """
    sentence = reading.sentence
    for match in sentence.find("no"):
        following = match.end
        while sentence.kind(following) in {"on", "in", "for", "or", "weights", "brand", "no"}:
            following += 1
        kind = sentence.kind(following)
        if kind in _ASKS_THE_SAME:
            sentence.take(match.start, following)
        elif kind in _STANDS_ALONE:
            reading.refuse(match.start, match.end)
        else:
            reading.refuse(match.start, following + 1)
