"""The search: every configuration on every machine shape, and the best one for each."""

import functools
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from planner.configurations import Bytes, Configurations, configurations
from planner.engines import Deployment
from planner.gpu import Gpu
from planner.inventory import Inventory, Mask
from planner.model import ModelSpec
from planner.request import PlanRequest
from planner.units import divide_up
from planner.weight_format import lower_tier

BATCHING_MATTERS_ABOVE = 4
"""From more sequences than this a server that batches is what an expert runs."""

_MORE_THAN_ANY_MEMORY = 1e15

Shape: TypeAlias = tuple[int, int]
"""A machine shape: the index of its GPU in the inventory, and how many of them it has."""


class Layout(Struct, frozen=True, kw_only=True):
    """How the GPUs of one instance are used: `replicas` copies of the model, each over `tensor_parallel_size` GPUs.

    `batch` is the sequences that the busiest replica holds.
    """

    tensor_parallel_size: int
    replicas: int
    batch: int


class Candidate(Struct, frozen=True, kw_only=True):
    """One configuration in one layout on one GPU; `preference` orders candidates of equal price, smallest first."""

    deployment: Deployment
    configurations: Configurations
    row: int
    headroom_bytes: int
    noise_bytes: int
    preference: tuple[float, ...]

    @property
    def tier(self) -> str:
        """The lower quality tier of its weights and its KV cache."""
        weights = self.deployment.weight_format.quality[self.deployment.model.model_id].tier
        return lower_tier(weights, self.deployment.kv_cache_dtype.tier)


class Fallen(Struct, frozen=True, kw_only=True):
    """Candidates of one shape that fell for one reason: how many, and the one that missed by least."""

    count: int
    nearest: Candidate | None


class Evaluation(Struct, frozen=True, kw_only=True):
    """What became of all candidates of one machine shape."""

    best: Candidate | None
    fitting: int
    tight: Fallen
    does_not_fit: Fallen
    cannot_run: Fallen
    below_floor: Fallen
    no_layout: int


class Search:
    """All candidates of one request, evaluated by machine shape and remembered."""

    def __init__(self, models: list[ModelSpec], request: PlanRequest, inventory: Inventory) -> None:
        """Prepare the configurations; nothing is evaluated yet."""
        self.request = request
        self.inventory = inventory
        self.configurations = configurations(models, request)
        self._tensor_parallel_sizes = {
            id(table): [
                size
                for size in table.engine.tensor_parallel_sizes(table.model)
                if not request.tensor_parallel_size or size in request.tensor_parallel_size
            ]
            for table in self.configurations
        }
        self._evaluations: dict[Shape, Evaluation] = {}

    def shape_of(self, offer_index: int) -> Shape:
        """Return the machine shape of an offer."""
        return int(self.inventory.gpu_indices[offer_index]), int(self.inventory.gpu_counts[offer_index])

    def evaluate(self, shape: Shape) -> Evaluation:
        """Return what becomes of all candidates on machines of this shape."""
        if shape not in self._evaluations:
            self._evaluations[shape] = self._evaluate(shape)
        return self._evaluations[shape]

    def fitting(self, shape: Shape) -> list[Candidate]:
        """Return every candidate that fits machines of this shape, the preferred first."""
        found = [
            self._candidate(grid, row, column)
            for grid in self._grids(shape)
            for row, column in np.argwhere(grid.fits).tolist()
        ]
        return sorted(found, key=lambda candidate: candidate.preference)

    def _evaluate(self, shape: Shape) -> Evaluation:
        grids = list(self._grids(shape))
        bests = [candidate for grid in grids if (candidate := self._best(grid)) is not None]
        laid_out = {id(grid.table) for grid in grids}
        return Evaluation(
            best=min(bests, key=lambda candidate: candidate.preference, default=None),
            fitting=sum(int(grid.fits.sum()) for grid in grids),
            tight=self._fallen((grid, grid.tight, grid.headroom) for grid in grids),
            does_not_fit=self._fallen((grid, grid.does_not_fit, grid.headroom) for grid in grids),
            cannot_run=self._fallen((grid, grid.cannot_run, grid.headroom) for grid in grids),
            below_floor=self._fallen((grid, grid.below_floor, grid.nearness()) for grid in grids),
            no_layout=sum(table.tier_ranks.size for table in self.configurations if id(table) not in laid_out),
        )

    def _grids(self, shape: Shape) -> Iterator["Grid"]:
        gpu = self.inventory.gpus[shape[0]]
        for table in self.configurations:
            if not table.tier_ranks.size:
                continue
            supported = table.supported(gpu)
            for layout in self._layouts(table, shape[1]):
                yield Grid(table, gpu, layout, supported)

    def _layouts(self, table: Configurations, gpu_count: int) -> list[Layout]:
        return layouts(tuple(self._tensor_parallel_sizes[id(table)]), gpu_count, self.request.batch)

    def _best(self, grid: "Grid") -> Candidate | None:
        if not grid.fits.any():
            return None
        ranks = np.where(grid.fits, grid.ranks(), np.inf)
        ties = np.argwhere(ranks == ranks.min()).tolist()
        return min((self._candidate(grid, row, column) for row, column in ties), key=lambda found: found.preference)

    def _fallen(self, grids: Iterator[tuple["Grid", Mask, NDArray[np.float64] | Bytes]]) -> Fallen:
        count = 0
        nearest: tuple[float, Grid, int, int] | None = None
        for grid, mask, score in grids:
            fallen = int(mask.sum())
            if not fallen:
                continue
            count += fallen
            row, column = divmod(int(np.where(mask, score, -np.inf).argmax()), mask.shape[1])
            if nearest is None or score[row, column] > nearest[0]:
                nearest = float(score[row, column]), grid, row, column
        return Fallen(count=count, nearest=None if nearest is None else self._candidate(*nearest[1:]))

    def _candidate(self, grid: "Grid", row: int, column: int) -> Candidate:
        table, layout = grid.table, grid.layout
        headroom = int(grid.headroom[row, column])
        return Candidate(
            deployment=Deployment(
                model=table.model,
                weight_format=table.weight_formats[row],
                kv_cache_dtype=table.kv_cache_dtypes[column],
                gpu=grid.gpu,
                context=self.request.context,
                batch=layout.batch,
                tensor_parallel_size=layout.tensor_parallel_size,
                replicas=layout.replicas,
            ),
            configurations=table,
            row=row,
            headroom_bytes=headroom,
            noise_bytes=int(grid.noise[column]),
            preference=(
                float(table.tier_ranks[row, column]),
                float(not table.published[row]),
                float(self.request.batch > BATCHING_MATTERS_ABOVE and not table.engine.batches),
                float(grid.bytes_read[row, column]),
                float(-headroom),
                float(self.configurations.index(table)),
                float(row),
                float(column),
                float(layout.tensor_parallel_size),
            ),
        )


class Grid:
    """The candidates of one table in one layout on one GPU: matrices of weight formats by KV cache dtypes."""

    def __init__(self, table: Configurations, gpu: Gpu, layout: Layout, supported: Mask) -> None:
        """Add up the memory and compare it with the card."""
        self.table = table
        self.gpu = gpu
        self.layout = layout
        weights = table.weights(layout.tensor_parallel_size)[:, None]
        caches, self.noise = table.caches(layout.tensor_parallel_size, layout.batch)
        overheads = table.overheads(gpu, layout.tensor_parallel_size, layout.batch)
        read = weights + caches
        self.bytes_read: NDArray[np.float64] = read * layout.tensor_parallel_size / layout.batch
        self.headroom: Bytes = gpu.memory_bytes - read - overheads
        runs = supported & table.above_floor
        self.cannot_run: Mask = ~supported & table.above_floor
        self.below_floor: Mask = supported & ~table.above_floor
        self.fits: Mask = runs & (self.headroom >= self.noise)
        self.tight: Mask = runs & ~self.fits & (self.headroom >= 0)
        self.does_not_fit: Mask = runs & (self.headroom < 0)

    def ranks(self) -> NDArray[np.float64]:
        """Return a matrix that orders the candidates by tier, then published checkpoint, then bytes read per token.

        Whether the engine batches is the same for all of them, and headroom is left to break ties.
        """
        most = self.bytes_read.max() + 1
        return (self.table.tier_ranks * 2 + ~self.table.published[:, None]) * most + self.bytes_read

    def nearness(self) -> NDArray[np.float64]:
        """Return a matrix that is largest for the candidate below the quality floor that misses it by least."""
        fits = self.headroom >= self.noise
        return self.headroom + np.where(
            fits, -self.table.tier_ranks * _MORE_THAN_ANY_MEMORY, -9 * _MORE_THAN_ANY_MEMORY
        )


@functools.lru_cache(maxsize=1024)
def layouts(tensor_parallel_sizes: tuple[int, ...], gpu_count: int, batch: int) -> list[Layout]:
    """Return how `gpu_count` GPUs can be used: every tensor parallel size with as many replicas as have work."""
    return [
        Layout(tensor_parallel_size=size, replicas=replicas, batch=divide_up(batch, replicas))
        for size in tensor_parallel_sizes
        if size <= gpu_count
        for replicas in [min(gpu_count // size, batch)]
    ]
