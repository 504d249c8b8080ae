"""Figures as people read them: GiB, "32k", dollars. Everything here turns a number of the API into words."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import cast

from bots.words import Words

_TOKENS_PER_K = 1024
_FEW_TOKENS = 10

_ENGINE_NAMES = {
    "vllm": "vLLM",
    "sglang": "SGLang",
    "tensorrt-llm": "TensorRT-LLM",
    "tensorrt_llm": "TensorRT-LLM",
    "llama.cpp": "llama.cpp",
    "llama_cpp": "llama.cpp",
    "llama-cpp": "llama.cpp",
    "ollama": "Ollama",
}


def show_gib(size_bytes: float | None) -> str:
    """Return a size in GiB with two decimals."""
    return "?" if size_bytes is None else f"{size_bytes / 2**30:.2f} GiB"


def show_tokens(tokens: float | None) -> str:
    """Return a number of tokens: whole multiples of 1,024 as "32k", others in full."""
    if tokens is None:
        return "?"
    if tokens >= _TOKENS_PER_K and tokens % _TOKENS_PER_K == 0:
        return f"{tokens / _TOKENS_PER_K:.0f}k"
    return f"{tokens:,.0f}"


def show_count(number: float | None) -> str:
    """Return a whole number with its thousands set apart."""
    return "?" if number is None else f"{number:,.0f}"


def show_rate(number: float | None) -> str:
    """Return tokens per second, or seconds: few with two digits, many as a whole number."""
    if number is None:
        return "?"
    return f"{number:.2g}" if number < _FEW_TOKENS else f"{number:,.0f}"


def show_estimate(number: float | None) -> str:
    """Return an estimated figure with the two digits that it is good for: 0.50, 9.8, 42."""
    if number is None:
        return "?"
    return f"{number:#.2g}".removesuffix(".") if abs(number) < _FEW_TOKENS else f"{number:,.0f}"


def show_usd(price: float | None) -> str:
    """Return an amount of dollars with two decimals, or up to four where it has them."""
    if price is None:
        return "$?"
    text = f"{price:,.4f}"
    return f"${text[:-2]}{text[-2:].rstrip('0')}"


def show_moment(moment: str | None) -> str:
    """Return a moment of the API, ISO 8601 in UTC, to the minute."""
    return "?" if moment is None else f"{moment[:16].replace('T', ' ')} UTC"


def show_engine(engine: str | None) -> str:
    """Return the engine's name as its makers write it."""
    return "?" if engine is None else _ENGINE_NAMES.get(engine, engine)


def show_field(name: str, value: object, *, words: Words) -> str:
    """Return a field of the request and its value, such as "context 32k" or "max usd per hour $0.50"."""
    return f"{words.field(name)} {show_value(name, value, words=words)}"


def show_value(name: str, value: object, *, words: Words) -> str:
    """Return a value as people read it; the field's name tells its unit."""
    match value:
        case bool():
            shown = words.say("yes") if value else words.say("no")
        case int() | float():
            shown = _show_number(name, value)
        case list() | tuple():
            items = cast("Sequence[object]", value)
            shown = words.say("comma").join(show_value(name, item, words=words) for item in items)
        case dict():
            pairs = cast("Mapping[str, object]", value).items()
            shown = words.say("comma").join(show_field(key, item, words=words) for key, item in pairs if is_given(item))
        case str() if name in ("start", "end"):
            shown = show_moment(value)
        case _:
            shown = words.value(str(value))
    return shown


def _show_number(name: str, value: float) -> str:
    if name.endswith("_bytes"):
        return show_gib(value)
    if "usd" in name:
        return show_usd(value)
    if name in ("context", "max_context"):
        return show_tokens(value)
    return f"{value:,}"


def is_given(value: object) -> bool:
    """Tell whether a field holds anything: neither null nor an empty text, list or object."""
    return value is not None and value not in ("", [], {}, ())


def width(text: str) -> int:
    """Return how many columns `text` takes in a fixed-width face: Chinese characters take two."""
    if text.isascii():
        return len(text)
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def pad(text: str, columns: int, *, is_right: bool = False) -> str:
    """Return `text` filled up with spaces to a number of columns."""
    spaces = " " * (columns - width(text))
    return spaces + text if is_right else text + spaces
