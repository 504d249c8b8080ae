"""Cards known by their memory alone, how many GPUs, and how the model is split over them."""

from typing import Final

from planner.question.reading import Reading
from planner.question.sentence import Match

_GPU_WORDS: Final = ("gpu", "card", "accelerator", "卡", "chip", "graphics", "of them", "of those")
_BELOW: Final = frozenset({"under", "below", "less than", "fewer than", "lower than", "少于", "小于", "不到", "低于"})
"""Limits that are not reached."""

_LISTED: Final = frozenset({"gpus", "cards"})
_MOST_LISTED: Final = 64
_POINTING: Final = frozenset("这那這")
_WITHIN: Final = "(at_most|max|about|only)*"


def read_tensor_parallel(reading: Reading) -> None:
    """Read "tp 2", "tp=2", "tensor parallel size 2", "2-way tensor parallel"."""
    sentence = reading.sentence
    for match in sentence.find("other_parallel (equals|stop)* number|number other_parallel|other_parallel"):
        reading.refuse(match.start, match.end)
    for match in sentence.find("number tensor_parallel|tensor_parallel (equals|stop|at|on)* number"):
        is_way = sentence.kind(match.start) == "number"
        if is_way and "way" not in sentence.lexemes[match.end - 1].text:
            continue
        number = sentence.number(sentence.first(match, "number"))
        reading.say_whole("tensor_parallel_size", number, start=match.start, end=match.end)
    for match in sentence.find("tensor_parallel (equals|stop|at|on)* number"):
        number = sentence.number(match.end - 1)
        reading.say_whole("tensor_parallel_size", number, start=match.start, end=match.end)


def read_machines(reading: Reading) -> None:
    """Read memory sizes without a GPU's name, and counts of GPUs without one."""
    _read_memory(reading)
    _read_counts(reading)
    _refuse_shares(reading)


def _read_memory(reading: Reading) -> None:
    sentence = reading.sentence
    for match in sentence.find("memory_amount (ram|storage)|(ram|storage) (stop|at|equals|about)* memory_amount"):
        reading.refuse(match.start, match.end)
    for pattern in (
        "(at_least|min) (vram|at|in)* memory_amount (vram|device)*",
        "memory_amount (vram|device)* (at_least|plus (?!(memory_amount|number|taken))) (vram|device)*",
    ):
        for match in sentence.find(pattern):
            # "24 GB+" is a floor, "24 GB + fastest" goes on to another thing.
            if not sentence.holds(match, "plus") or sentence.lexemes[sentence.first(match, "plus")].gap == "":
                reading.refuse(match.start, match.end)
    counted = f"(number|pair|single|single_gpu)? (times|measure)? {_WITHIN}"
    named = "(vram (stop|equals|at|about|can|on)*)? memory_amount (at_most|about)? (vram|device|class|each)*"
    for match in sentence.find(f"{counted} {named}"):
        _say_memory(reading, match)


def _say_memory(reading: Reading, match: Match) -> None:
    sentence = reading.sentence
    amount = sentence.first(match, "memory_amount")
    memory_gb = sentence.number(amount)
    counted = sentence.indices(match, "number", "pair")
    named = set(map(str, reading.values("gpu")))
    if named:
        counts = [int(count) for count in reading.values("gpu_count") if isinstance(count, int)] or [1]
        sizes = {
            gpu.memory_gb * count
            for gpu in reading.names.gpus
            if gpu.memory_gb and named & {gpu.gpu_id, *gpu.families}
            for count in (1, *counts)
        }
        if memory_gb in sizes and not counted:
            sentence.take(match.start, match.end)
        else:
            reading.refuse(match.start, match.end)
        return
    is_article = bool(counted) and sentence.number(counted[0]) == 1 and sentence.lexemes[counted[0]].value == "word"
    if counted and not is_article:
        number = sentence.number(counted[0])
        reading.say_whole("gpu_count", number, start=counted[0])
    if sentence.holds(match, "single", "single_gpu"):
        reading.is_single = True
    whole = int(memory_gb) if memory_gb == int(min(memory_gb, 1e12)) else memory_gb
    reading.say("vram_gb", whole, start=match.start, end=match.end)


def _read_counts(reading: Reading) -> None:
    sentence = reading.sentence
    for match in sentence.find("gpu_count (equals|stop)* number"):
        reading.say_whole("gpu_count", sentence.number(match.end - 1), start=match.start, end=match.end)
    for match in sentence.find("device stop number (?!(user|concurrent|at_once|times|gigabyte|kilo))"):
        # "GPUs: 2".
        if sentence.lexemes[match.start].text in _LISTED and sentence.number(match.end - 1) <= _MOST_LISTED:
            reading.say_whole("gpu_count", sentence.number(match.end - 1), start=match.start, end=match.end)
    for match in sentence.find("max_gpus (equals|stop)* number"):
        reading.say_whole("max_gpus", sentence.number(match.end - 1), start=match.start, end=match.end)
    for match in sentence.find(
        "at_least (number|pair) (measure|times)* device"
        "|(number|pair) device at_least (?!(tokens_amount|number|money|rate_amount))"
    ):
        reading.refuse(match.start, match.end)
    _read_single(reading)
    for match in sentence.find(
        "(at_most|max)* (number|pair) (times|measure)* (vendor|class|brand)* device (at_most|max)?"
    ):
        _say_count(reading, match)
    _take_all_named(reading)
    for match in sentence.find("pair"):
        if (
            sentence.first_kind(match.end) in {"measure", "vendor", "class"}
            or reading.has("gpu")
            or reading.has("vram_gb")
        ):
            reading.say_whole("gpu_count", sentence.number(match.start), start=match.start)
    for match in sentence.find("tensor_parallel|way"):
        reading.refuse(match.start, match.end)


def _take_all_named(reading: Reading) -> None:
    """Read "compare both" and "这两张" behind two names as the two that were named, not as two of each."""
    sentence = reading.sentence
    if len(reading.values("gpu")) > 1:
        for match in sentence.find("pair device?"):
            pair = sentence.lexemes[match.start]
            if pair.text == "both" or sentence.text[max(0, pair.start - 1) : pair.start] in _POINTING:
                sentence.take(match.start, match.end)


def _read_single(reading: Reading) -> None:
    """Read "a single AMD GPU" as a limit; the vendor between is a condition of its own."""
    sentence = reading.sentence
    for match in sentence.find("(single|single_gpu) (vendor|class|brand)* device?"):
        if sentence.holds(match, "single_gpu") or (sentence.holds(match, "device") and _counts_gpus(reading, match)):
            reading.say("max_gpus", 1, start=match.start)
            for index in sentence.indices(match, "brand", "device"):
                sentence.take(index)


def _refuse_shares(reading: Reading) -> None:
    """Refuse the "per GPU" of "users per GPU" where there are several: the answer is of all together."""
    if any(isinstance(count, int) and count > 1 for count in reading.values("gpu_count")):
        for match in reading.sentence.find("(user|batch|concurrent) (per|each) (device|gpu)"):
            reading.refuse(match.end - 2, match.end)


def _counts_gpus(reading: Reading, match: Match) -> bool:
    device = reading.sentence.lexemes[reading.sentence.first(match, "device")].text
    return any(word in device for word in _GPU_WORDS)


def _say_count(reading: Reading, match: Match) -> None:
    sentence = reading.sentence
    index = sentence.first(match, "number", "pair")
    number = sentence.number(index)
    # A vendor or class between them is a condition of its own.
    kept = set(sentence.indices(match, "vendor", "class"))
    is_limit = sentence.holds(match, "at_most", "max") or (number == 1 and sentence.kind(index) == "number")
    if not _counts_gpus(reading, match):
        if number == 1:
            sentence.take(index)
        else:
            reading.refuse(index, match.end)
        return
    if number == 1 and sentence.lexemes[sentence.first(match, "device")].text.startswith("of "):
        # "One of those cards": which of them, not how many at most.
        sentence.take(match.start, match.end)
        return
    below = any(sentence.lexemes[place].text in _BELOW for place in sentence.indices(match, "at_most"))
    reading.say_whole("max_gpus" if is_limit else "gpu_count", number - (below and number > 1), start=index)
    for other in range(match.start, match.end):
        if other not in kept:
            sentence.take(other)
