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
from planner.units import divide_up

Reason: TypeAlias = Literal["does_not_fit", "tight", "cannot_run"]
"""Why a candidate fell: it needs more memory than there is, fits only inside the measured noise, or its engine does not
run it on that GPU."""


class Layout(Struct, frozen=True, kw_only=True):
    """How the GPUs of one instance are used: `replicas` copies of the model, each over `tensor_parallel_size` GPUs.

    `batch` is the sequences that the busiest replica holds.
    """

    tensor_parallel_size: int
    replicas: int
    batch: int


class Summary(Struct, frozen=True, kw_only=True):
    """What fell, for each GPU: how many candidates, and the most headroom among them with its flat index."""

    counts: list[int]
    headrooms: list[float]
    indices: list[int]


class Grid:
    """The candidates of one table of configurations in one layout on several GPUs.

    `headroom` and the masks have the shape (GPUs, weight formats, KV cache dtypes); `bytes_read` is alike on
    every GPU and has the last two; `noise`, the margin that a fit must keep, has the last.
    """

    def __init__(self, table: Configurations, layout: Layout, gpus: Sequence[Gpu]) -> None:
        """Add up the memory and compare it with the cards."""
        self.table = table
        self.layout = layout
        self.gpus = gpus
        weights = table.weights(layout.tensor_parallel_size)[:, None]
        caches, self.noise = table.caches(layout.tensor_parallel_size, layout.batch)
        overheads = table.overheads(gpus, layout.tensor_parallel_size, layout.batch)
        read = weights + caches
        self.bytes_read: NDArray[np.float64] = read * layout.tensor_parallel_size / layout.batch
        usable = np.array([gpu.memory_bytes for gpu in gpus], dtype=np.int64)
        self.headroom: Bytes = (usable[:, None] - overheads)[:, None, :] - read
        self.runs: Mask = np.stack([table.supported(gpu) for gpu in gpus])
        self._holds: Mask = self.headroom >= self.noise
        self.fits: Mask = self.runs & self._holds
        self._summaries: dict[str, Summary] = {}

    @functools.cached_property
    def best_pairs(self) -> list[tuple[int, int] | None]:
        """The pair (row, column) that an expert would run on each GPU, None where nothing fits.

        By tier, then published checkpoint, then bytes read per decoded token, then headroom, then the tables' order;
        whether the engine batches is the same for all of them.
        """
        most = self.bytes_read.max() + 1
        ranks = (self.table.tier_ranks * 2 + ~self.table.published[:, None]) * most + self.bytes_read
        flat = np.where(self.fits, ranks, np.inf).reshape(len(self.gpus), -1)
        least = flat.min(axis=1)
        headroom = np.where(flat == least[:, None], self.headroom.reshape(flat.shape), -np.inf)
        columns = len(self.noise)
        return [
            divmod(index, columns) if fits else None
            for index, fits in zip(headroom.argmax(axis=1).tolist(), np.isfinite(least).tolist(), strict=True)
        ]

    def summary(self, reason: Reason) -> Summary:
        """Return what fell for `reason`."""
        if reason not in self._summaries:
            self._summaries[reason] = _summarize(self._fallen(reason), self.headroom)
        return self._summaries[reason]

    def _fallen(self, reason: Reason) -> Mask:
        if reason == "cannot_run":
            return ~self.runs
        if reason == "does_not_fit":
            return self.runs & (self.headroom <= -self.noise)
        return self.runs & ~self._holds & (self.headroom > -self.noise)


@functools.lru_cache(maxsize=1024)
def layouts(
    tensor_parallel_sizes: tuple[int, ...], *, gpu_count: int, batch: int, max_sequences: int | None
) -> tuple[Layout, ...]:
    """Return how `gpu_count` GPUs can be used: every tensor parallel size with as many replicas as have work.

    No replica holds more than `max_sequences`, where the engine has such a limit.
    """
    found = [
        Layout(tensor_parallel_size=size, replicas=replicas, batch=divide_up(batch, replicas))
        for size in tensor_parallel_sizes
        if size <= gpu_count
        for replicas in [min(gpu_count // size, batch)]
    ]
    return tuple(layout for layout in found if max_sequences is None or layout.batch <= max_sequences)


def _summarize(mask: Mask, headroom: Bytes) -> Summary:
    flat_mask = mask.reshape(len(mask), -1)
    flat = np.where(flat_mask, headroom.reshape(len(mask), -1), -np.inf)
    indices = flat.argmax(axis=1)
    return Summary(
        counts=flat_mask.sum(axis=1).tolist(),
        headrooms=flat[np.arange(len(flat)), indices].tolist(),
        indices=indices.tolist(),
    )
