"""Units of memory, and token counts as people write them."""

import re

MIB = 1 << 20
GIB = 1 << 30
HOURS_PER_MONTH = 730

_TOKENS = re.compile(r"(\d+(?:[_,]\d{3})*(?:\.\d+)?)\s*([km]?)(?:i?b?)?\s*(?:tokens?)?", re.IGNORECASE)
_SCALE = {"": 1, "k": 1 << 10, "m": 1 << 20}


def round_up(value: int, multiple: int) -> int:
    """Return the smallest multiple of `multiple` that is not below `value`."""
    return -(-value // multiple) * multiple


def divide_up(value: int, by: int) -> int:
    """Return `value / by` rounded up to a whole number."""
    return -(-value // by)


def gib_to_bytes(gib: float) -> int:
    """Return the bytes in `gib` GiB, rounded down, so that capacity is never overstated."""
    return int(gib * GIB)


def parse_tokens(text: str) -> int | None:
    """Return the token count that `text` names ("32k" is 32,768, "32,768" and "1.5k" too), or None."""
    match = _TOKENS.fullmatch(text.strip())
    if match is None:
        return None
    number = float(match[1].replace(",", "").replace("_", ""))
    tokens = number * _SCALE[match[2].lower()]
    return int(tokens) if tokens.is_integer() else None
