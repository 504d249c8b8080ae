"""Why candidates and offers fell: counted by reason, with the nearest miss and the smallest change that would help."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable

import numpy as np
from msgspec.structs import replace

from planner.capacity import max_batch, max_context
from planner.engines import Deployment
from planner.engines.registry import ENGINES
from planner.facts import kv_cache_dtypes
from planner.inventory import Indices, Shape
from planner.plan import Change, NearestMiss, Rejection
from planner.request import PlanRequest
from planner.scope import Scope
from planner.search import Candidate, Fallen, Search
from planner.units import GIB, HOURS_PER_MONTH
from planner.weight_format import TIERS


def rejections(search: Search, scope: Scope, *, today: dt.date) -> tuple[Rejection, ...]:
    """Return one rejection for each reason that made something fall, memory first."""
    shapes = list(search.inventory.first_of_each_shape(scope.offers))
    found = [
        *_fallen(search.does_not_fit(shapes), _does_not_fit),
        *_fallen(search.tight(shapes), _tight),
        *_fallen(_unable(search, shapes), _cannot_run),
        *_below_floor(search, scope, shapes),
        *_no_layout(search, shapes),
        *_too_dear(search, scope.too_dear),
        *_too_old(search, scope.too_old, today),
        *_indicative(search, scope.indicative),
        *_no_offers(search, scope, today),
    ]
    return tuple(found)


def _unable(search: Search, shapes: list[Shape]) -> Fallen:
    """What cannot run; where the floor leaves nothing to try, also what could not have run below it."""
    unable = search.cannot_run(shapes)
    if unable.count or any(table.tier_ranks.size for table in search.configurations):
        return unable
    return _below(search, shapes).cannot_run(shapes)


def _below(search: Search, shapes: Iterable[Shape]) -> Search:
    """The same search without a quality floor, on `shapes`."""
    return Search(search.models, replace(search.request, min_quality=TIERS[-1]), search.inventory, shapes=shapes)


def _fallen(fallen: Fallen, describe: Callable[[int, int, Candidate], Rejection]) -> Iterable[Rejection]:
    if fallen.nearest is not None:
        yield describe(fallen.count, fallen.gpu_count, fallen.nearest)


def _miss(
    candidate: Candidate, gpu_count: int, *, needed: float | str, available: float | str, unit: str
) -> NearestMiss:
    deployment = candidate.deployment
    return NearestMiss(
        model_id=deployment.model.model_id,
        gpu_id=deployment.gpu.gpu_id,
        gpu_count=gpu_count,
        tensor_parallel_size=deployment.tensor_parallel_size,
        engine=candidate.configurations.engine.engine,
        weight_format=deployment.weight_format.weight_format,
        kv_cache_dtype=deployment.kv_cache_dtype.kv_cache_dtype,
        needed=needed,
        available=available,
        unit=unit,
    )


def _memory_miss(candidate: Candidate, gpu_count: int) -> NearestMiss:
    usable = candidate.deployment.gpu.memory_bytes
    needed = usable - candidate.headroom_bytes + candidate.noise_bytes
    return _miss(candidate, gpu_count, needed=needed, available=usable, unit="bytes")


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
    return Rejection(
        reason="tight",
        count=count,
        of="deployments",
        message=f"they fit only inside the measured noise; the nearest leaves {candidate.headroom_bytes / GIB:.2f} GiB "
        f"of the {candidate.noise_bytes / GIB:.2f} GiB that a fit must keep",
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
        nearest=_miss(candidate, gpu_count, needed=support.reason, available=engine.engine, unit="engine"),
        smallest_change=_other_engine(deployment),
    )


def _other_engine(deployment: Deployment) -> Change | None:
    for name, engine in ENGINES.items():
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
    cheapest = search.inventory.first_of_each_shape(scope.offers)
    ascending = sorted(cheapest, key=lambda shape: cheapest[shape])
    cheaper = list(itertools.takewhile(lambda shape: search.best(shape) is None, ascending))
    lower = _below(search, cheaper)
    shape, candidate = next(
        ((shape, best) for shape in cheaper if (best := lower.best(shape)) is not None), ((0, 0), None)
    )
    nearest = change = None
    if candidate is not None:
        offer = search.inventory.offers[cheapest[shape]]
        nearest = replace(
            _miss(candidate, offer.gpu_count, needed=floor, available=candidate.tier, unit="tier"),
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


def _too_dear(search: Search, fallen: Indices) -> Iterable[Rejection]:
    if not fallen.size:
        return
    request = search.request
    hourly, monthly = request.max_usd_per_hour, request.max_usd_per_month
    by_month = hourly is None or (monthly is not None and monthly / HOURS_PER_MONTH < hourly)
    field, ceiling, hours = (
        ("max_usd_per_month", monthly, HOURS_PER_MONTH) if by_month else ("max_usd_per_hour", hourly, 1)
    )
    index = _first_fitting(search, sorted(search.inventory.first_of_each_shape(fallen).values()))
    change = None
    if index is not None:
        usd = _round_up_to_cents(search.inventory.offers[index].usd_per_hour * hours)
        change = Change(field=field, value=usd, message=f"raise {field} to {usd}")
    shown = int(fallen[0]) if index is None else index
    yield Rejection(
        reason="over_price_ceiling",
        count=int(fallen.size),
        of="offers",
        message=f"they cost more than {field} allows",
        nearest=_offer_miss(
            search,
            shown,
            needed=round(search.inventory.offers[shown].usd_per_hour * hours, 6),
            available=ceiling or 0.0,
            unit=field.removeprefix("max_"),
        ),
        smallest_change=change,
    )


def _too_old(search: Search, fallen: Indices, today: dt.date) -> Iterable[Rejection]:
    if not fallen.size:
        return
    youngest_first = fallen[np.argsort(-search.inventory.days[fallen], kind="stable")]
    index = _first_fitting(search, map(int, youngest_first))
    shown = int(youngest_first[0]) if index is None else index
    age = (today - search.inventory.offers[shown].as_of).days
    change = Change(field="max_price_age_days", value=age, message=f"accept prices up to {age} days old")
    yield Rejection(
        reason="price_too_old",
        count=int(fallen.size),
        of="offers",
        message=f"their prices are older than {search.request.max_price_age_days} days",
        nearest=_offer_miss(search, shown, needed=search.request.max_price_age_days or 0, available=age, unit="days"),
        smallest_change=None if index is None else change,
    )


def _indicative(search: Search, fallen: Indices) -> Iterable[Rejection]:
    if not fallen.size:
        return
    index = _first_fitting(search, sorted(search.inventory.first_of_each_shape(fallen).values()))
    shown = int(fallen[0]) if index is None else index
    change = Change(field="price_kind", value="any", message="plan on indicative prices too")
    yield Rejection(
        reason="indicative_price",
        count=int(fallen.size),
        of="offers",
        message="their prices are indicative: a marketplace's minimum, no machine named, or the host billed separately",
        nearest=_offer_miss(search, shown, needed="listed", available="indicative", unit="price_kind"),
        smallest_change=None if index is None else change,
    )


def _first_fitting(search: Search, indices: Iterable[int]) -> int | None:
    return next((index for index in indices if search.best(search.inventory.machines[index]) is not None), None)


def _offer_miss(search: Search, index: int, *, needed: float | str, available: float | str, unit: str) -> NearestMiss:
    offer = search.inventory.offers[index]
    return NearestMiss(
        gpu_id=offer.gpu_id,
        gpu_count=offer.gpu_count,
        offer_id=offer.offer_id,
        needed=needed,
        available=available,
        unit=unit,
    )


_CONDITIONS = (
    "region",
    "provider",
    "provider_kind",
    "gpu_count",
    "max_gpus",
    "gpu",
    "vendor",
    "exclude_class",
    "exclude_gpu",
    "exclude_vendor",
    "exclude_provider",
)


def _no_offers(search: Search, scope: Scope, today: dt.date) -> Iterable[Rejection]:
    if scope.asked.size:
        return
    request, inventory = search.request, search.inventory
    given = [name for name in _CONDITIONS if getattr(request, name)]
    words = ", ".join(f"{name}={_show(getattr(request, name))}" for name in (*given, "pricing"))
    change = next(
        (
            Change(field=name, value=None, message=f"leave out {name}")
            for name in given
            if Scope(replace(request, **{name: getattr(PlanRequest(), name)}), inventory, today=today).asked.size
        ),
        None,
    )
    if change is None and Scope(replace(request, pricing=("on_demand", "spot")), inventory, today=today).asked.size:
        other = "spot" if "on_demand" in request.pricing else "on_demand"
        change = Change(field="pricing", value=other, message=f"allow {other} prices")
    message = f"no offer meets {words}" if inventory.offers else "the inventory holds no offers"
    yield Rejection(
        reason="no_offers", count=len(inventory.offers), of="offers", message=message, smallest_change=change
    )


def _show(value: str | float | tuple[str | int, ...]) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


def _round_up_to_cents(usd: float) -> float:
    return -(-round(usd * 10_000) // 100) / 100
