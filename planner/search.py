"""The search: every configuration on every machine shape, and the best one for each."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from planner.configurations import Configurations, wanted_engines
from planner.engines import Deployment, Engine
from planner.facts import weight_quality
from planner.grids import Demand, Grid, Layout, Reason, layouts
from planner.inventory import Inventory, Mask, Shape
from planner.load import typical_work
from planner.model import ModelSpec
from planner.objectives import Scores
from planner.request import PlanRequest
from planner.speed import Speed
from planner.weight_format import lower_tier

BATCHING_MATTERS_ABOVE = 4
"""From more sequences than this a server that batches is what an expert runs."""

Place: TypeAlias = tuple[Grid, int]
"""One GPU's matrix in a grid: the grid and the GPU's position in it."""


Spot: TypeAlias = tuple[Place, int, int]
"""A candidate's place, its row and its column."""


class Candidate(Struct, frozen=True, kw_only=True):
    """One configuration in one layout on one GPU; `preference` orders candidates of equal price, smallest first."""

    deployment: Deployment
    configurations: Configurations
    row: int
    headroom_bytes: int
    noise_bytes: int
    score: float
    preference: tuple[float, ...]
    spot: Spot

    @property
    def speed(self) -> Speed:
        """Its speed at the planned batch."""
        (grid, position), row, column = self.spot
        return grid.speeds.speed(position, row, column, throughput_times=grid.layout.throughput_times)

    @property
    def gap_and_wait_seconds(self) -> tuple[float, float]:
        """The unrounded time per output token and time to the first one, NaN without a basis."""
        (grid, position), row, column = self.spot
        figures = grid.speeds.figures
        gap, wait = (figures[name][position, row, column] for name in ("tpot_seconds", "ttft_seconds"))
        return float(gap), float(wait)

    @property
    def is_fast_in_band(self) -> bool:
        """Whether it meets the request's limits even at the slow end of its speed's band."""
        (grid, position), row, column = self.spot
        return bool(grid.is_fast(1.0)[position, row, column])

    @property
    def is_tight(self) -> bool:
        """Whether it fits only inside the measured noise."""
        return self.headroom_bytes < self.noise_bytes

    @property
    def tier(self) -> str:
        """The lower quality tier of its weights and its KV cache."""
        weights = weight_quality(self.deployment.model, self.deployment.weight_format).tier
        return lower_tier(weights, self.deployment.kv_cache_dtype.tier)


class Fallen(Struct, frozen=True, kw_only=True):
    """Candidates that fell for one reason: how many, and the one that missed by least on a machine of `gpu_count`."""

    count: int
    nearest: Candidate | None
    gpu_count: int


class Search:
    """All candidates of one request on the machine shapes it may meet."""

    def __init__(
        self,
        models: list[ModelSpec],
        request: PlanRequest,
        inventory: Inventory,
        *,
        shapes: Iterable[Shape],
        engines: Sequence[Engine] = (),
    ) -> None:
        """Add up the memory of every candidate on machines of `shapes`, under `engines` or those that a plan tries."""
        self.models = models
        self.request = request
        self.inventory = inventory
        self.configurations = [
            Configurations(model, engine, request) for model in models for engine in engines or wanted_engines(request)
        ]
        wanted = request.tensor_parallel_size
        self._tensor_parallel_sizes = {
            id(table): tuple(
                size for size in table.engine.tensor_parallel_sizes(table.model) if not wanted or size in wanted
            )
            for table in self.configurations
        }
        self._demand = Demand(
            work=typical_work(request),
            objective=request.objective,
            allow_tight=request.allow_tight,
            min_tokens_per_second=request.min_tokens_per_second,
            max_ttft_seconds=request.max_ttft_seconds,
            max_tpot_seconds=request.max_tpot_seconds,
        )
        self._places: dict[Shape, list[Place]] = {shape: [] for shape in shapes}
        for table in self.configurations:
            self._lay_out(table)

    def best(self, shape: Shape, *, uses_all: bool = False) -> Candidate | None:
        """Return the candidate that an expert would run on machines of this shape, None where nothing fits.

        Here and below `uses_all` leaves out what would not use every GPU.
        """
        bests: list[Spot] = [
            ((grid, position), *pair)
            for grid, position in self._places_on(shape, uses_all=uses_all)
            if (pair := grid.best_pairs[position]) is not None
        ]
        return self.candidate(min(bests, key=self._preference)) if bests else None

    def _places_on(self, shape: Shape, *, uses_all: bool) -> list[Place]:
        places = self._places[shape]
        return [place for place in places if place[0].layout.gpu_count == shape[1]] if uses_all else places

    def fitting_scores(self, shape: Shape, *, uses_all: bool = False) -> Scores:
        """Return the score of every candidate that fits machines of this shape."""
        found = [
            grid.scores[position][grid.fits[position]] for grid, position in self._places_on(shape, uses_all=uses_all)
        ]
        return np.concatenate((np.empty(0), *found))

    def fitting(self, shape: Shape, *, where: Callable[[Scores], Mask], uses_all: bool = False) -> list[Candidate]:
        """Return every candidate that fits machines of this shape and has a score `where` says so, preferred first."""
        found = [
            self.candidate(((grid, position), row, column))
            for grid, position in self._places_on(shape, uses_all=uses_all)
            for row, column in np.argwhere(grid.fits[position] & where(grid.scores[position])).tolist()
        ]
        return sorted(found, key=lambda candidate: candidate.preference)

    def fallen(self, reason: Reason, shapes: Iterable[Shape]) -> Fallen:
        """Return the candidates on `shapes` that fell for `reason`; nearest on the fewest GPUs, among equals."""
        count = 0
        nearest: tuple[float, int] = (-np.inf, 0)
        found: tuple[Place, int] | None = None
        for shape in shapes:
            for place in self._places[shape]:
                grid, position = place
                summary = grid.summary(reason)
                count += summary.counts[position]
                missed_by = summary.headrooms[position], -shape[1]
                if summary.counts[position] and missed_by > nearest:
                    nearest = missed_by
                    found = place, summary.indices[position]
        if found is None:
            return Fallen(count=0, nearest=None, gpu_count=0)
        row, column = divmod(found[1], found[0][0].noise.shape[1])
        return Fallen(count=count, nearest=self.candidate((found[0], row, column)), gpu_count=-nearest[1])

    def count_below_floor(self, shapes: Iterable[Shape]) -> int:
        """Return how many candidates run but are left out for their quality."""
        return sum(
            table.count_below_floor(self.inventory.gpus[shape[0]]) * len(self._layouts(table, shape))
            for shape in shapes
            for table in self.configurations
        )

    def without_layout(self, shapes: Iterable[Shape]) -> int:
        """Return how many configurations no tensor parallel size of the request can lay out on these shapes."""
        return sum(
            sum(table.tier_ranks.size for table in self.configurations)
            - sum({id(grid.table): grid.table.tier_ranks.size for grid, _ in self._places[shape]}.values())
            for shape in shapes
        )

    def _lay_out(self, table: Configurations) -> None:
        if not table.tier_ranks.size:
            return
        by_layout: dict[Layout, dict[int, list[Shape]]] = {}
        for shape in self._places:
            for layout in self._layouts(table, shape):
                by_layout.setdefault(layout, {}).setdefault(shape[0], []).append(shape)
        for layout, shapes_by_gpu in by_layout.items():
            gpus = [self.inventory.gpus[index] for index in shapes_by_gpu]
            grid = Grid(table, layout, gpus, demand=self._demand)
            for position, shapes in enumerate(shapes_by_gpu.values()):
                for shape in shapes:
                    self._places[shape].append((grid, position))

    def _layouts(self, table: Configurations, shape: Shape) -> tuple[Layout, ...]:
        return layouts(
            self._tensor_parallel_sizes[id(table)],
            gpu_count=shape[1],
            batch=self.request.batch,
            max_sequences=table.engine.max_sequences,
        )

    def fastest_of_tiers(self, shape: Shape, *, uses_all: bool = False) -> dict[int, tuple[float, Spot]]:
        """Return the fastest candidate of each tier on machines of this shape: what one user gets, and where it is."""
        found: dict[int, tuple[float, Spot]] = {}
        for grid, position in self._places_on(shape, uses_all=uses_all):
            for rank, (speeds, indices) in enumerate(grid.fastest_of_tiers):
                if speeds[position] > found.get(rank, (0.0, None))[0]:
                    row, column = divmod(indices[position], grid.noise.shape[1])
                    found[rank] = speeds[position], ((grid, position), row, column)
        return found

    def candidate(self, spot: Spot) -> Candidate:
        """Return the candidate at a place's row and column."""
        (grid, position), row, column = spot
        table, layout = grid.table, grid.layout
        headroom = int(grid.headroom[position, row, column])
        noise = int(grid.noise[position, column])
        return Candidate(
            deployment=Deployment(
                model=table.model,
                weight_format=table.weight_formats[row],
                kv_cache_dtype=table.kv_cache_dtypes[column],
                gpu=grid.gpus[position],
                context=self.request.context,
                batch=layout.batch,
                tensor_parallel_size=layout.tensor_parallel_size,
                replicas=layout.replicas,
            ),
            configurations=table,
            row=row,
            headroom_bytes=headroom,
            noise_bytes=noise,
            score=float(grid.scores[position, row, column]),
            spot=spot,
            preference=self._preference(spot),
        )

    def _preference(self, spot: Spot) -> tuple[float, ...]:
        (grid, position), row, column = spot
        table, layout = grid.table, grid.layout
        headroom = int(grid.headroom[position, row, column])
        return (
            float(headroom < int(grid.noise[position, column])),
            float(grid.scores[position, row, column]),
            float(table.tier_ranks[row, column]),
            float(not table.published[row]),
            float(self.request.batch > BATCHING_MATTERS_ABOVE and not table.engine.batches),
            float(grid.bytes_read[row, column]),
            float(-headroom),
            float(self.configurations.index(table)),
            float(row),
            float(column),
            float(layout.tensor_parallel_size),
        )
