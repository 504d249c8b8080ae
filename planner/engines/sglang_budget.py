"""SGLang's static share of the free memory, and what it reserves beside it.

Source: SGLang 0.5.23, srt/arg_groups/memory_hook.py (defaults) and srt/mem_cache/kv_cache_configurator.py
(_profile_available_bytes): the cache gets what is free now less (1 - mem_fraction_static) of what was free before the
weights were loaded. Before 0.5 the share was fixed by the tensor parallel size (recalled).
"""

from msgspec import Struct

from planner.engines.versions import Version
from planner.units import GIB, MIB

OLDEST: Version = (0, 4)
NEWEST = "0.5.23"
_RESERVED_BY_RULE = (0, 5)
_SHARE_BEFORE_RULE = {1: 0.88, 2: 0.87, 4: 0.85, 8: 0.81}
_LARGE_CARD_BYTES = 60 * GIB
_CONSTANT_MIB = 512
_LARGE_CARD_FLOOR_MIB = 10240
_MIB_A_TOKEN = 1.5
_MIB_A_DECODE_SEQUENCE = 2
_MIB_A_PREFILL_GRAPH = 8
_LEAST_TOKENS = 2048
_MANY_GPUS = 4


class SglangSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of SGLang's server that change memory, spelt as SGLang spells them; null is SGLang's default."""

    mem_fraction_static: float | None = None
    chunked_prefill_size: int | None = None
    cuda_graph_max_bs_decode: int | None = None
    max_running_requests: int | None = None
    disable_cuda_graph: bool = False
    page_size: int = 1


def default_chunked_prefill_size(total_bytes: int) -> int:
    """Return the tokens of a prefill step by the card's memory."""
    for limit, tokens in ((20, 2048), (60, 4096), (160, 8192)):
        if total_bytes < limit * GIB:
            return tokens
    return 16384


def default_decode_sequences(total_bytes: int, *, tensor_parallel_size: int) -> int:
    """Return the largest batch for which decode graphs are captured, by the card's memory."""
    is_many = tensor_parallel_size >= _MANY_GPUS
    for limit, few, many in ((20, 8, 8), (35, 48, 160), (60, 32, 160), (160, 256, 512)):
        if total_bytes < limit * GIB:
            return many if is_many else few
    return 512


def reserved_bytes(
    total_bytes: int, *, tokens: int, decode_sequences: int, tensor_parallel_size: int, has_graphs: bool = True
) -> int:
    """Return what SGLang leaves for activations and graphs by its own rule, in bytes."""
    mib = _CONSTANT_MIB + _MIB_A_TOKEN * max(tokens, _LEAST_TOKENS) + 1024 * tensor_parallel_size / 8
    if has_graphs:
        mib += _MIB_A_DECODE_SEQUENCE * decode_sequences + _MIB_A_PREFILL_GRAPH * count_prefill_graphs(tokens)
    if total_bytes > _LARGE_CARD_BYTES:
        mib = max(mib, _LARGE_CARD_FLOOR_MIB)
    return int(mib * MIB)


def default_mem_fraction_static(
    version: Version, total_bytes: int, settings: SglangSettings, *, tensor_parallel_size: int
) -> float:
    """Return the share that SGLang takes when none is given, in thousandths."""
    if version < _RESERVED_BY_RULE:
        return _SHARE_BEFORE_RULE.get(tensor_parallel_size, 0.79)
    reserved = reserved_bytes(
        total_bytes,
        tokens=settings.chunked_prefill_size or default_chunked_prefill_size(total_bytes),
        decode_sequences=settings.cuda_graph_max_bs_decode
        or default_decode_sequences(total_bytes, tensor_parallel_size=tensor_parallel_size),
        tensor_parallel_size=tensor_parallel_size,
        has_graphs=not settings.disable_cuda_graph,
    )
    return round((total_bytes - reserved) / total_bytes, 3)


def count_prefill_graphs(tokens: int) -> int:
    """Return how many prefill sizes up to `tokens` have a graph."""
    steps = ((4, 33, 4), (48, 257, 16), (288, 513, 32), (576, 1025, 64), (1280, 4097, 256))
    small = sum(len(range(start, min(stop, tokens + 1), step)) for start, stop, step in steps)
    return small + len(range(4608, tokens + 1, 512))
