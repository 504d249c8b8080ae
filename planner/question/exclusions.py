"""What is not wanted: "no AMD", "anything but the A100", "不要消费级". A "no" that no field can say is refused."""

import re
from typing import Final

from planner.question.denials_behind import exclude_named_before, read_denials_behind
from planner.question.excluding import DECORATION, TARGET_KINDS, TARGETS, say_excluded
from planner.question.gpus import choose_gpus
from planner.question.question import FieldValue
from planner.question.reading import Reading
from planner.question.sentence import Match, Sentence
from planner.question.text import normalize

RENTING: Final = ("rent", "租", "hir", "leas")
"""How words begin that say that something is rented; "price" and "cost" are said of a purchase too."""

_PERMITTED: Final = "vendor|class|provider|provider_kind|region"
_CONTRAST: Final = re.compile(r"\bbut\b|是|\brather\b")
_ASKS_THE_SAME: Final = frozenset({"fit", "requirement", "can"})
_ASKING: Final = frozenset(
    {"isnt", "arent", "wouldnt", "doesnt", "cant", "couldnt", "shouldnt", "wont", "didnt", "hasnt", "havent"}
)
_EXCEPT: Final = frozenset({"except", "excluding", "besides", "apart from", "aside from", "other than", "除了", "除"})
_HARDWARE: Final = frozenset({"gpu", "vendor", "class"})
_JUDGED: Final = frozenset({"gpu", "memory_amount", "tokens_amount", "size", "model", "family", "instance_type"})
_STANDS_ALONE: Final = frozenset(
    {
        "",
        "taken",
        "comma",
        "stop",
        "and",
        "which",
        "recommend",
        "how_many",
        "how_many_users",
        "how_much",
        "how_long",
        "how_much_context",
    }
)
_BETWEEN: Final = frozenset({"on", "in", "for", "or", "weights", "brand", "no", "run"})
_OTHER_THINGS: Final = frozenset({("gpu", "variant"), ("vendor", "gpu"), ("vendor", "brand")})
_ASKED_BACK: Final = frozenset({"gpu", "provider"})
_LIST_JOINTS: Final = frozenset({"comma", "or", "and", "no", "brand", "slash", "from"})
_MOST_BETWEEN: Final = 6
"""So many words may stand between a "no" and what it denies: a row of them costs no more than its length."""


def read_exclusions(reading: Reading) -> None:
    """Read every negation and its list, which goes on over "or" and "and", and over a comma while its kind stays."""
    sentence = reading.sentence
    _read_permissions(reading)
    _read_not_renting(reading)
    _read_switches(reading)
    _read_not_buying(reading)
    _read_contrasts(reading)
    _read_exceptions(reading)
    read_denials_behind(reading)
    exclude_named_before(reading)
    for match in sentence.find(f"no {DECORATION} {TARGETS} device? no {TARGETS}"):
        second = sentence.indices(match, "no")[-1]
        kinds = {sentence.kind(index) for index in sentence.indices(match, *TARGET_KINDS)}
        if sentence.lexemes[second].text in _EXCEPT and (kinds <= _HARDWARE or kinds.isdisjoint(_HARDWARE)):
            # "No NVIDIA except H100": no field says that.
            reading.refuse(match.start, match.end)
    for match in sentence.find(f"no device? (stop|equals)? {DECORATION} (memory_amount gpu|{TARGETS})"):
        # "Exclude: H100" goes on behind the colon, "No. An H100" does not.
        if not sentence.holds(match, "stop") or sentence.lexemes[sentence.first(match, "stop")].text == ":":
            _exclude(reading, match.start, match.end - 1)
    for match in sentence.find(
        "(weight_format|weight_bits|bits_amount|kv_cache_dtype|kv|engine|model|family|size)+ no_after"
    ):
        # "FP8 KV not allowed": no field says that.
        reading.refuse(match.start, match.end)


def _read_contrasts(reading: Reading) -> None:
    """Drop the 3090 of "not the 3090 but the 4090" and the "fastest" of "no need for the fastest": no conditions."""
    sentence = reading.sentence
    for match in sentence.find(f"no {DECORATION} {TARGETS} device? comma? {DECORATION} {TARGETS}"):
        first, last = sentence.first(match, *TARGET_KINDS), match.end - 1
        between = normalize(sentence.text[sentence.lexemes[first].end : sentence.lexemes[last].start])[0]
        if sentence.kind(first) == sentence.kind(last) and _CONTRAST.search(between):
            sentence.take(match.start, first + 1)
    for match in sentence.find("no requirement objective"):
        reading.refuse(match.start, match.end)


def _read_exceptions(reading: Reading) -> None:
    """Read "any H100 except the PCIe one" as one member of the family left out."""
    sentence = reading.sentence
    for match in sentence.find("gpu device? comma? no (form|memory_amount)"):
        member = Match(start=match.end - 1, end=match.end)
        family = sentence.lexemes[match.start].value
        names = choose_gpus(reading, member, family, 1)
        if names != [family]:
            for name in names:
                reading.say("exclude_gpu", name, start=match.start + 1, end=match.end)


def _read_permissions(reading: Reading) -> None:
    """Read "I don't mind spot" as both pricings; what else is merely allowed sets no condition."""
    sentence = reading.sentence
    for match in sentence.find(f"permits (in|on|for)* ({_PERMITTED}|pricing|gpu)"):
        lexeme = sentence.lexemes[match.end - 1]
        if lexeme.kind == "pricing" and lexeme.value in {"spot", "on_demand"}:
            for pricing in ("on_demand", "spot"):
                reading.say("pricing", pricing, start=match.start, end=match.end)
        reading.permitted.append((lexeme.kind, lexeme.value))
        sentence.take(match.start, match.end)
    for match in sentence.find(f"({_PERMITTED}) device? permitted"):
        lexeme = sentence.lexemes[match.start]
        reading.permitted.append((lexeme.kind, lexeme.value))
        sentence.take(match.start, match.end)


def _read_switches(reading: Reading) -> None:
    """Read a condition that is set to "no", as a file of settings does it: `spot=no`."""
    sentence = reading.sentence
    for match in sentence.find(f"{TARGETS} no"):
        if sentence.lexemes[match.end - 1].gap == "-":
            say_excluded(reading, match.start, Match(start=match.start, end=match.start + 1))
            sentence.take(match.start, match.end)


def _read_not_renting(reading: Reading) -> None:
    """Read "instead of renting": what is not rented is bought."""
    sentence = reading.sentence
    for match in sentence.find("no rent"):
        if sentence.lexemes[match.end - 1].text.startswith(RENTING):
            reading.say("pricing", "buy", start=match.start, end=match.end)


def _read_not_buying(reading: Reading) -> None:
    """Read "I refuse to buy NVIDIA" as a maker left out; "I won't buy a 4090" may still rent one, and is refused."""
    sentence = reading.sentence
    for match in sentence.find(f"no {DECORATION} pricing {DECORATION} (vendor|class|provider|gpu)"):
        buying = sentence.first(match, "pricing")
        if sentence.lexemes[buying].value != "buy":
            continue
        if sentence.kind(match.end - 1) == "gpu":
            reading.refuse(match.start, match.end)
        else:
            sentence.take(buying)
            _exclude(reading, match.start, match.end - 1)


def _exclude(reading: Reading, start: int, target: int) -> None:
    """Exclude the target of a "no" and what its list goes on to."""
    sentence = reading.sentence
    index = target
    while True:
        kind = sentence.kind(index)
        stop = _behind(reading, index)
        say_excluded(reading, index, Match(start=index, end=stop))
        following = stop
        joints: set[str] = set()
        while following < stop + _MOST_BETWEEN and sentence.kind(following) in _LIST_JOINTS:
            joints.add(sentence.kind(following))
            following += 1
        goes_on = sentence.kind(following) == kind or bool(joints & {"or", "no", "and"})
        # "No H100, 4080 super ...", "不要 AMD, 老黄的 5080": what comes there is wanted, or another thing.
        goes_on = goes_on and (sentence.kind(following), sentence.kind(following + 1)) not in _OTHER_THINGS
        if goes_on and "and" in joints and sentence.kind(following) != kind:
            # "No consumer cards and runpod only", "no AMD and on demand": another condition.
            goes_on = sentence.kind(following) != "pricing" and sentence.kind(following + 1) != "only"
        if not joints or sentence.kind(following) not in TARGET_KINDS or not goes_on:
            break
        sentence.take(index, following)
        if (
            "and" in joints
            and "no" not in joints
            and kind != sentence.kind(following)
            and sentence.kind(following) in _ASKED_BACK
        ):
            _doubt_whether_excluded(reading, following)
            stop = following
            break
        index = following
    sentence.take(start, stop)


def _doubt_whether_excluded(reading: Reading, index: int) -> None:
    """Ask back whether "no AMD and aws" wants AWS or leaves it out too."""
    lexeme = reading.sentence.lexemes[index]
    readings: list[dict[str, FieldValue]] = [{lexeme.kind: lexeme.value}, {f"exclude_{lexeme.kind}": lexeme.value}]
    reading.doubt(readings, start=index, end=index + 1)


def _behind(reading: Reading, index: int) -> int:
    """Return the index behind the target at `index` and what belongs to it; memory belongs to a GPU only."""
    sentence = reading.sentence
    belongs = {"device", "form", "brand", "outside"}
    if sentence.kind(index) == "gpu":
        belongs.add("memory_amount")
    stop = index + 1
    while sentence.kind(stop) in belongs:
        stop += 1
    return stop


def refuse_left_negations(reading: Reading) -> None:
    """Refuse each "no" that is left together with what follows it: "no nvlink", "not fp8", "not the cheapest".

    "It does not fit" asks what "does it fit" asks.
    """
    sentence = reading.sentence
    for match in sentence.find("no"):
        following = match.end
        while following < match.end + _MOST_BETWEEN and sentence.kind(following) in _BETWEEN:
            following += 1
        kind = sentence.kind(following)
        runs = any(sentence.kind(index) == "run" for index in range(match.end, following))
        if kind in _ASKS_THE_SAME or (runs and kind in _JUDGED):
            sentence.take(match.start)
        elif kind in _STANDS_ALONE:
            reading.refuse(match.start, match.end)
        else:
            following += 1
            while sentence.kind(following) in {"kv", "weights"}:
                following += 1
            reading.refuse(match.start, following)


def turn_asking_negations(sentence: Sentence) -> None:
    """Read "isn't 24 GB enough?" as a question, not as a "no"."""
    first = sentence.lexemes[0] if sentence.lexemes else None
    if first is not None and first.kind == "no" and first.text.replace("'", "").replace("\u2019", "") in _ASKING:
        sentence.set_kind(0, "can")
    for match in sentence.find("fit no"):
        # "放得下不": whether it fits.
        if sentence.lexemes[match.start + 1].text == "不" and sentence.lexemes[match.start + 1].gap == "":
            sentence.set_kind(match.start + 1, "can")
