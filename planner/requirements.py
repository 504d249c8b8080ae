"""What each weight format and KV cache dtype needs, no GPU given, and the smallest GPUs that hold it."""

import itertools

from msgspec import Struct

from planner.configurations import Configurations
from planner.engines import Deployment, card_spare_bytes, memory
from planner.fit import as_plan_request, asked_engines, too_many_sequences
from planner.fit_request import FitRequest
from planner.gpu import Gpu
from planner.grids import Grid, Layout
from planner.inventory import Inventory
from planner.memory import Memory
from planner.plan import PlannedModel
from planner.planned_model import find_planned_models
from planner.weight_format import TIERS

_SHOWN = 3


class SmallGpu(Struct, frozen=True, kw_only=True):
    """A GPU that holds it, and its memory part by part."""

    gpu_id: str
    name: str
    memory: Memory


class Requirement(Struct, frozen=True, kw_only=True):
    """What one pair of formats takes under one engine on a single GPU, in bytes.

    `overhead_bytes` (activations, graphs, runtime) depends on the GPU: it is that of the smallest one that holds it, or
    of the largest there is where none does. `needed_bytes` is the sum with weights and cache.
    """

    model_id: str
    engine: str
    engine_version: str
    weight_format: str
    kv_cache_dtype: str
    tier: str
    weights_bytes: int
    kv_cache_bytes: int
    overhead_bytes: int
    needed_bytes: int
    smallest_gpus: tuple[SmallGpu, ...]


class Requirements(Struct, frozen=True, kw_only=True, tag_field="outcome", tag="requirements"):
    """All pairs at one context and batch, those that need least first."""

    request: FitRequest
    model: PlannedModel
    requirements: tuple[Requirement, ...]


def requirements(request: FitRequest, inventory: Inventory) -> Requirements:
    """Return what every pair of formats that `request` allows needs at its context and batch on one GPU.

    Intel's GPUs are left out: nothing is measured on them. Raises InvalidRequest for a wrong engine setting, and for a
    batch that no engine asked for schedules together.
    """
    gpus = sorted(
        (gpu for gpu in inventory.gpus if gpu.vendor != "intel"), key=lambda gpu: (gpu.memory_bytes, gpu.gpu_id)
    )
    model, specs = find_planned_models(request.model, request.config, inventory.models)
    planned = as_plan_request(request)
    engines = asked_engines(request)
    able = [engine for engine in engines if engine.max_sequences is None or request.batch <= engine.max_sequences]
    if not able:
        raise too_many_sequences(request.batch, max(engine.max_sequences or 0 for engine in engines))
    tables = [Configurations(spec, engine, planned) for spec in specs for engine in able]
    found = [requirement for table in tables for requirement in _of_table(table, request, gpus)]
    return Requirements(
        request=request,
        model=model,
        requirements=tuple(sorted(found, key=lambda one: (one.needed_bytes, one.engine, one.weight_format))),
    )


def _of_table(table: Configurations, request: FitRequest, gpus: list[Gpu]) -> list[Requirement]:
    if not table.tier_ranks.size or not gpus:
        return []
    whole = Layout(tensor_parallel_size=1, replicas=1, batch=request.batch, sequences=request.batch)
    grid = Grid(table, whole, gpus)
    found: list[Requirement] = []
    for row, column in itertools.product(range(len(table.weight_formats)), range(len(table.kv_cache_dtypes))):
        fits: list[bool] = grid.fits[:, row, column].tolist()
        runs: list[bool] = grid.runs[:, row, column].tolist()
        able = itertools.compress(gpus, fits)
        holding = list(
            itertools.islice((gpu for gpu in able if _holds(table, request, gpu, row=row, column=column)), _SHOWN)
        )
        running = list(itertools.compress(gpus, runs))
        if not running:
            continue
        shown = [(gpu, _memory_on(table, request, gpu, row=row, column=column)) for gpu in holding or running[-1:]]
        needed = shown[0][1]
        found.append(
            Requirement(
                model_id=table.model.model_id,
                engine=table.engine.engine,
                engine_version=table.engine.engine_version,
                weight_format=table.weight_formats[row].weight_format,
                kv_cache_dtype=table.kv_cache_dtypes[column].kv_cache_dtype,
                tier=TIERS[int(table.tier_ranks[row, column])],
                weights_bytes=needed.weights_bytes,
                kv_cache_bytes=needed.kv_cache_bytes,
                overhead_bytes=needed.needed_bytes - needed.weights_bytes - needed.kv_cache_bytes,
                needed_bytes=needed.needed_bytes,
                smallest_gpus=tuple(
                    SmallGpu(gpu_id=gpu.gpu_id, name=gpu.name, memory=held) for gpu, held in shown if holding
                ),
            )
        )
    return found


def _holds(table: Configurations, request: FitRequest, gpu: Gpu, *, row: int, column: int) -> bool:
    """Return whether the card is no further limit; only settings that a request gives can make it one."""
    if not request.engine_settings:
        return True
    return card_spare_bytes(table.engine, _deploy(table, request, gpu, row=row, column=column)) >= 0


def _memory_on(table: Configurations, request: FitRequest, gpu: Gpu, *, row: int, column: int) -> Memory:
    return memory(table.engine, _deploy(table, request, gpu, row=row, column=column))


def _deploy(table: Configurations, request: FitRequest, gpu: Gpu, *, row: int, column: int) -> Deployment:
    return Deployment(
        model=table.model,
        weight_format=table.weight_formats[row],
        kv_cache_dtype=table.kv_cache_dtypes[column],
        gpu=gpu,
        context=request.context,
        batch=request.batch,
    )
