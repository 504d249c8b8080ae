"""What no rule took: harmless joints are dropped, everything that could matter is listed word for word."""

from typing import Final

from planner.question.reading import Reading

_HARMLESS: Final = frozenset(
    {
        "comma", "stop", "slash", "equals", "minus", "range", "and", "or", "in", "at", "on", "for", "plus", "to",
        "from", "per", "each", "about", "only", "top", "times", "between", "outside", "way", "measure", "which",
        "recommend", "how_many", "how_many_users", "how_much", "how_long", "how_much_context",
        "how_many_gpus", "longest", "fit", "can",
        "run", "versus", "group", "compare", "requirement", "rent", "device", "context", "batch", "concurrent", "user",
        "user_adjective", "at_once", "vram", "ram", "token", "parameter", "prompt", "output", "kv", "weights", "budget",
        "max", "min", "at_most", "at_least", "single", "gpu_count", "max_gpus", "hour",
        "hourly", "permitted", "busy", "day", "month", "monthly", "second", "per_second", "kilo", "billion", "bit",
        "gigabyte", "spent", "bought", "formerly", "upgrade_to", "quant_question", "text_unit", "likened",
        "renting_now",
    }
)  # fmt: skip
"""Words of a question's frame: without a number or a name beside them they ask for nothing that a field could hold."""

_UNITS: Final = frozenset(
    {"hour", "day", "week", "month", "year", "minute", "device", "user", "measure", "gigabyte", "terabyte", "percent"}
)


def list_ignored(reading: Reading) -> tuple[str, ...]:
    """Return the fragments that were refused or left over, in the order of the sentence, joined where they touch."""
    sentence = reading.sentence
    spans = list(reading.refused)
    for index in sentence.remaining():
        lexeme = sentence.lexemes[index]
        is_one = lexeme.kind == "number" and lexeme.value == "word" and lexeme.number == 1
        if lexeme.kind not in _HARMLESS and not is_one:
            is_counted = lexeme.kind == "number" and sentence.kind(index + 1) in _UNITS
            spans.append((lexeme.start, sentence.lexemes[index + 1].end if is_counted else lexeme.end))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if joined and not sentence.text[joined[-1][1] : start].strip(" -_."):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(dict.fromkeys(sentence.text[start:end].strip() for start, end in joined))
