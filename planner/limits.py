"""The frontier of context against batch on one machine, for every weight format that runs on it."""

from collections.abc import Callable, Iterable
from itertools import groupby

from msgspec import Struct

from planner.engines import Engine, margin_bytes
from planner.facts import kv_cache_dtypes, weight_formats, weight_quality
from planner.fit import asked_engines
from planner.fit_request import FitRequest
from planner.inventory import Inventory
from planner.kv_cache import KvCacheDtype
from planner.machines import Machine, find_machines
from planner.memory import NOISE_BYTES
from planner.model import ModelSpec
from planner.options import summarize_gpu
from planner.plan import GpuSummary, PlannedModel
from planner.planned_model import find_planned_models
from planner.request import MAX_BATCH
from planner.weight_format import WeightFormat, lower_tier

CONTEXTS = tuple(1 << power for power in range(11, 18))
BATCHES = tuple(1 << power for power in range(8))


class BatchLimit(Struct, frozen=True, kw_only=True):
    """The most sequences of `context` tokens each; 0 where not even one fits."""

    context: int
    max_batch: int


class ContextLimit(Struct, frozen=True, kw_only=True):
    """The most tokens of each of `batch` sequences; 0 where none fits."""

    batch: int
    max_context: int


class Frontier(Struct, frozen=True, kw_only=True):
    """What one weight format allows under one engine on all GPUs of the machine, with the verdict `fits`.

    With several GPUs, `tensor_parallel_size` is the one that holds most.
    """

    model_id: str
    engine: str
    engine_version: str
    weight_format: str
    kv_cache_dtype: str
    tier: str
    tensor_parallel_size: int
    batches: tuple[BatchLimit, ...]
    contexts: tuple[ContextLimit, ...]


class MachineLimits(Struct, frozen=True, kw_only=True):
    """The frontiers of one machine, in the order of models, engines and formats."""

    gpu: GpuSummary
    gpu_count: int
    instance_type: str | None
    frontiers: tuple[Frontier, ...]
    warnings: tuple[str, ...]


class Limits(Struct, frozen=True, kw_only=True, tag_field="outcome", tag="limits"):
    """The frontiers of every machine that a request names."""

    request: FitRequest
    model: PlannedModel
    machines: tuple[MachineLimits, ...]


def limits(request: FitRequest, inventory: Inventory) -> Limits:
    """Return the frontiers of every machine that `request` names; its context and batch make no difference.

    Raises UnknownGpu, and InvalidRequest for an instance type that no offer has.
    """
    model, specs = find_planned_models(request.model, request.config, inventory.models)
    machines = find_machines(request, inventory)
    return Limits(
        request=request,
        model=model,
        machines=tuple(_machine_limits(request, machine, specs) for machine in machines),
    )


def _machine_limits(request: FitRequest, machine: Machine, models: list[ModelSpec]) -> MachineLimits:
    frontiers = [
        frontier
        for model in models
        for engine in asked_engines(request)
        for dtype in kv_cache_dtypes().values()
        if dtype.kv_cache_dtype in request.kv_cache_dtype and engine.engine in dtype.engines
        for frontier in _frontiers(request, machine, model, engine, dtype)
    ]
    return MachineLimits(
        gpu=summarize_gpu(machine.gpu),
        gpu_count=machine.gpu_count,
        instance_type=machine.instance_type,
        frontiers=tuple(frontiers),
        warnings=machine.warnings,
    )


def _frontiers(
    request: FitRequest, machine: Machine, model: ModelSpec, engine: Engine, dtype: KvCacheDtype
) -> list[Frontier]:
    formats = [
        format_
        for format_ in weight_formats().values()
        if (not request.weight_format or format_.weight_format in request.weight_format)
        and (not request.weight_bits or format_.weight_bits in request.weight_bits)
        and engine.supports(format_, dtype, machine.gpu).runs
    ]
    sizes = [
        size
        for size in engine.tensor_parallel_sizes(model)
        if size <= machine.gpu_count and (not request.tensor_parallel_size or size in request.tensor_parallel_size)
    ]
    has_settings = bool(request.engine_settings)
    tables = [
        _Room(model, engine, dtype, machine, tensor_parallel_size=size, has_settings=has_settings).frontiers(formats)
        for size in sizes
    ]
    return [max(rows, key=_area) for rows in zip(*tables, strict=True)]


def _area(frontier: Frontier) -> int:
    return sum(limit.context * limit.max_batch for limit in frontier.batches)


class _Room:
    """The room for weights on one GPU at every context and batch, in one layout; each is computed once."""

    def __init__(
        self,
        model: ModelSpec,
        engine: Engine,
        dtype: KvCacheDtype,
        machine: Machine,
        *,
        tensor_parallel_size: int,
        has_settings: bool,
    ) -> None:
        self._model = model
        self._engine = engine
        self._dtype = dtype
        self._machine = machine
        self._size = tensor_parallel_size
        self._replicas = machine.gpu_count // tensor_parallel_size
        self._has_settings = has_settings
        self._rooms: dict[tuple[int, int], int] = {}

    def room(self, context: int, batch: int) -> int:
        """Return the bytes that weights may take where one replica holds `batch` sequences of `context` tokens."""
        key = context, batch
        if key not in self._rooms:
            cache = self._engine.kv_cache_bytes(
                self._model, self._dtype, context=context, batch=batch, tensor_parallel_size=self._size
            )
            overhead = self._engine.overhead(
                self._model,
                self._dtype,
                self._machine.gpu,
                context=context,
                batch=batch,
                tensor_parallel_size=self._size,
            )
            margin = margin_bytes(self._engine, self._machine.gpu, kv_cache_bytes=cache)
            room = self._machine.gpu.memory_bytes - cache - overhead.total_bytes - margin
            self._rooms[key] = room if self._settings_hold(context, batch, cache) else -1
        return self._rooms[key]

    def _settings_hold(self, context: int, batch: int, cache_bytes: int) -> bool:
        """Return whether cache and card are no further limits; only settings that a request gives can make them so."""
        if not self._has_settings:
            return True
        budget = self._engine.budget(
            self._model,
            self._dtype,
            self._machine.gpu,
            context=context,
            batch=batch,
            tensor_parallel_size=self._size,
        )
        if budget.cache_limit_bytes is not None:
            return cache_bytes <= budget.cache_limit_bytes
        outside = budget.limit_bytes + budget.outside_bytes + NOISE_BYTES
        return not budget.fills_limit or outside <= self._machine.gpu.memory_bytes

    def frontiers(self, formats: Iterable[WeightFormat]) -> list[Frontier]:
        """Return the frontier of each format, in the order given."""
        weights = {
            format_.weight_format: self._engine.weights_bytes(self._model, format_, tensor_parallel_size=self._size)
            for format_ in formats
        }
        most_context = self._model.max_position_embeddings
        most_batch = min(MAX_BATCH, self._engine.max_sequences or MAX_BATCH)
        contexts = [context for context in CONTEXTS if context <= most_context]
        batches = {
            context: _largest(weights.values(), lambda batch, context=context: self.room(context, batch), most_batch)
            for context in contexts
        }
        per_replica = {batch: -(-batch // self._replicas) for batch in BATCHES}
        lengths = {
            held: _largest(weights.values(), lambda context, held=held: self.room(context, held), most_context)
            for held in dict.fromkeys(per_replica.values())
        }
        return [
            Frontier(
                model_id=self._model.model_id,
                engine=self._engine.engine,
                engine_version=self._engine.engine_version,
                weight_format=format_.weight_format,
                kv_cache_dtype=self._dtype.kv_cache_dtype,
                tier=lower_tier(weight_quality(self._model, format_).tier, self._dtype.tier),
                tensor_parallel_size=self._size,
                batches=tuple(
                    BatchLimit(
                        context=context, max_batch=self._replicas * batches[context][weights[format_.weight_format]]
                    )
                    for context in contexts
                ),
                contexts=tuple(
                    ContextLimit(batch=batch, max_context=lengths[per_replica[batch]][weights[format_.weight_format]])
                    for batch in BATCHES
                ),
            )
            for format_ in formats
        ]


def _largest(weights: Iterable[int], room: Callable[[int], int], most: int) -> dict[int, int]:
    """Return, for each of `weights`, the largest value up to `most` that leaves room for them; 0 where none does.

    The heaviest first: what holds them holds the lighter ones too, so each search starts where the last one ended.
    """
    found: dict[int, int] = {}
    value = 0
    for weight, _ in groupby(sorted(weights, reverse=True)):
        value = _advance(value, lambda candidate, weight=weight: room(candidate) >= weight, most)
        found[weight] = value
    return found


def _advance(value: int, fits: Callable[[int], bool], most: int) -> int:
    """Return the largest value from `value` (fits, or is 0) to `most` that fits, by growing steps, then halving."""
    step = 1
    while value + step <= most and fits(value + step):
        value += step
        step *= 2
    while step > 1:
        step //= 2
        if value + step <= most and fits(value + step):
            value += step
    return value
