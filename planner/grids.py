"""Candidates laid out in matrices: GPUs by weight formats by KV cache dtypes, in one layout."""

import functools
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from planner.configurations import Bytes, Configurations
from planner.gpu import Gpu
from planner.inventory import Mask
from planner.objectives import NO_BASIS, Scores, scores
from planner.speed import SpeedGrid, Work
from planner.units import divide_up
from planner.weight_format import TIERS

Reason: TypeAlias = Literal["does_not_fit", "tight", "cannot_run", "too_slow"]
"""Why a candidate fell: it needs more memory than there is, fits only inside the measured noise, its engine does not
run it on that GPU, or it is slower than the request allows."""


class Demand(Struct, frozen=True, kw_only=True):
    """What a request asks of memory and speed.

    Whether what is tight will do, the load to figure speed for, the objective, and the limits, null where none.
    """

    work: Work
    objective: str = "cheapest"
    allow_tight: bool = False
    min_tokens_per_second: float | None = None
    max_ttft_seconds: float | None = None
    max_tpot_seconds: float | None = None

    @property
    def has_limits(self) -> bool:
        """Whether speed decides what is an option."""
        return any((self.min_tokens_per_second, self.max_ttft_seconds, self.max_tpot_seconds))


class Layout(Struct, frozen=True, kw_only=True):
    """How the GPUs of one instance are used: `replicas` copies of the model, each over `tensor_parallel_size` GPUs.

    `batch` is the sequences that the busiest replica holds, `sequences` those of all replicas.
    """

    tensor_parallel_size: int
    replicas: int
    batch: int
    sequences: int

    @property
    def gpu_count(self) -> int:
        """How many GPUs have work."""
        return self.tensor_parallel_size * self.replicas

    @property
    def throughput_times(self) -> float:
        """How many times the throughput of the busiest replica all of them have."""
        return self.sequences / self.batch


_ANY_SPEED = Demand(work=Work(prompt_tokens=1, output_tokens=1))


class Summary(Struct, frozen=True, kw_only=True):
    """What fell, for each GPU: how many candidates, and the most headroom among them with its flat index."""

    counts: list[int]
    headrooms: list[float]
    indices: list[int]


class Grid:
    """The candidates of one table of configurations in one layout on several GPUs.

    `headroom` and the masks have the shape (GPUs, weight formats, KV cache dtypes); `bytes_read` is alike on
    every GPU and has the last two; `noise`, the margin that a fit must keep, has the first and the last.
    """

    def __init__(
        self, table: Configurations, layout: Layout, gpus: Sequence[Gpu], *, demand: Demand = _ANY_SPEED
    ) -> None:
        """Add up the memory and compare it with the cards, and the speed with what is asked."""
        self._demand = demand
        self.table = table
        self.layout = layout
        self.gpus = gpus
        weights = table.weights(layout.tensor_parallel_size)[:, None]
        caches = table.caches(layout.tensor_parallel_size, layout.batch)
        self.noise: Bytes = table.margins(gpus, caches)
        overheads = table.overheads(gpus, layout.tensor_parallel_size, layout.batch)
        read = weights + caches
        self.bytes_read: NDArray[np.float64] = read * layout.tensor_parallel_size / layout.batch
        usable = np.array([gpu.memory_bytes for gpu in gpus], dtype=np.int64)
        self.headroom: Bytes = (usable[:, None] - overheads)[:, None, :] - read
        self.runs: Mask = np.stack([table.supported(gpu) for gpu in gpus])
        noise = self.noise[:, None, :]
        self._holds: Mask = self.headroom >= noise
        self._is_tight: Mask = self.runs & ~self._holds & (self.headroom > -noise)
        self._in_memory: Mask = self.runs & self._holds
        if demand.allow_tight:
            self._in_memory |= self._is_tight
        self.fits: Mask = self._in_memory & self.is_fast(0.0) if demand.has_limits else self._in_memory
        self._summaries: dict[str, Summary] = {}

    @functools.cached_property
    def best_pairs(self) -> list[tuple[int, int] | None]:
        """The pair (row, column) that an expert would run on each GPU, None where nothing fits.

        What fits before what is tight, then by the objective's score, by tier, published checkpoint, bytes read per
        decoded token, headroom, and the tables' order; whether the engine batches is the same for all of them.
        """
        most = self.bytes_read.max() + 1
        ranks = (self.table.tier_ranks * 2 + ~self.table.published[:, None]) * most + self.bytes_read
        surely = self.fits & self._holds
        eligible = np.where(surely.any(axis=(1, 2), keepdims=True), surely, self.fits)
        scores = np.where(eligible, self.scores, np.inf)
        is_best = scores == scores.min(axis=(1, 2), keepdims=True)
        flat = np.where(eligible & is_best, ranks, np.inf).reshape(len(self.gpus), -1)
        least = flat.min(axis=1)
        headroom = np.where(flat == least[:, None], self.headroom.reshape(flat.shape), -np.inf)
        columns = self.noise.shape[1]
        return [
            divmod(index, columns) if fits else None
            for index, fits in zip(headroom.argmax(axis=1).tolist(), np.isfinite(least).tolist(), strict=True)
        ]

    @functools.cached_property
    def speeds(self) -> SpeedGrid:
        """The speed of every candidate, of one replica."""
        return SpeedGrid(
            engine=self.table.engine.engine,
            model=self.table.model,
            gpus=self.gpus,
            weight_formats=self.table.weight_formats,
            kv_cache_dtypes=self.table.kv_cache_dtypes,
            tensor_parallel_size=self.layout.tensor_parallel_size,
            batch=self.layout.batch,
            work=self._demand.work,
        )

    @functools.cached_property
    def scores(self) -> Scores:
        """What each candidate is worth under the objective, price aside; the smallest is best."""
        if self._demand.objective == "cheapest":
            return np.zeros(self.fits.shape)
        figures = self.speeds.figures
        return scores(
            self._demand.objective,
            tpot_seconds=figures["tpot_seconds"],
            tokens_per_second=figures["tokens_per_second"] * self.layout.throughput_times,
            tier_ranks=self.table.tier_ranks,
            losses=self.table.losses,
        )

    @functools.cached_property
    def fastest_of_tiers(self) -> list[tuple[list[float], list[int]]]:
        """For each tier, the best first: what one user gets on each GPU from the fastest that fits, and which that is.

        Tokens per second, 0 where there is none; the flat index of its row and column.
        """
        speeds = np.where(self.fits, 1 / self.speeds.figures["tpot_seconds"], 0.0)
        speeds[np.isnan(speeds)] = 0.0
        found: list[tuple[list[float], list[int]]] = []
        for rank in range(len(TIERS)):
            flat = np.where(self.table.tier_ranks == rank, speeds, 0.0).reshape(len(self.gpus), -1)
            found.append((flat.max(axis=1).tolist(), flat.argmax(axis=1).tolist()))
        return found

    def is_fast(self, band: float) -> Mask:
        """Return which candidates meet the request's limits; one whose speed has no basis meets none.

        `band` is the share of each band's width to hold against them: 0 judges the estimate, 1 the slow end.
        """
        return self._slowness(band) <= 1.0

    def _slowness(self, band: float) -> Scores:
        """How many times longer than allowed each candidate takes, by the limit that it misses by most."""
        figures, widths, demand = self.speeds.figures, self.speeds.widths, self._demand
        gap = figures["tpot_seconds"] * np.exp(band * widths["tpot_seconds"])
        wait = figures["ttft_seconds"] * np.exp(band * widths["ttft_seconds"])
        longest_gap = min(
            np.inf if demand.max_tpot_seconds is None else demand.max_tpot_seconds,
            np.inf if demand.min_tokens_per_second is None else 1 / demand.min_tokens_per_second,
        )
        longest_wait = np.inf if demand.max_ttft_seconds is None else demand.max_ttft_seconds
        # A limit near zero is missed by more than a number can say.
        with np.errstate(over="ignore"):
            slowness = np.maximum(gap / longest_gap, wait / longest_wait)
        return np.where(np.isnan(slowness), NO_BASIS, slowness)

    def summary(self, reason: Reason) -> Summary:
        """Return what fell for `reason`."""
        if reason not in self._summaries:
            nearness = -self._slowness(0.0) if reason == "too_slow" else self.headroom
            self._summaries[reason] = _summarize(self._fallen(reason), nearness)
        return self._summaries[reason]

    def _fallen(self, reason: Reason) -> Mask:
        if reason == "cannot_run":
            return ~self.runs
        if reason == "too_slow":
            return self._in_memory & ~self.fits
        if reason == "does_not_fit":
            return self.runs & (self.headroom <= -self.noise[:, None, :])
        return self._is_tight & ~self._in_memory


@functools.lru_cache(maxsize=1024)
def layouts(
    tensor_parallel_sizes: tuple[int, ...], *, gpu_count: int, batch: int, max_sequences: int | None
) -> tuple[Layout, ...]:
    """Return how `gpu_count` GPUs can be used: every tensor parallel size with as many replicas as have work.

    No replica holds more than `max_sequences`, where the engine has such a limit.
    """
    found = [
        Layout(tensor_parallel_size=size, replicas=replicas, batch=divide_up(batch, replicas), sequences=batch)
        for size in tensor_parallel_sizes
        if size <= gpu_count
        for replicas in [min(gpu_count // size, batch)]
    ]
    return tuple(layout for layout in found if max_sequences is None or layout.batch <= max_sequences)


def _summarize(mask: Mask, headroom: Bytes | Scores) -> Summary:
    flat_mask = mask.reshape(len(mask), -1)
    flat = np.where(flat_mask, headroom.reshape(len(mask), -1), -np.inf)
    indices = flat.argmax(axis=1)
    return Summary(
        counts=flat_mask.sum(axis=1).tolist(),
        headrooms=flat[np.arange(len(flat)), indices].tolist(),
        indices=indices.tolist(),
    )
