"""The options that nothing beats on price, speed and quality together."""

from collections.abc import Mapping

from planner.idle_gpus import must_use_all
from planner.inventory import Shape
from planner.offer import Offer
from planner.plan import FrontierPoint
from planner.search import Candidate, Search


def frontier(search: Search, cheapest: Mapping[Shape, int]) -> tuple[FrontierPoint, ...]:
    """Return the frontier over the machine shapes of `cheapest` (each with its cheapest offer), the cheapest first.

    Configurations whose speed has no basis are left out: nothing can be said of them. Of equals the first by the
    inventory's order stands for all.
    """
    points = [
        (offer.usd_per_hour, -float(f"{speed:.4g}"), rank, index, spot)
        for shape, index in cheapest.items()
        for offer in [search.inventory.offers[index]]
        for rank, (speed, spot) in search.fastest_of_tiers(shape, uses_all=must_use_all(search, offer, shape)).items()
    ]
    reached: dict[int, float] = {}
    found: list[FrontierPoint] = []
    for _, slowness, rank, index, spot in sorted(points, key=lambda point: point[:4]):
        if all(-slowness > reached.get(better, 0.0) for better in range(rank + 1)):
            reached[rank] = -slowness
            found.append(_point(search.candidate(spot), search.inventory.offers[index], -slowness))
    return tuple(found)


def _point(candidate: Candidate, offer: Offer, speed: float) -> FrontierPoint:
    deployment = candidate.deployment
    return FrontierPoint(
        offer_id=offer.offer_id,
        gpu_id=offer.gpu_id,
        gpu_count=offer.gpu_count,
        model_id=deployment.model.model_id,
        engine=candidate.configurations.engine.engine,
        weight_format=deployment.weight_format.weight_format,
        kv_cache_dtype=deployment.kv_cache_dtype.kv_cache_dtype,
        tensor_parallel_size=deployment.tensor_parallel_size,
        replicas=deployment.replicas,
        usd_per_hour=round(offer.usd_per_hour, 6),
        as_of=offer.as_of,
        tokens_per_second_per_user=speed,
        tier=candidate.tier,
    )
