"""What no rule took: harmless joints are dropped, everything that could matter is listed word for word."""

from typing import Final

from planner.question.reading import Reading

_HARMLESS: Final = frozenset(
    {
        "comma", "stop", "slash", "equals", "minus", "range", "and", "or", "in", "at", "on", "for", "plus", "to", "from",
        "per", "each", "about", "only", "top", "times", "between", "outside", "way", "measure", "form",
        "which", "recommend", "how_many", "how_much", "how_long", "how_many_gpus", "longest", "fit", "can", "run",
        "versus", "compare", "requirement", "rent", "device", "context", "batch", "concurrent", "user", "at_once", "vram",
        "token", "parameter", "prompt", "output", "kv", "weights", "budget", "max", "min", "at_most", "at_least",
        "user_adjective", "total", "speed", "pair", "single", "brand", "hour", "hourly", "gpu_count", "max_gpus",
        "kilo", "billion", "bit", "gigabyte", "second", "month", "day", "per_second", "half", "dollar", "ram",
        "latency", "dollar_sign", "full_context", "model", "family", "variant_word", "tensor_parallel",
    }
)  # fmt: skip
_JOINABLE: Final = frozenset({"in", "at", "on", "per", "slash", "minus", "from"})


def list_ignored(reading: Reading) -> tuple[str, ...]:
    """Return the fragments that were refused or left over, in the order of the sentence, joined where they touch."""
    sentence = reading.sentence
    spans = list(reading.refused)
    for index in sentence.remaining():
        lexeme = sentence.lexemes[index]
        is_one = lexeme.kind == "number" and lexeme.value == "word" and lexeme.number <= 1
        if lexeme.kind not in _HARMLESS and not is_one:
            spans.append((lexeme.start, lexeme.end))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if joined and not sentence.text[joined[-1][1] : start].strip(" -_."):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(dict.fromkeys(sentence.text[start:end].strip() for start, end in joined))
