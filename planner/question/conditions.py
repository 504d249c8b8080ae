"""The simple conditions: vendor, class, provider, place, pricing, engine, objective, quality, and how long a list."""

from typing import Final

from planner.question.exclusions import RENTING
from planner.question.reading import Reading

_CLASSES: Final = ("consumer", "workstation", "data_center")
_PLAIN: Final = ("vendor", "provider", "provider_kind", "instance_type", "region", "engine", "pricing")
_OBJECTIVES: Final = frozenset({"cheapest", "fastest", "balanced"})
_BY_OUTPUT: Final = "((per|slash) (mega? (token|output)|tokens_amount)|tpot)"
_MILLIONS: Final = frozenset({1e6, float(1 << 20)})
_FIELD_OF: Final = {"objective": "objective", "quality": "min_quality", "price_kind": "price_kind"}


def read_pricing(reading: Reading) -> None:
    """Read how it is paid, before the amounts of money, for "400 dollars" to buy is no rent."""
    for match in reading.sentence.find("monthly or (for|to)* pricing|pricing or (for|to|at)* monthly"):
        # "$600, per month or to buy with, nobody said": asked back with the money.
        if reading.sentence.has("money (?!(slash|per|each|hourly|monthly))"):
            reading.sentence.take(match.start, match.end)
    for match in reading.sentence.find("pricing (only|device)*"):
        reading.say("pricing", reading.sentence.lexemes[match.start].value, start=match.start, end=match.end)
    if "buy" in reading.values("pricing"):
        _read_buy_or_rent(reading)


def _read_buy_or_rent(reading: Reading) -> None:
    """Read "buy or rent?" as both."""
    sentence = reading.sentence
    is_choice = sentence.has("versus|compare|or", at_first=True)
    for match in sentence.find("rent"):
        if is_choice and sentence.lexemes[match.start].text.startswith(RENTING):
            reading.say("pricing", "on_demand", start=match.start)


def read_conditions(reading: Reading) -> None:
    """Read the conditions that one word says."""
    sentence = reading.sentence
    for kind in _PLAIN:
        for match in sentence.find(f"only? (in|on|for)? {kind} only?"):
            index = sentence.first(match, kind)
            reading.say(kind, sentence.lexemes[index].value, start=match.start, end=match.end)
    _read_classes(reading)
    _read_objectives(reading)
    for kind, field in _FIELD_OF.items():
        for match in sentence.find(kind):
            reading.say(field, sentence.lexemes[match.start].value, start=match.start)
    for match in sentence.find("(version|number)"):
        text = sentence.lexemes[match.start].text
        before = match.start - 1
        is_marked = sentence.first_kind(before) == "versus" and sentence.lexemes[before].text == "v"
        if sentence.first_kind(before - is_marked) == "engine" and "." in text:
            # The "v" of "v0.4.6" is no "versus".
            reading.say("engine_version", text, start=before if is_marked else match.start, end=match.end)


def _read_objectives(reading: Reading) -> None:
    """Read "cheapest per million tokens" and "which is faster?"; other objectives are one word."""
    sentence = reading.sentence
    for match in sentence.find(f"{_BY_OUTPUT} rent* objective|objective rent* (at|on)? {_BY_OUTPUT}"):
        index = sentence.first(match, "objective")
        amounts = {sentence.number(amount) for amount in sentence.indices(match, "tokens_amount")}
        if sentence.lexemes[index].value == "cheapest" and amounts <= _MILLIONS:
            reading.say("objective", "cheapest_per_token", start=match.start, end=match.end)
    for match in sentence.find("compare"):
        objective = sentence.lexemes[match.start].value
        if objective not in _OBJECTIVES:
            continue
        if sentence.lexemes[match.start].text.endswith("than") and not reading.compares:
            # "AWQ is faster than GGUF" asks for nothing fast.
            reading.refuse(match.start, match.end)
        else:
            reading.say("objective", objective, start=match.start)


def _read_classes(reading: Reading) -> None:
    """Read "consumer cards only": a class wanted leaves the others out."""
    sentence = reading.sentence
    for match in sentence.find("only? class (device|only)*"):
        index = sentence.first(match, "class")
        wanted = sentence.lexemes[index]
        is_place = wanted.value == "data_center" and wanted.text[-1] in "er心" and match.end == match.start + 1
        if is_place:
            # "Our data center" is where the machine stands, not what it is.
            reading.refuse(match.start, match.end)
            continue
        for other in _CLASSES:
            if other != wanted.value:
                reading.say("exclude_class", other, start=match.start, end=match.end)


def read_utilization(reading: Reading) -> None:
    """Read the share of the hours in which the load runs: "50% of the time", "利用率 30%"."""
    sentence = reading.sentence
    for match in sentence.find("number percent busy|busy (at|about|equals|stop|on|at_most)* number percent"):
        share = sentence.number(sentence.first(match, "number")) / 100
        if 0 < share <= 1:
            reading.say("utilization", round(share, 6), start=match.start, end=match.end)
    for match in sentence.find("half busy"):
        if sentence.lexemes[match.start].text.startswith("half"):
            reading.say("utilization", 0.5, start=match.start, end=match.end)


def read_list(reading: Reading) -> None:
    """Read how many options are wanted, and how old a price may be."""
    sentence = reading.sentence
    for match in sentence.find(
        "top number (recommend|device|measure|objective)*|number measure? (objective)? recommend"
        "|recommend number measure? objective"
    ):
        index = sentence.first(match, "number")
        if sentence.kind(match.start) == "recommend":
            reading.say_whole("limit", sentence.number(index), start=match.start, end=index + 1)
        elif sentence.kind(match.start) == "number":
            word = sentence.lexemes[match.end - 1].text
            if "方案" in word and not sentence.holds(match, "measure"):
                continue
            if not word.startswith(("option", "suggestion", "recommendation", "alternative", "方案", "choice")):
                continue
            reading.say_whole("limit", sentence.number(index), start=match.start, end=match.end)
        else:
            reading.say_whole("limit", sentence.number(index), start=match.start, end=index + 1)
    for match in sentence.find(
        "no? rent? (no|at_most)* price_age at_most? number day?|rent? at_most number price_age|number price_age"
        "|rent at_most number day|number day at_most rent"
    ):
        index = sentence.first(match, "number")
        reading.say_whole("max_price_age_days", sentence.number(index), start=match.start, end=match.end)
