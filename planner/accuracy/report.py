"""The accuracy of memory predictions over measured cases, as `r1plan accuracy memory --json` prints it."""

import statistics
from collections.abc import Iterable

from msgspec import Struct

_P90 = 0.9


class MemorySpread(Struct, frozen=True, kw_only=True):
    """Absolute errors: median, 90th percentile (interpolated) and largest, over `n` groups; null without any."""

    n: int
    median: float | None
    p90: float | None
    max: float | None


class KvFigures(Struct, frozen=True, kw_only=True):
    """Errors of the KV cache that an engine finds room for: in GiB, in per cent, and in per cent of its tokens."""

    groups: int
    kv_pool_gib: MemorySpread
    kv_pool_percent: MemorySpread
    kv_tokens_percent: MemorySpread


class VerdictCounts(Struct, frozen=True, kw_only=True):
    """Verdicts on logged outcomes: of how many, and how many of each; refusals apart."""

    of: int
    fits: int
    tight: int
    does_not_fit: int
    refusals: int
    refusals_predicted: int


class DerivedVerdicts(Struct, frozen=True, kw_only=True):
    """Verdicts on requests of 0.85, 0.92, 1.08 and 1.15 of each measured pool: the first two fit, the others do not."""

    of: int
    false_fits: int
    false_does_not_fit: int
    tight: int


class ByFigures(Struct, frozen=True, kw_only=True):
    """One group's share of the cases, and its errors."""

    used: int
    kv_pool_gib: MemorySpread
    kv_tokens_percent: MemorySpread
    weights_percent: MemorySpread


class WorstRow(Struct, frozen=True, kw_only=True):
    """One of the rows with the largest error of the KV pool."""

    id: str
    engine: str
    error_gib: float
    predicted_gib: float
    measured_gib: float


class MemoryAccuracy(Struct, frozen=True, kw_only=True):
    """How well memory is predicted.

    KV and weights figures are those of vLLM and SGLang, whose pools are what is left of a budget, each configuration
    counted once; other engines' are in `by`. `exact` and `too_small` are [how many, of] llama.cpp buffers, and
    `partial_offload_too_small_mib` the most that a bound on a partial offload was too small.
    """

    cases: int
    used: int
    skipped: dict[str, int]
    kv_pool_gib: MemorySpread
    kv_pool_percent: MemorySpread
    kv_tokens_percent: MemorySpread
    weights_percent: MemorySpread
    verdicts: VerdictCounts
    false_fits: int
    false_does_not_fit: int
    derived_verdicts: DerivedVerdicts
    not_derived_from: KvFigures
    exact: dict[str, tuple[int, int]]
    too_small: dict[str, tuple[int, int]]
    partial_offload_too_small_mib: float
    by: dict[str, ByFigures]
    worst: tuple[WorstRow, ...]


def spread(errors: Iterable[float]) -> MemorySpread:
    """Return the spread of absolute errors."""
    found = sorted(abs(error) for error in errors)
    if not found:
        return MemorySpread(n=0, median=None, p90=None, max=None)
    at = (len(found) - 1) * _P90
    low = int(at)
    high = min(low + 1, len(found) - 1)
    return MemorySpread(
        n=len(found),
        median=round(statistics.median(found), 4),
        p90=round(found[low] + (at - low) * (found[high] - found[low]), 4),
        max=round(found[-1], 4),
    )
