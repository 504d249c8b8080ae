"""Figures as people read them: GiB, "32k", dollars. Everything here turns a number of the API into words."""

from collections.abc import Mapping, Sequence
from typing import cast

_TOKENS_PER_K = 1024

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


def show_usd(price: float | None) -> str:
    """Return an amount of dollars with two decimals, or up to four where it has them."""
    if price is None:
        return "$?"
    text = f"{price:,.4f}"
    return f"${text[:-2]}{text[-2:].rstrip('0')}"


def show_engine(engine: str | None) -> str:
    """Return the engine's name as its makers write it."""
    return "an unnamed engine" if engine is None else _ENGINE_NAMES.get(engine, engine)


def show_field(name: str, value: object) -> str:
    """Return a field of the request and its value, such as "context 32k" or "max usd per hour $0.50"."""
    return f"{name.replace('_', ' ')} {show_value(name, value)}"


def show_value(name: str, value: object) -> str:
    """Return a value as people read it; the field's name tells its unit."""
    match value:
        case bool():
            words = "yes" if value else "no"
        case int() | float():
            words = _show_number(name, value)
        case list() | tuple():
            items = cast("Sequence[object]", value)
            words = ", ".join(show_value(name, item) for item in items)
        case dict():
            pairs = cast("Mapping[str, object]", value).items()
            words = ", ".join(show_field(key, item) for key, item in pairs if is_given(item))
        case _:
            words = str(value)
    return words


def _show_number(name: str, value: float) -> str:
    if name.endswith("_bytes"):
        return show_gib(value)
    if "usd_per" in name:
        return show_usd(value)
    if name in ("context", "max_context"):
        return show_tokens(value)
    return f"{value:,}"


def is_given(value: object) -> bool:
    """Tell whether a field holds anything: neither null nor an empty text, list or object."""
    return value is not None and value not in ("", [], {}, ())
