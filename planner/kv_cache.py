"""The KV cache's element types and what one token costs in them."""

from msgspec import Struct

from planner.model import ModelSpec
from planner.units import divide_up


class KvCacheDtype(Struct, frozen=True, kw_only=True):
    """An element type of stored keys and values: `bits_per_element` includes its scales (q8_0 is 8.5)."""

    kv_cache_dtype: str
    bits_per_element: float
    engines: tuple[str, ...]
    tier: str
    tier_basis: str


def kv_cache_bytes_per_token(model: ModelSpec, dtype: KvCacheDtype) -> float:
    """Return the bytes that one token adds to the KV cache over all layers and heads."""
    return model.kv_elements_per_token * dtype.bits_per_element / 8


def kv_cache_bytes(model: ModelSpec, dtype: KvCacheDtype, *, tokens: int) -> int:
    """Return the bytes of a KV cache of `tokens` tokens, computed in bits and rounded up once."""
    return divide_up(model.kv_elements_per_token * tokens * round(dtype.bits_per_element * 32), 256)
