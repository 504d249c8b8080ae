"""A second, plain way to find the answer: try everything, one by one, and sort."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from planner import Gpu, Offer, PlanRequest, checkpoint_for, kv_cache_dtypes, models, resolve_model, weight_formats
from planner.engines import Deployment, memory
from planner.engines.registry import ENGINES
from planner.weight_format import TIERS


class Found(Struct, frozen=True, kw_only=True):
    """One deployment on one offer that meets a request, and where it stands among equals in price."""

    offer: Offer
    model_id: str
    engine: str
    weight_format: str
    kv_cache_dtype: str
    tensor_parallel_size: int
    replicas: int
    standing: tuple[float, ...]


def enumerate_everything(request: PlanRequest, gpus: Iterable[Gpu], offers: Iterable[Offer]) -> list[Found]:
    """Return every deployment that meets the request, the best first."""
    by_id = {gpu.gpu_id: gpu for gpu in gpus}
    found = [
        one
        for offer in offers
        if _is_orderable(offer, request)
        for one in _on_offer(request, by_id[offer.gpu_id], offer)
    ]
    return sorted(found, key=lambda one: (one.offer.usd_per_hour, one.standing, *_fixed(one)))


def _fixed(one: Found) -> tuple[str, int, str]:
    return one.offer.gpu_id, one.offer.gpu_count, one.offer.offer_id


def best_of_each_machine(found: Iterable[Found]) -> list[Found]:
    """Return the first deployment of each GPU and count, in order.

    Among offers of one price, a machine's is the first by provider, instance type, region and pricing.
    """
    machines: dict[tuple[str, int], Found] = {}
    for one in found:
        key = one.offer.gpu_id, one.offer.gpu_count
        other = machines.get(key)
        if other is None or _offer_order(one) < _offer_order(other):
            machines[key] = one
    return sorted(machines.values(), key=lambda one: (one.offer.usd_per_hour, one.standing, *_fixed(one)))


def _offer_order(one: Found) -> tuple[float, str, str, str, str, str, tuple[float, ...]]:
    offer = one.offer
    return (
        offer.usd_per_hour,
        offer.provider,
        offer.instance_type,
        offer.region,
        offer.pricing,
        offer.offer_id,
        one.standing,
    )


def _is_orderable(offer: Offer, request: PlanRequest) -> bool:
    if offer.pricing not in request.pricing:
        return False
    if request.price_kind not in {"any", offer.price_kind}:
        return False
    if request.max_usd_per_hour is not None and offer.usd_per_hour > request.max_usd_per_hour:
        return False
    return request.max_gpus is None or offer.gpu_count <= request.max_gpus


def _on_offer(request: PlanRequest, gpu: Gpu, offer: Offer) -> Iterator[Found]:
    if gpu.vendor == "intel":
        return
    model_ids = [model_id for name in request.model for model_id in resolve_model(name).model_ids]
    tables = [(model_id, engine) for model_id in dict.fromkeys(model_ids) for engine in ENGINES]
    for table, (model_id, engine_id) in enumerate(tables):
        engine, model = ENGINES[engine_id], models()[model_id]
        formats = [
            format_
            for format_ in weight_formats().values()
            if model_id in format_.sizes and engine_id in format_.nvidia_floor
        ]
        dtypes = [dtype for dtype in kv_cache_dtypes().values() if engine_id in dtype.engines]
        for row, format_ in enumerate(formats):
            for column, dtype in enumerate(dtypes):
                tier = max(TIERS.index(format_.quality[model_id].tier), TIERS.index(dtype.tier))
                if tier > TIERS.index(request.min_quality) or not engine.supports(format_, dtype, gpu).runs:
                    continue
                for size in engine.tensor_parallel_sizes(model):
                    if size > offer.gpu_count:
                        continue
                    replicas = min(offer.gpu_count // size, request.batch)
                    held = (request.batch + replicas - 1) // replicas
                    deployment = Deployment(
                        model=model,
                        weight_format=format_,
                        kv_cache_dtype=dtype,
                        gpu=gpu,
                        context=request.context,
                        batch=held,
                        tensor_parallel_size=size,
                        replicas=replicas,
                    )
                    needed = memory(engine, deployment)
                    if needed.verdict != "fits" and not (request.allow_tight and needed.verdict == "tight"):
                        continue
                    yield Found(
                        offer=offer,
                        model_id=model_id,
                        engine=engine_id,
                        weight_format=format_.weight_format,
                        kv_cache_dtype=dtype.kv_cache_dtype,
                        tensor_parallel_size=size,
                        replicas=replicas,
                        standing=(
                            needed.verdict != "fits",
                            tier,
                            0 if checkpoint_for(model_id, format_.weight_format).published else 1,
                            1 if request.batch > 4 and not engine.batches else 0,
                            (needed.weights_bytes + needed.kv_cache_bytes) * size / held,
                            -needed.headroom_bytes,
                            table,
                            row,
                            column,
                            size,
                        ),
                    )
