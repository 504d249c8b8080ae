"""What looks like a product's name that nobody here knows: "h20", "4090d", "gpt-4", "europe-west4"."""

import string
from typing import Final

from planner.question.sentence import Lexeme

_ALPHANUMERIC: Final = frozenset(string.ascii_letters + string.digits)
_GLUED: Final = frozenset({"", "-"})
_BEFORE_NUMBER: Final = frozenset(
    {
        "batch", "tensor_parallel", "context", "times", "user", "concurrent", "top", "dollar", "foreign", "kv", "bit",
        "range",
    }
)  # fmt: skip
"""Kinds that a number may follow without a space ("bs16", "tp2", "x4"); "h20" is no hour and no 20."""


def join_name_like(lexemes: list[Lexeme]) -> list[Lexeme]:
    """Return `lexemes` with those joined that are glued together and make no sense apart."""
    joined: list[Lexeme] = []
    for lexeme in lexemes:
        if lexeme.gap in _GLUED and joined and _is_name_like(joined[-1], lexeme):
            before = joined[-1]
            joined[-1] = Lexeme(
                kind="unknown",
                value="name",
                text=before.text + lexeme.text,
                start=before.start,
                end=lexeme.end,
                gap=before.gap,
            )
        else:
            joined.append(lexeme)
    return joined


def _is_name_like(before: Lexeme, after: Lexeme) -> bool:
    if before.text[-1] not in _ALPHANUMERIC or after.text[0] not in _ALPHANUMERIC:
        return False
    if after.gap == "-":
        # "europe-west4" is a region that the inventory does not have.
        after_region = before.kind == "region" and after.kind == "unknown"
        # "g2-standard-4" is a machine that the inventory does not have.
        after_name = before.kind == "unknown" and before.value == "name" and after.kind == "filler"
        return after_region or after_name or (before.kind in {"unknown", "region"} and after.kind == "number")
    if after.kind == "number":
        return before.kind not in _BEFORE_NUMBER and before.value != "flag"
    is_product = before.kind in {"gpu", "number"} and after.kind == "variant"
    is_stray = after.kind == "unknown" and before.kind in {"number", "gpu", "weight_format"}
    return is_product or is_stray or before.kind == "unknown"
