"""What is not wanted: "no AMD", "anything but the A100", "不要消费级". A "no" that no field can say is refused."""

import re
from typing import Final

from planner.question.gpus import choose_gpus
from planner.question.reading import Reading
from planner.question.sentence import Match, Sentence
from planner.question.text import LISTING, has_han, normalize

RENTING: Final = ("rent", "租", "hir", "leas")
"""How words begin that say that something is rented; "price" and "cost" are said of a purchase too."""

_TARGETS: Final = "(gpu|vendor|class|provider|pricing|provider_kind)"
_TARGET_KINDS: Final = ("gpu", "vendor", "class", "provider", "pricing", "provider_kind")
_PERMITTED: Final = "vendor|class|provider|provider_kind|region"
_FIELDS: Final = {
    "vendor": "exclude_vendor",
    "class": "exclude_class",
    "provider": "exclude_provider",
}
_CONTRAST: Final = re.compile(r"\bbut\b|是|\brather\b")
_ASKS_THE_SAME: Final = frozenset({"fit", "requirement", "can"})
_ASKING: Final = frozenset(
    {"isnt", "arent", "wouldnt", "doesnt", "cant", "couldnt", "shouldnt", "wont", "didnt", "hasnt", "havent"}
)
_EXCEPT: Final = frozenset({"except", "excluding", "besides", "apart from", "aside from", "other than", "除了", "除"})
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
_LIST_JOINTS: Final = frozenset({"comma", "or", "and", "no", "brand", "slash", "from"})
_MOST_BETWEEN: Final = 6
"""So many words may stand between a "no" and what it denies: a row of them costs no more than its length."""

_DECORATION: Final = "(device|brand|only|form|rent|in|on|for|at|from|measure|recommend)*"


def read_exclusions(reading: Reading) -> None:
    """Read every negation and its list, which goes on over "or" and "and", and over a comma while its kind stays."""
    sentence = reading.sentence
    _read_permissions(reading)
    _read_not_renting(reading)
    _read_switches(reading)
    _read_not_buying(reading)
    _read_contrasts(reading)
    _read_exceptions(reading)
    _read_denials_behind(reading)
    for match in sentence.find(f"no {_DECORATION} {_TARGETS} device? no {_TARGETS}"):
        second = sentence.indices(match, "no")[-1]
        if sentence.lexemes[second].text in _EXCEPT:
            # "No NVIDIA except H100": no field says that.
            reading.refuse(match.start, match.end)
    for match in sentence.find(f"no device? (stop|equals)? {_DECORATION} (memory_amount gpu|{_TARGETS})"):
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
    for match in sentence.find(f"no {_DECORATION} {_TARGETS} device? comma? {_DECORATION} {_TARGETS}"):
        first, last = sentence.first(match, *_TARGET_KINDS), match.end - 1
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


def _read_denials_behind(reading: Reading) -> None:
    """Read "the A100 is out", "H100? no thanks", and "AMD 不要" and "A100 就别推荐了", as Chinese has it."""
    sentence = reading.sentence
    for match in sentence.find(f"{_TARGETS} {_DECORATION} stop? no_after"):
        _exclude_before(reading, match.start, match.end)
    for match in sentence.find(f"({_TARGETS}|unknown) device? no (?=(comma|stop)|(?!.))"):
        if has_han(sentence.lexemes[match.end - 1].text):
            _exclude_before(reading, match.start, match.end)


def _exclude_before(reading: Reading, target: int, end: int) -> None:
    """Exclude the target of a denial behind it, and those listed before it: "A100, H100 and L40S are out"."""
    sentence = reading.sentence
    targets = [target]
    kind = sentence.kind(target)
    joints: set[str] = set()
    while (before := sentence.kind(targets[-1] - 2)) in _TARGET_KINDS or before == "unknown":
        if "unknown" not in {kind, before} and kind != before:
            break
        joint = targets[-1] - 1
        joints.add("and" if sentence.lexemes[joint].text == LISTING else sentence.kind(joint))
        if not joints <= {"and", "or", "slash", "comma"} or joints == {"comma"}:
            break
        targets.append(joint - 1)
        kind = before if kind == "unknown" else kind
    for index in reversed(targets):
        if sentence.kind(index) == "unknown":
            reading.refuse(index, index + 1)
        else:
            _say(reading, index, Match(start=index, end=index + 1))
    sentence.take(targets[-1], end)


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
    for match in sentence.find(f"{_TARGETS} no"):
        if sentence.lexemes[match.end - 1].gap == "-":
            _say(reading, match.start, Match(start=match.start, end=match.start + 1))
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
    for match in sentence.find(f"no {_DECORATION} pricing {_DECORATION} (vendor|class|provider|gpu)"):
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
        _say(reading, index, Match(start=index, end=stop))
        following = stop
        joints: set[str] = set()
        while following < stop + _MOST_BETWEEN and sentence.kind(following) in _LIST_JOINTS:
            joints.add(sentence.kind(following))
            following += 1
        goes_on = sentence.kind(following) == kind or bool(joints & {"or", "no", "and"})
        if not joints or sentence.kind(following) not in _TARGET_KINDS or not goes_on:
            break
        sentence.take(index, following)
        index = following
    sentence.take(start, stop)


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


def _say(reading: Reading, index: int, match: Match) -> None:
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
