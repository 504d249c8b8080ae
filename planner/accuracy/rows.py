"""Predicted and observed rows, brought together into one report."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from msgspec import Struct

from planner.accuracy.cases import EngineObserved, EngineSettingsCase
from planner.accuracy.llama_cpp_cases import Part
from planner.accuracy.prediction import Prediction
from planner.accuracy.report import (
    ByFigures,
    DerivedVerdicts,
    KvFigures,
    MemoryAccuracy,
    VerdictCounts,
    WorstRow,
    spread,
)
from planner.engines.registry import ALL_ENGINES
from planner.memory import noise_bytes, verdict_of
from planner.units import GIB, MIB

_POOL_ENGINES = {"vllm", "sglang"}
_REFUSALS = {"refused_start", "oom"}
_FITTING_SHARES, _EXCESSIVE_SHARES = (0.85, 0.92), (1.08, 1.15)
_WORST_ROWS = 10


class Row(Struct, frozen=True, kw_only=True):
    """One start: its settings, what was observed, what is predicted."""

    settings: EngineSettingsCase
    observed: EngineObserved
    prediction: Prediction

    @property
    def engine(self) -> str:
        """The engine's id."""
        return self.settings.engine

    @property
    def group(self) -> str:
        """The configuration that near-duplicates share."""
        return self.settings.config_group or self.settings.id

    @property
    def pool_error_gib(self) -> float | None:
        """Predicted less measured KV pool; from its tokens where the log has no size."""
        measured = self.measured_pool_gib
        return None if measured is None else self.prediction.pool_bytes / GIB - measured

    @property
    def measured_pool_gib(self) -> float | None:
        """The measured KV pool."""
        if self.observed.kv_cache_gib is not None:
            return self.observed.kv_cache_gib
        if self.observed.kv_tokens is not None:
            return self.observed.kv_tokens * self.prediction.bytes_per_token / GIB
        return None

    @property
    def pool_error_percent(self) -> float | None:
        """The pool's error relative to a measured pool above zero."""
        error, measured = self.pool_error_gib, self.measured_pool_gib
        return None if error is None or measured is None or measured <= 0 else 100 * error / measured

    @property
    def tokens_error_percent(self) -> float | None:
        """The error of the KV tokens relative to the logged ones."""
        tokens = self.observed.kv_tokens
        return None if not tokens else 100 * (self.prediction.kv_tokens / tokens - 1)

    @property
    def weights_error_percent(self) -> float | None:
        """The error of the weights relative to the logged ones."""
        measured, predicted = self.observed.weights_gib, self.prediction.weights_bytes
        return None if not measured or predicted is None else 100 * (predicted / GIB / measured - 1)

    def verdict(self, headroom_bytes: int, request_bytes: int) -> str:
        """Return the verdict on a request that leaves `headroom_bytes`, with its engine's margin."""
        is_wide = bool(ALL_ENGINES[self.engine].few_cases)
        return verdict_of(headroom_bytes, margin_bytes=noise_bytes(request_bytes, is_wide=is_wide))


def summarize(rows: list[Row], parts: list[Part], *, cases: int, skipped: dict[str, int], by: str) -> MemoryAccuracy:
    """Return the report over all rows and buffers."""
    pools = [row for row in rows if row.engine in _POOL_ENGINES]
    verdicts, false_fits, false_does_not_fit = _count_verdicts(pools)
    partial = [part.observed_bytes - part.predicted_bytes for part in parts if part.is_bound]
    figures = _kv_figures(pools)
    return MemoryAccuracy(
        cases=cases,
        used=cases - sum(skipped.values()),
        skipped=skipped,
        kv_pool_gib=figures.kv_pool_gib,
        kv_pool_percent=figures.kv_pool_percent,
        kv_tokens_percent=figures.kv_tokens_percent,
        weights_percent=spread(_by_group(pools, lambda row: row.weights_error_percent)),
        verdicts=verdicts,
        false_fits=false_fits,
        false_does_not_fit=false_does_not_fit,
        derived_verdicts=_derive_verdicts(pools),
        not_derived_from=_kv_figures([row for row in pools if not row.settings.used_for_overhead_fit]),
        exact=_count_parts(parts, lambda part: part.predicted_bytes == part.observed_bytes),
        too_small=_count_parts(parts, lambda part: part.predicted_bytes < part.observed_bytes),
        partial_offload_too_small_mib=round(max([0, *partial]) / MIB, 2),
        by=_by(rows, by),
        worst=_worst(pools),
    )


def _by_group(rows: Iterable[Row], error: Callable[[Row], float | None]) -> list[float]:
    """Return one absolute error for each configuration: the median of its rows'."""
    groups: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        found = error(row)
        if found is not None:
            groups[row.group].append(abs(found))
    return [statistics.median(errors) for errors in groups.values()]


def _kv_figures(rows: list[Row]) -> KvFigures:
    return KvFigures(
        groups=len({row.group for row in rows}),
        kv_pool_gib=spread(_by_group(rows, lambda row: row.pool_error_gib)),
        kv_pool_percent=spread(_by_group(rows, lambda row: row.pool_error_percent)),
        kv_tokens_percent=spread(_by_group(rows, lambda row: row.tokens_error_percent)),
    )


def _count_verdicts(rows: list[Row]) -> tuple[VerdictCounts, int, int]:
    """Return the verdicts on what was logged, each configuration and outcome once; and how many were false."""
    found: dict[tuple[str, bool], str] = {}
    for row in rows:
        request = row.prediction.request_bytes
        if request is None or row.observed.outcome not in {"fit", *_REFUSALS}:
            continue
        room = min(row.prediction.pool_bytes, row.prediction.smallest_pool_bytes)
        verdict = row.verdict(room - request, request)
        found.setdefault((row.group, row.observed.outcome in _REFUSALS), verdict)
    counts = Counter(found.values())
    refusals = {group: verdict for (group, refused), verdict in found.items() if refused}
    starts = {group: verdict for (group, refused), verdict in found.items() if not refused}
    false_fits = sum(verdict == "fits" for verdict in refusals.values())
    false_does_not_fit = sum(verdict == "does_not_fit" for verdict in starts.values())
    verdicts = VerdictCounts(
        of=len(found),
        fits=counts["fits"],
        tight=counts["tight"],
        does_not_fit=counts["does_not_fit"],
        refusals=len(refusals),
        refusals_predicted=sum(verdict == "does_not_fit" for verdict in refusals.values()),
    )
    return verdicts, false_fits, false_does_not_fit


def _derive_verdicts(rows: list[Row]) -> DerivedVerdicts:
    """Return the verdicts on requests around each measured pool, each configuration once."""
    false_fits = false_does_not_fit = tight = of = 0
    for row in {row.group: row for row in rows if (row.measured_pool_gib or 0) > 0}.values():
        measured = (row.measured_pool_gib or 0) * GIB
        for share in (*_FITTING_SHARES, *_EXCESSIVE_SHARES):
            request = int(share * measured)
            verdict = row.verdict(row.prediction.pool_bytes - request, request)
            of += 1
            tight += verdict == "tight"
            false_fits += share in _EXCESSIVE_SHARES and verdict == "fits"
            false_does_not_fit += share in _FITTING_SHARES and verdict == "does_not_fit"
    return DerivedVerdicts(of=of, false_fits=false_fits, false_does_not_fit=false_does_not_fit, tight=tight)


def _count_parts(parts: list[Part], holds: Callable[[Part], bool]) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for name in ("model", "kv", "compute", "output"):
        named = [part for part in parts if part.part == name]
        counts[name] = (sum(map(holds, named)), len(named))
    return counts


def _by(rows: list[Row], by: str) -> dict[str, ByFigures]:
    keys: dict[str, Callable[[Row], str | None]] = {
        "engine": lambda row: row.engine,
        "gpu": lambda row: row.settings.gpu_id or next(iter(row.settings.gpu_candidates or ()), None),
        "format": lambda row: row.settings.weight_format,
    }
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[keys[by](row) or "unknown"].append(row)
    return {
        name: ByFigures(
            used=len(found),
            kv_pool_gib=spread(_by_group(found, lambda row: row.pool_error_gib)),
            kv_tokens_percent=spread(_by_group(found, lambda row: row.tokens_error_percent)),
            weights_percent=spread(_by_group(found, lambda row: row.weights_error_percent)),
        )
        for name, found in sorted(grouped.items())
    }


def _worst(rows: list[Row]) -> tuple[WorstRow, ...]:
    measured = [row for row in rows if row.pool_error_gib is not None]
    measured.sort(key=lambda row: -abs(row.pool_error_gib or 0))
    return tuple(
        WorstRow(
            id=row.settings.id,
            engine=row.engine,
            error_gib=round(row.pool_error_gib or 0, 3),
            predicted_gib=round(row.prediction.pool_bytes / GIB, 3),
            measured_gib=round(row.measured_pool_gib or 0, 3),
        )
        for row in measured[:_WORST_ROWS]
    )
