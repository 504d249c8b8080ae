"""The GpuInfo cell of a SkyPilot catalogue: what it says of one GPU, in any of the spellings seen.

Seen are the text of a Python dict, JSON, a Python dict with JSON's null, all keys in lower case, and a bare name.
"""

import ast
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeGuard

from msgspec import Struct

from service.inventory.importers.numbers import Unreadable

# The longest seen is below 300 characters; deep nesting would cost the parser its stack.
_MAX_LENGTH: Final = 4000
_MAX_DEPTH: Final = 12
_JSON_WORDS: Final[dict[str, bool | None]] = {"null": None, "true": True, "false": False}


class GpuInfo(Struct, frozen=True, kw_only=True):
    """What a GpuInfo cell says: the GPU's name and the number under "SizeInMiB", each None where it says nothing."""

    name: str | None = None
    size: float | None = None


@lru_cache(maxsize=4096)
def read_gpu_info(text: str) -> GpuInfo:
    """Return what a GpuInfo cell says of its first GPU.

    Its counts and totals are not read: they are wrong too often (always 1, 0 for a fraction, of one GPU or of all).

    Raises:
        Unreadable: it opens a dict and is none.
    """
    if not text.startswith("{"):
        return GpuInfo(name=text or None)
    if len(text) > _MAX_LENGTH or text.count("{") + text.count("[") > _MAX_DEPTH:
        raise Unreadable("GpuInfo is too long or too deep")
    try:
        value = ast.literal_eval(_JsonWords().visit(ast.parse(text, mode="eval")))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise Unreadable(f"GpuInfo cannot be read: {text[:60]!r}") from None
    gpus = _get(value, "Gpus")
    first = gpus[0] if _is_list(gpus) and gpus else value
    name = _get(first, "Name")
    size = _get(_get(first, "MemoryInfo"), "SizeInMiB")
    return GpuInfo(
        name=name if isinstance(name, str) and name else None,
        size=float(size) if isinstance(size, int | float) and not isinstance(size, bool) and size > 0 else None,
    )


class _JsonWords(ast.NodeTransformer):
    """Turns null, true and false, which Python reads as names, into what JSON means by them."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in _JSON_WORDS:
            return node
        return ast.copy_location(ast.Constant(_JSON_WORDS[node.id]), node)


def _get(value: object, key: str) -> Any:  # noqa: ANN401 - anything may stand in such a cell
    if not _is_mapping(value):
        return None
    return value.get(key, value.get(key.lower()))


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
