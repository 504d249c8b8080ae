"""What is told but not asked for: what somebody had before, what is too slow or too dear, what others have measured."""

from bisect import bisect
from typing import Final

from planner.question.reading import Reading
from planner.question.sentence import Sentence
from planner.question.text import has_han

_THINGS: Final = "(gpu|model|family|size|memory_amount|weight_format|weight_bits|bits_amount|engine|provider)"
_BOUGHT: Final = "gpu|device|memory_amount|unknown|when|rent|about|year|month|week|day|comma"
_COUNT: Final = "(number|pair|single|times|measure|vendor|brand|form|class|on|at|in|for|run)*"
_RANKING: Final = frozenset(
    {
        "above",
        "more than",
        "higher than",
        "greater than",
        "exceeding",
        "under",
        "below",
        "less than",
        "lower than",
        "up to",
    }
    | {"高于", "超过", "低于", "不超过", "小于", "大于"}
)
_BUILDING_ON: Final = ("with that", "with this", "that way", "like that", "这样", "那样")
_COSTING: Final = frozenset({"costs", "报价"})
_TRYING: Final = ("tried", "test", "试")
_SOLD: Final = frozenset({"gpu", "device", "vendor", "brand", "class", "form", "memory_amount"})
_ALONE: Final = frozenset({"", "comma", "stop", "at_most", "max", "budget", "money", "or", "and"})
_ASKABLE: Final = frozenset({"gpu", "tokens_amount", "memory_amount", "size", "instance_type", "weight_format"})


def refuse_asides(reading: Reading) -> None:
    """Refuse what sets no condition, before any rule reads it as one."""
    _refuse_former(reading)
    _refuse_too_much(reading)
    _refuse_hearsay(reading)
    _refuse_volumes(reading)
    _refuse_rented(reading)
    _refuse_ranks(reading)
    for match in reading.sentence.find("gpu device? rent about* money"):
        # "A 5090 costs like $2,500": what it costs is told, and it is not asked for.
        if reading.sentence.lexemes[reading.sentence.first(match, "rent")].text in _COSTING:
            reading.refuse(match.start, match.end)
    for match in reading.sentence.find(f"bought {_COUNT} ({_BOUGHT})* {_COUNT} money"):
        # "I bought a 4090 last year for $1,600": that money is gone.
        reading.refuse(match.end - 1, match.end)


def _refuse_rented(reading: Reading) -> None:
    """Refuse what a machine costs that is rented now, and the machine too where another is sought: "... cheaper?"."""
    sentence = reading.sentence
    seeks_another = sentence.has("objective|recommend|which|compare", at_first=True)
    price = "(for|at|hourly|monthly)* money (slash|per|each)* (hour|hourly|month|monthly|day)?"
    if seeks_another:
        # "We paid $3/h for A100s. What is cheapest now?"
        for match in sentence.find(f"spent about* {price} {_COUNT} gpu"):
            reading.refuse(match.start, match.end)
    for match in sentence.find(f"renting_now {_COUNT} gpu (device|form|memory_amount)* ({price})?"):
        start = match.start if seeks_another else sentence.first(match, "gpu") + 1
        if seeks_another or sentence.holds(match, "money"):
            reading.refuse(start, match.end)


def _refuse_ranks(reading: Reading) -> None:
    """Refuse "above a 3090" and "something like a 4090": no field ranks GPUs."""
    sentence = reading.sentence
    for match in sentence.find("likened (number|single)? (vendor|brand)* gpu device?"):
        reading.refuse(match.start, match.end)
    for match in sentence.find("(at_least|at_most) (vendor|brand)* gpu"):
        if sentence.lexemes[match.start].text in _RANKING and sentence.first_kind(match.start - 1) not in {
            "gpu",
            "money",
        }:
            reading.refuse(match.start, match.end)
    for match in sentence.find(
        "gpu form? plus (number|pair)? times? gpu|gpu form? and (number|pair)? times? gpu at_once"
    ):
        # "3090 + 3060": each is judged alone.
        place = sentence.first(match, "plus", "at_once")
        reading.refuse(place, place + 1)


def refuse_second_hand(reading: Reading) -> None:
    """Refuse the "used" of "a used 3090" and "buy used", and let "how much is used" ask; before any other rule."""
    sentence = reading.sentence
    for match in sentence.find("likened (?!(number|single)? (vendor|brand)* gpu)"):
        # "Close to 32k": about that much.
        sentence.set_kind(match.start, "about")
    buys = any(lexeme.kind == "pricing" and lexeme.value == "buy" for lexeme in sentence.lexemes)
    for match in sentence.find("used"):
        following = sentence.kind(match.end)
        is_adjective = following in _SOLD and sentence.touches(match.start, match.end + 1)
        if is_adjective or (buys and following in _ALONE) or sentence.lexemes[match.start].text.startswith("二手"):
            reading.refuse(match.start, match.end)
            sentence.remove(match.start, match.end)
        else:
            sentence.set_kind(match.start, "requirement")


def _refuse_volumes(reading: Reading) -> None:
    """Refuse "10 million tokens a day" and "20,000 words": neither says how much is held at one moment in tokens."""
    sentence = reading.sentence
    period = "(hour|hourly|day|week|month|monthly|year|minute)"
    for match in sentence.find(f"tokens_amount (slash|per|each)* {period}"):
        is_marked = sentence.holds(match, "slash", "per") and not has_han(sentence.lexemes[match.end - 2].text)
        if is_marked or _counts_tokens(sentence, match.start):
            reading.refuse(match.start, match.end)
    for match in sentence.find(
        "(per|each|at_once)* (day|month|monthly|week) (about|at_most|at_least|can|requirement|run)* tokens_amount"
    ):
        if _counts_tokens(sentence, match.end - 1) and sentence.kind(match.end) not in {"context", "each", "user"}:
            reading.refuse(match.start, match.end)
    for match in sentence.find("(number|tokens_amount) text_unit"):
        reading.refuse(match.start, match.end)


def _counts_tokens(sentence: Sentence, index: int) -> bool:
    return "tok" in sentence.lexemes[index].text or "词元" in sentence.lexemes[index].text


def _refuse_former(reading: Reading) -> None:
    """Refuse "upgrading from a 3060" and "I was using 70b"; "upgrade from a 3060 to a 4090" compares the two."""
    sentence = reading.sentence
    if sentence.has(f"formerly {_COUNT} gpu device? to {_COUNT} gpu"):
        reading.compares = True
        return
    seeks_another = sentence.has("which (vendor|class|brand)* device|objective|recommend|upgrade_to|pricing|compare")
    for match in sentence.find(f"formerly {_COUNT} {_THINGS}+ (device|on)* {_THINGS}*"):
        named = sentence.indices(match, "gpu")
        is_tried = any(word in sentence.lexemes[match.start].text for word in _TRYING)
        is_alone = sum(1 for _ in sentence.find("gpu|instance_type")) == len(named)
        if named and is_tried and is_alone and not seeks_another:
            # "I tried 64k on my 3060. What is the most it takes?"
            reading.refuse(match.start, named[0])
        else:
            reading.refuse(match.start, match.end)
    if sentence.has("upgrade_to") and not sentence.has("upgrade_to (which|vendor|brand|number|pair)* gpu"):
        # "I have a 3060, what should I upgrade to?"
        for match in sentence.find("(number|pair) times? gpu|gpu"):
            reading.refuse(match.start, match.end)


def _refuse_too_much(reading: Reading) -> None:
    """Refuse "the H100 is too expensive"; "is 8b too big for a 4060?" asks."""
    sentence = reading.sentence
    for match in sentence.find(f"{_THINGS}+ device? (can|requirement|rent)* too_much"):
        if sentence.kind(match.start - 1) != "can":
            reading.refuse(match.start, match.end)


def _goes_on(sentence: Sentence, stop: int) -> bool:
    """Return whether what comes behind `stop` builds on what was before: "I read that fp8 KV helps. With that, ..."."""
    return sentence.text[sentence.lexemes[stop].end :].lstrip().casefold().startswith(_BUILDING_ON)


def _refuse_hearsay(reading: Reading) -> None:
    """Refuse a sentence about what others say or measure, where another one asks."""
    sentence = reading.sentence
    if not sentence.has("hearsay"):
        return
    lexemes = sentence.lexemes
    last_asked = max((index for index, lexeme in enumerate(lexemes) if lexeme.kind in _ASKABLE), default=-1)
    stops = [index for index, lexeme in enumerate(lexemes) if lexeme.kind == "stop" and lexeme.text != ":"]
    commas = [index for index, lexeme in enumerate(lexemes) if lexeme.kind == "comma"]
    for match in sentence.find("hearsay"):
        for ends in (stops, commas):
            place = bisect(ends, match.start)
            if place < len(ends) and ends[place] < last_asked:
                if not _goes_on(sentence, ends[place]):
                    reading.refuse(match.start, ends[place])
                break
