"""Turns a candidate and an offer into an option of the answer."""

import datetime as dt
from typing import Literal

from planner.capacity import max_batch, max_context
from planner.cost import SPOT_RISK, Cost, Rental, Spot, TokenRate, cost, purchase, spot
from planner.engines import few_cases, memory
from planner.gpu import Gpu
from planner.load import typical_work
from planner.memory import WIDE_NOISE_BYTES, WIDE_NOISE_PERCENT_OF_KV_CACHE
from planner.offer import Offer
from planner.plan import GpuSummary, Option, OptionMemory, OwnedNode
from planner.quality import Quality, quality
from planner.request import OWNED, PlanRequest
from planner.search import Candidate
from planner.speed import Speed
from planner.units import GIB

OLD_PRICE_DAYS = 180
TIGHT_WARNING = "tight: whether it fits is inside the measured noise; it may start or not"


def option(
    candidate: Candidate,
    offer: Offer,
    request: PlanRequest,
    *,
    rank: int,
    today: dt.date,
    other_way: Offer | None = None,
    rental: Rental | None = None,
    owned: OwnedNode | None = None,
) -> Option:
    """Return the option that runs `candidate` on `offer`, with its working.

    `other_way` is the same machine on demand for a spot offer, as spot for one on demand; `rental` what a purchase is
    held against; `owned` the node of an offer that is one's own.
    """
    speed = candidate.speed
    priced = _cost(candidate, offer, request, speed, today=today, other_way=other_way, rental=rental)
    deployment = candidate.deployment
    engine = candidate.configurations.engine
    checkpoint = candidate.configurations.checkpoints[candidate.row]
    support = engine.supports(deployment.weight_format, deployment.kv_cache_dtype, deployment.gpu)
    return Option(
        rank=rank,
        model_id=deployment.model.model_id,
        checkpoint=checkpoint,
        basis="measured" if support.measured else "modelled",
        gpu=summarize_gpu(deployment.gpu),
        gpu_count=offer.gpu_count,
        tensor_parallel_size=deployment.tensor_parallel_size,
        replicas=deployment.replicas,
        weight_format=deployment.weight_format.weight_format,
        kv_cache_dtype=deployment.kv_cache_dtype.kv_cache_dtype,
        engine=engine.engine,
        engine_version=engine.engine_version,
        offer=offer,
        usd_per_hour=round(offer.usd_per_hour, 6),
        verdict="tight" if candidate.is_tight else "fits",
        memory=OptionMemory(per_gpu=memory(engine, deployment)),
        max_context=max_context(engine, deployment),
        max_batch=max_batch(engine, deployment, gpu_count=offer.gpu_count),
        quality=summarize_quality(candidate),
        speed=speed,
        cost=priced,
        confidence=_confidence(candidate, request),
        launch=engine.launch(deployment, checkpoint),
        warnings=(
            *_price_warnings(offer, priced),
            *_warnings(candidate, offer, request, note=support.note, measured=support.measured),
        ),
        owned=owned,
    )


def _confidence(candidate: Candidate, request: PlanRequest) -> Literal["band", "estimate"] | None:
    if not (request.min_tokens_per_second or request.max_ttft_seconds or request.max_tpot_seconds):
        return None
    return "band" if candidate.is_fast_in_band else "estimate"


def _cost(
    candidate: Candidate,
    offer: Offer,
    request: PlanRequest,
    speed: Speed,
    *,
    today: dt.date,
    other_way: Offer | None,
    rental: Rental | None,
) -> Cost:
    work, rate = typical_work(request), speed.tokens_per_second
    watts = candidate.deployment.gpu.tdp_watts
    bought = None
    if offer.purchase_usd is not None and watts is not None:
        bought = purchase(
            offer.purchase_usd,
            watts=watts * offer.gpu_count,
            usd_per_kwh=request.electricity_usd_per_kwh,
            rental=rental,
        )
    return cost(
        offer.usd_per_hour,
        rate=None if rate is None else TokenRate(estimate=rate.estimate, low=rate.low, high=rate.high),
        prompt_tokens=work.prompt_tokens,
        output_tokens=work.output_tokens,
        utilization=request.utilization,
        price_age_days=(today - offer.as_of).days,
        reason=speed.reason,
        as_spot=_spot(offer, other_way),
        bought=bought,
    )


def _spot(offer: Offer, other_way: Offer | None) -> Spot | None:
    if offer.pricing == "spot":
        return spot(offer, on_demand=other_way)
    return None if other_way is None else spot(other_way, on_demand=offer)


def summarize_gpu(gpu: Gpu) -> GpuSummary:
    """Return what an answer says of a GPU."""
    return GpuSummary(
        gpu_id=gpu.gpu_id, name=gpu.name, memory_bytes=gpu.memory_bytes, memory_basis=gpu.visible_memory_basis
    )


def summarize_quality(candidate: Candidate) -> Quality:
    """Return the quality of a candidate against bf16: the lower tier of weights and cache, and where it is from."""
    deployment = candidate.deployment
    return quality(
        deployment.model,
        deployment.weight_format,
        deployment.kv_cache_dtype,
        engine=candidate.configurations.engine.engine,
    )


def _warnings(candidate: Candidate, offer: Offer, request: PlanRequest, *, note: str, measured: bool) -> list[str]:
    gpu = candidate.deployment.gpu
    busy = candidate.deployment.tensor_parallel_size * candidate.deployment.replicas
    idle = offer.gpu_count - busy
    few = few_cases(candidate.configurations.engine, gpu)
    said = [
        (candidate.is_tight, TIGHT_WARNING),
        (note, note),
        (few, few_cases_warning(few)),
        (
            not measured and "modelled" not in note,
            f"modelled, not measured: no memory case of {candidate.configurations.engine.engine} on {gpu.vendor}",
        ),
        (
            not gpu.visible_memory_basis.startswith("measured"),
            f"the memory that {gpu.name} gives a program is not measured: {gpu.visible_memory_basis}",
        ),
        (gpu.gpu_class == "consumer", "a display attached to this GPU takes memory that the plan counts on"),
        (
            _confidence(candidate, request) == "estimate",
            "it meets the limits of speed by the estimate, not at the slow end of its band",
        ),
        (idle, f"{idle} of {offer.gpu_count} GPUs stay idle: the price is that of {_priced_as(offer)}"),
    ]
    return [words for applies, words in said if applies]


def _priced_as(offer: Offer) -> str:
    return "all of them" if offer.pricing == OWNED else "the whole instance"


def few_cases_warning(few: str) -> str:
    """Say on how few cases a memory figure rests, and that the margin is wider for it."""
    share = f"{WIDE_NOISE_BYTES / GIB:g} GiB or {WIDE_NOISE_PERCENT_OF_KV_CACHE} % of the KV cache"
    return f"its memory rests on few cases ({few}): a fit keeps a wider margin, {share}"


def _price_warnings(offer: Offer, priced: Cost) -> list[str]:
    age, date, bought = priced.price_age_days, offer.as_of.isoformat(), priced.purchase
    months = None if bought is None else bought.break_even_months
    life = 0.0 if bought is None else 12 * bought.life_years
    saved = "" if priced.spot is None or priced.spot.discount is None else f" for {priced.spot.discount:.0%} less"
    said = [
        (age > OLD_PRICE_DAYS, f"the price is {age} days old ({date}): check it before you count on it"),
        (offer.as_of_basis == "estimated", f"the price's date, {date}, is estimated"),
        (offer.price_kind == "indicative", "the price is indicative: no one can order this machine at it"),
        (offer.host_billed_separately, "the host's processor and memory are billed separately"),
        (offer.pricing == "spot", f"a spot instance{saved}: {SPOT_RISK}"),
        (bought is not None and months is None, f"no break-even: {bought.reason if bought else ''}"),
        (
            months is not None and months > life,
            f"it beats renting only after the {life:g} months of its assumed life",
        ),
    ]
    return [words for applies, words in said if applies] + [f"about the price: {flag}" for flag in offer.flags]
