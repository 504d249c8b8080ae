"""Why deployments fell: counted by reason, with the nearest miss and the smallest change that would help."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from planner.capacity import max_batch, max_context
from planner.engines import Deployment
from planner.engines.registry import ALL_ENGINES
from planner.facts import kv_cache_dtypes
from planner.inventory import Shape
from planner.nearest_miss import candidate_miss
from planner.offer_rejections import offer_rejections
from planner.plan import Change, NearestMiss, Rejection
from planner.scope import Scope
from planner.search import Candidate, Fallen, Search
from planner.speed_rejections import too_slow
from planner.units import GIB
from planner.weight_format import TIERS


def rejections(search: Search, scope: Scope, *, today: dt.date) -> tuple[Rejection, ...]:
    """Return one rejection for each reason that made something fall, memory first."""
    cheapest = search.inventory.first_of_each_shape(scope.offers)
    shapes = sorted(cheapest, key=lambda shape: cheapest[shape])
    found = [
        *_fallen(search.fallen("does_not_fit", shapes), _does_not_fit),
        *_fallen(search.fallen("tight", shapes), _tight),
        *too_slow(search, shapes),
        *_fallen(_unable(search, shapes), _cannot_run),
        *_below_floor(search, scope, shapes),
        *_no_layout(search, shapes),
        *offer_rejections(search, scope, today=today),
    ]
    return tuple(found)


def _unable(search: Search, shapes: list[Shape]) -> Fallen:
    """What cannot run, below the floor too where the floor leaves nothing to try.

    The nearest is on the first of `shapes`, which are in order of price, where another engine would run it.
    """
    if not any(table.tier_ranks.size for table in search.configurations):
        search = _below(search, shapes)
    unable = search.fallen("cannot_run", shapes)
    for shape in shapes:
        one = search.fallen("cannot_run", [shape])
        if one.nearest is not None and _other_engine(one.nearest.deployment) is not None:
            return Fallen(count=unable.count, nearest=one.nearest, gpu_count=one.gpu_count)
    return unable


def _below(search: Search, shapes: Iterable[Shape]) -> Search:
    """The same search without a quality floor, on `shapes`."""
    return Search(search.models, replace(search.request, min_quality=TIERS[-1]), search.inventory, shapes=shapes)


def _fallen(fallen: Fallen, describe: Callable[[int, int, Candidate], Rejection]) -> Iterable[Rejection]:
    if fallen.nearest is not None:
        yield describe(fallen.count, fallen.gpu_count, fallen.nearest)


def _memory_miss(candidate: Candidate, gpu_count: int) -> NearestMiss:
    usable = candidate.deployment.gpu.memory_bytes
    needed = usable - candidate.headroom_bytes + candidate.noise_bytes
    return candidate_miss(candidate, gpu_count, needed=needed, available=usable, unit="bytes")


def _does_not_fit(count: int, gpu_count: int, candidate: Candidate) -> Rejection:
    short = (candidate.noise_bytes - candidate.headroom_bytes) / GIB
    return Rejection(
        reason="does_not_fit",
        count=count,
        of="deployments",
        message=f"they need more memory than the GPU has; the nearest is {short:.2f} GiB short, margin included",
        nearest=_memory_miss(candidate, gpu_count),
        smallest_change=_shrink(candidate, gpu_count),
    )


def _tight(count: int, gpu_count: int, candidate: Candidate) -> Rejection:
    left = max(0, candidate.headroom_bytes) / GIB
    return Rejection(
        reason="tight",
        count=count,
        of="deployments",
        message=f"whether they fit is inside the measured noise; the nearest leaves {left:.2f} GiB of the "
        f"{candidate.noise_bytes / GIB:.2f} GiB that a fit must keep",
        nearest=_memory_miss(candidate, gpu_count),
        smallest_change=_shrink(candidate, gpu_count),
    )


def _shrink(candidate: Candidate, gpu_count: int) -> Change | None:
    """The smaller of two cuts, in proportion: of the context at this batch, or of the batch at this context."""
    deployment = candidate.deployment
    engine = candidate.configurations.engine
    context = max_context(engine, deployment)
    batch = max_batch(engine, deployment, gpu_count=gpu_count)
    asked = deployment.batch * deployment.replicas
    if not context and not batch:
        return None
    if context / deployment.context >= batch / asked:
        return Change(field="context", value=context, message=f"shorten the context to {context:,} tokens")
    return Change(field="batch", value=batch, message=f"lower the batch to {batch:,}")


def _cannot_run(count: int, gpu_count: int, candidate: Candidate) -> Rejection:
    deployment = candidate.deployment
    engine = candidate.configurations.engine
    support = engine.supports(deployment.weight_format, deployment.kv_cache_dtype, deployment.gpu)
    return Rejection(
        reason="cannot_run",
        count=count,
        of="deployments",
        message=f"the engine does not run them on that GPU; for one: {support.reason}",
        nearest=candidate_miss(candidate, gpu_count, needed=support.reason, available=engine.engine, unit="engine"),
        smallest_change=_other_engine(deployment),
    )


def _other_engine(deployment: Deployment) -> Change | None:
    for name, engine in ALL_ENGINES.items():
        for dtype in kv_cache_dtypes().values():
            if engine.supports(deployment.weight_format, dtype, deployment.gpu).runs:
                words = (
                    f"{deployment.weight_format.weight_format} runs under {name} with {dtype.kv_cache_dtype} KV cache"
                )
                return Change(field="engine", value=name, message=words)
    return None


def _below_floor(search: Search, scope: Scope, shapes: list[Shape]) -> Iterable[Rejection]:
    """The nearest miss is the cheapest offer on which a lower floor would give something, if it is below the plan's."""
    count = search.count_below_floor(shapes)
    if not count:
        return
    floor = search.request.min_quality
    cheaper = list(itertools.takewhile(lambda shape: search.best(shape) is None, shapes))
    lower = _below(search, cheaper)
    shape, candidate = next(
        ((shape, best) for shape in cheaper if (best := lower.best(shape)) is not None), ((0, 0), None)
    )
    nearest = change = None
    if candidate is not None:
        offer = search.inventory.offers[search.inventory.first_of_each_shape(scope.offers)[shape]]
        nearest = replace(
            candidate_miss(candidate, offer.gpu_count, needed=floor, available=candidate.tier, unit="tier"),
            offer_id=offer.offer_id,
        )
        words = (
            f"accept {candidate.tier} quality: {candidate.deployment.gpu.name} at {offer.usd_per_hour:g} USD an hour"
        )
        change = Change(field="min_quality", value=candidate.tier, message=words)
    yield Rejection(
        reason="below_quality_floor",
        count=count,
        of="deployments",
        message=f"their quality is below {floor}",
        nearest=nearest,
        smallest_change=change,
    )


def _no_layout(search: Search, shapes: list[Shape]) -> Iterable[Rejection]:
    request = search.request
    count = search.without_layout(shapes) if request.tensor_parallel_size else 0
    if count:
        most = max(gpu_count for _, gpu_count in shapes)
        sizes = ", ".join(str(size) for size in request.tensor_parallel_size)
        yield Rejection(
            reason="no_layout",
            count=count,
            of="deployments",
            message=f"tensor_parallel_size {sizes} divides neither their GPUs nor the model under that engine",
            nearest=NearestMiss(needed=min(request.tensor_parallel_size), available=most, unit="gpus"),
            smallest_change=Change(field="tensor_parallel_size", value=1, message="run without tensor parallel"),
        )
