"""Does it fit: one machine, one thing to run on it, and what would make it fit."""

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import Struct

from planner.capacity import max_batch, max_context
from planner.configurations import wanted_engines
from planner.engines import Engine, Launch, MemoryTest, few_cases, kv_token_capacity, memory, tests_of, verdict
from planner.engines.registry import make_engine
from planner.errors import InvalidRequest
from planner.fit_changes import changes
from planner.fit_request import FitRequest
from planner.fit_speed import fit_speed, fit_speed_by_batch
from planner.gpu import Gpu
from planner.inventory import Inventory
from planner.load import typical_work
from planner.machines import Machine, find_machines
from planner.model import ModelSpec
from planner.options import few_cases_warning, summarize_gpu, summarize_quality
from planner.plan import Change, GpuSummary, OptionMemory, PlannedModel
from planner.planned_model import find_planned_models
from planner.quality import Quality
from planner.request import PlanRequest
from planner.search import Candidate, Search
from planner.speed import Speed, SpeedAtBatch, Work
from planner.weight_format import TIERS, Checkpoint


class Judgement(Struct, frozen=True, kw_only=True):
    """Whether one deployment fits one machine, with its working.

    `verdict` is `fits`, `tight` (within the measured noise), `does_not_fit` or `cannot_run` (`reason` says why).
    `tests` are the two limits of a GPU: the engine's own budget and the physical card; the verdict is the worse of
    both. `max_context` holds at this batch, `max_batch` at this context on all of the machine's GPUs;
    `kv_token_capacity` is what all replicas together could cache, `kv_cache_bytes_per_token` what one token takes on
    all GPUs of a replica, without an engine's rounding. `speed` is that at this context and batch. `changes` lists the
    smallest change of each kind that would make it fit, empty where it does.
    """

    verdict: str
    reason: str
    gpu: GpuSummary
    gpu_count: int
    instance_type: str | None
    model_id: str
    checkpoint: Checkpoint
    basis: Literal["measured", "modelled"]
    engine: str
    engine_version: str
    weight_format: str
    kv_cache_dtype: str
    tensor_parallel_size: int
    replicas: int
    memory: OptionMemory
    tests: tuple[MemoryTest, ...]
    max_context: int
    max_batch: int
    kv_token_capacity: int
    kv_cache_bytes_per_token: float
    quality: Quality
    speed: Speed
    launch: Launch
    changes: tuple[Change, ...]
    warnings: tuple[str, ...]


class Fit(Judgement, frozen=True, kw_only=True, tag_field="outcome", tag="judgement"):
    """The judgement of a request's first machine, and of the others where its name means several.

    `load` is the typical prompt and answer that speed is figured for; `speed_by_batch` the speed of the first machine
    from one sequence to its `max_batch`, by doubling.
    """

    request: FitRequest
    load: Work
    model: PlannedModel
    speed_by_batch: tuple[SpeedAtBatch, ...]
    others: tuple[Judgement, ...]


def fit(request: FitRequest, inventory: Inventory) -> Fit:
    """Return whether what `request` asks for fits its machine, for each machine that the name means.

    Formats and engine left open are chosen as a plan would choose them on that machine; where nothing fits, the one
    that misses by least is shown. Raises UnknownGpu, and InvalidRequest for an instance type that no offer has.
    """
    model, specs = find_planned_models(request.model, request.config, inventory.models)
    load = typical_work(as_plan_request(request))
    machines = find_machines(request, inventory)
    candidates = [_choose(request, machine, specs) for machine in machines]
    first, *others = (
        _judge(request, machine, candidate, inventory.gpus)
        for machine, candidate in zip(machines, candidates, strict=True)
    )
    fields: dict[str, Any] = {name: getattr(first, name) for name in Judgement.__struct_fields__}
    return Fit(
        **fields,
        request=request,
        load=load,
        model=model,
        speed_by_batch=fit_speed_by_batch(
            candidates[0], request, gpu_count=first.gpu_count, max_batch=first.max_batch, work=load
        ),
        others=tuple(others),
    )


def judge(request: FitRequest, machine: Machine, models: list[ModelSpec], gpus: Iterable[Gpu]) -> Judgement:
    """Return whether one of `models` fits `machine` as `request` asks; `gpus` are those to take where it does not."""
    return _judge(request, machine, _choose(request, machine, models), gpus)


def _judge(request: FitRequest, machine: Machine, candidate: Candidate, gpus: Iterable[Gpu]) -> Judgement:
    deployment, engine = candidate.deployment, candidate.configurations.engine
    support = engine.supports(deployment.weight_format, deployment.kv_cache_dtype, deployment.gpu)
    checkpoint = candidate.configurations.checkpoints[candidate.row]
    needed = memory(engine, deployment)
    found = verdict(engine, deployment) if support.runs else "cannot_run"
    few = few_cases(engine, machine.gpu)
    warnings = (*machine.warnings, *filter(None, (support.note, few and few_cases_warning(few))))
    return Judgement(
        verdict=found,
        reason=support.reason,
        gpu=summarize_gpu(machine.gpu),
        gpu_count=machine.gpu_count,
        instance_type=machine.instance_type,
        model_id=deployment.model.model_id,
        checkpoint=checkpoint,
        basis="measured" if support.measured else "modelled",
        engine=engine.engine,
        engine_version=engine.engine_version,
        weight_format=deployment.weight_format.weight_format,
        kv_cache_dtype=deployment.kv_cache_dtype.kv_cache_dtype,
        tensor_parallel_size=deployment.tensor_parallel_size,
        replicas=deployment.replicas,
        memory=OptionMemory(per_gpu=needed),
        tests=tests_of(engine, deployment),
        max_context=max_context(engine, deployment) if support.runs else 0,
        max_batch=max_batch(engine, deployment, gpu_count=machine.gpu_count) if support.runs else 0,
        kv_token_capacity=kv_token_capacity(engine, deployment) * deployment.replicas if support.runs else 0,
        kv_cache_bytes_per_token=deployment.model.kv_elements_per_token
        * deployment.kv_cache_dtype.bits_per_element
        / 8,
        quality=summarize_quality(candidate),
        speed=fit_speed(candidate, request, verdict=found),
        launch=engine.launch(deployment, checkpoint),
        changes=() if found == "fits" else changes(engine, deployment, machine.gpu_count, gpus),
        warnings=warnings,
    )


def _choose(request: FitRequest, machine: Machine, models: list[ModelSpec]) -> Candidate:
    """Return what a plan would run on `machine`, or what misses by least: in memory, else by not running at all."""
    shape = (0, machine.gpu_count)
    search = Search(
        models,
        as_plan_request(request),
        Inventory(revision=0, gpus=[machine.gpu], offers=[]),
        shapes=[shape],
        engines=asked_engines(request),
    )
    best = search.best(shape)
    fallen = (search.fallen(reason, [shape]).nearest for reason in ("tight", "does_not_fit", "cannot_run"))
    found = best or next((nearest for nearest in fallen if nearest is not None), None)
    if found is None:
        raise _nothing_to_judge(search, machine)
    return found


def as_plan_request(request: FitRequest) -> PlanRequest:
    """Return the conditions of `request` that a plan has too."""
    return PlanRequest(
        context=request.context,
        batch=request.batch,
        model=request.model,
        config=request.config,
        weight_format=request.weight_format,
        weight_bits=request.weight_bits,
        kv_cache_dtype=request.kv_cache_dtype,
        engine=request.engine,
        tensor_parallel_size=request.tensor_parallel_size,
        min_quality=_floor(request),
        prompt_tokens=request.prompt_tokens,
        output_tokens=request.output_tokens,
    )


def _nothing_to_judge(search: Search, machine: Machine) -> InvalidRequest:
    """Say why there is not one candidate: no format is left, or no layout of the GPUs."""
    if not any(table.tier_ranks.size for table in search.configurations):
        return InvalidRequest(
            "No weight format and KV cache dtype are left that were asked for and that an engine asked for knows.",
            code="invalid_weight_format",
            field="weight_format",
            allowed="formats that one engine knows, at the quality asked for",
        )
    sizes = sorted(
        {size for table in search.configurations for size in table.engine.tensor_parallel_sizes(table.model)}
    )
    wanted = search.request.tensor_parallel_size or sizes
    smallest = min((size for size in sizes if size in wanted and size <= machine.gpu_count), default=None)
    if smallest is not None:
        most = max(table.engine.max_sequences or 0 for table in search.configurations) * (machine.gpu_count // smallest)
        return too_many_sequences(search.request.batch, most)
    return InvalidRequest(
        f"No such tensor parallel size can be laid out on {machine.gpu_count} GPUs under that engine.",
        code="invalid_tensor_parallel_size",
        field="tensor_parallel_size",
        allowed=f"{', '.join(map(str, sizes))}, within the machine's {machine.gpu_count} GPUs",
        nearest=sizes[:1],
    )


def too_many_sequences(batch: int, most: int) -> InvalidRequest:
    """Return the error for a batch above what the engine schedules together on the machine."""
    return InvalidRequest(
        f"batch is {batch:,}, more sequences than the engine schedules together here: {most:,}.",
        code="invalid_batch",
        field="batch",
        allowed=f"1 to {most:,} under this engine and its settings",
        nearest=(most,),
    )


def _floor(request: FitRequest) -> str:
    """What is named is judged whatever its quality."""
    is_named = bool(request.weight_format) or "kv_cache_dtype" not in request.assumed
    return TIERS[-1] if is_named else request.min_quality


def asked_engines(request: FitRequest) -> list[Engine]:
    """Return the engines that `request` names, of its version and with its settings; else those of a plan.

    A version without an engine is vLLM's. Raises InvalidRequest for a version without rules or a wrong setting.
    """
    if not request.engine_settings and request.engine_version is None:
        return wanted_engines(as_plan_request(request))
    return [
        make_engine(name, engine_version=request.engine_version, settings=dict(request.engine_settings))
        for name in request.engine or ("vllm",)
    ]
