"""Each objective finds what trying everything finds, and limits of speed are kept."""

import functools
import itertools
from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from planner import Infeasible, InvalidRequest, Inventory, Plan, plan, read_plan_request
from planner.engines import Deployment
from planner.facts import kv_cache_dtypes, models, weight_formats
from planner.load import typical_work
from planner.request import PlanRequest
from planner.speed import Band, Speed, Work, deployment_speed
from tests.planner.inventories import TODAY
from tests.planner.naive import Found, enumerate_everything

_GPU_SETS = (
    ("rtx-4090", "l4", "a100-80gb-sxm"),
    ("h100-sxm", "rtx-3090"),
    ("rtx-5090", "l40s", "mi300x"),
    ("t4", "a10g", "v100-16gb"),
    ("b200", "rtx-a6000"),
)
_LOADS = tuple(itertools.product((2048, 8192, 32_768, 65_536, 131_072), (1, 4, 8, 16, 64)))
_BALANCED = {"lossless": 1.0, "near_lossless": 1.05, "degraded": 1.3, "poor": 2.0}


@functools.cache
def _speed(deployment_key: tuple[object, ...], deployment: "_Hashable") -> Speed:
    del deployment_key
    return deployment_speed(deployment.value, engine=deployment.engine, work=deployment.work)


class _Hashable:
    """A deployment that is told from others by its key alone."""

    def __init__(self, value: Deployment, engine: str, work: Work) -> None:
        self.value, self.engine, self.work = value, engine, work

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashable)


def _speed_of(found: Found, request: PlanRequest, inventory: Inventory) -> Speed:
    gpu = next(gpu for gpu in inventory.gpus if gpu.gpu_id == found.offer.gpu_id)
    deployment = Deployment(
        model=models()[found.model_id],
        weight_format=weight_formats()[found.weight_format],
        kv_cache_dtype=kv_cache_dtypes()[found.kv_cache_dtype],
        gpu=gpu,
        context=request.context,
        batch=-(-request.batch // found.replicas),
        tensor_parallel_size=found.tensor_parallel_size,
        replicas=found.replicas,
    )
    key = (gpu.gpu_id, found.engine, found.weight_format, found.kv_cache_dtype, deployment.batch)
    work = typical_work(request)
    speed = _speed(
        (*key, found.tensor_parallel_size, found.replicas, work.prompt_tokens, work.output_tokens),
        _Hashable(deployment, found.engine, work),
    )
    if speed.tokens_per_second is None:
        return speed
    # Replicas that hold fewer sequences than the fullest one give fewer tokens.
    share = request.batch / (deployment.batch * found.replicas)
    rate = Band(**{name: share * getattr(speed.tokens_per_second, name) for name in ("estimate", "low", "high")})
    return replace(speed, tokens_per_second=rate)


def _worth(objective: str, speed: Speed, *, price: float, tier: str, recovery: float) -> float:
    if objective == "best_quality":
        return ("lossless", "near_lossless", "degraded", "poor").index(tier) + 1 - recovery
    if speed.tpot_seconds is None or speed.tokens_per_second is None:
        return float("inf")
    if objective == "fastest":
        return speed.tpot_seconds.estimate
    if objective == "cheapest_per_token":
        return price / speed.tokens_per_second.estimate
    return price * speed.tpot_seconds.estimate * _BALANCED[tier]


def _best_worth(objective: str, everything: Iterable[Found], request: PlanRequest, inventory: Inventory) -> float:
    best = float("inf")
    for one in everything:
        weights = weight_formats()[one.weight_format].quality[one.model_id]
        tier = max(
            weights.tier,
            kv_cache_dtypes()[one.kv_cache_dtype].tier,
            key=("lossless", "near_lossless", "degraded", "poor").index,
        )
        recovery = 1.0 if weights.recovery is None else weights.recovery
        speed = _speed_of(one, request, inventory)
        best = min(best, _worth(objective, speed, price=one.offer.usd_per_hour, tier=tier, recovery=recovery))
    return best


@pytest.mark.parametrize("gpu_ids", _GPU_SETS, ids=",".join)
def test_each_objective_finds_the_best_there_is(seeded: Inventory, gpu_ids: tuple[str, ...]) -> None:
    offers = [offer for offer in seeded.offers if offer.gpu_id in gpu_ids and offer.gpu_count <= 2]
    few = Inventory(revision=1, gpus=seeded.gpus, offers=offers)
    for context, batch in _LOADS:
        request = read_plan_request({"context": context, "batch": batch, "limit": 1})
        everything = enumerate_everything(request, few.gpus, few.offers)
        for objective in ("fastest", "cheapest_per_token", "best_quality", "balanced"):
            answer = plan(
                read_plan_request({"context": context, "batch": batch, "limit": 1, "objective": objective}),
                few,
                today=TODAY,
            )
            if not everything:
                assert isinstance(answer, Infeasible)
                continue
            option = answer.options[0]
            recovery = 1.0 if option.quality.recovery is None else option.quality.recovery
            worth = _worth(
                objective, option.speed, price=option.usd_per_hour, tier=option.quality.tier, recovery=recovery
            )
            assert worth == pytest.approx(_best_worth(objective, everything, request, few), rel=2e-3)


def test_a_limit_of_speed_changes_the_answer_and_names_the_figure_that_failed(seeded: Inventory) -> None:
    asked: dict[str, object] = {"context": "8k", "batch": 16}
    free = plan(read_plan_request(asked), seeded, today=TODAY)
    limited = plan(read_plan_request(asked | {"min_tokens_per_second": 40}), seeded, today=TODAY)
    assert limited.options[0].usd_per_hour > free.options[0].usd_per_hour
    for option in limited.options:
        speed = option.speed.tokens_per_second_per_user
        assert speed is not None
        assert speed.estimate >= 40
        assert option.confidence == ("band" if speed.low >= 40 else "estimate")
        assert any("slow end" in warning for warning in option.warnings) == (option.confidence == "estimate")
    rejection = next(rejection for rejection in limited.rejections if rejection.reason == "too_slow")
    assert rejection.nearest is not None
    assert rejection.nearest.unit == "tokens_per_second"
    assert rejection.nearest.needed == 40


def test_a_limit_that_nothing_meets_says_how_near_the_fastest_comes(seeded: Inventory) -> None:
    answer = plan(read_plan_request({"gpu": "l4", "min_tokens_per_second": 500}), seeded, today=TODAY)
    assert isinstance(answer, Infeasible)
    change = next(rejection for rejection in answer.rejections if rejection.reason == "too_slow").smallest_change
    assert change is not None
    assert isinstance(plan(read_plan_request({"gpu": "l4", change.field: change.value}), seeded, today=TODAY), Plan)


def test_nothing_beats_the_frontier_on_price_speed_and_quality(seeded: Inventory) -> None:
    answer = plan(read_plan_request({"context": "8k", "batch": 4}), seeded, today=TODAY)
    tiers = ("lossless", "near_lossless", "degraded", "poor")
    for one, other in itertools.permutations(answer.frontier, 2):
        beats = (
            other.usd_per_hour <= one.usd_per_hour
            and other.tokens_per_second_per_user >= one.tokens_per_second_per_user
            and tiers.index(other.tier) <= tiers.index(one.tier)
        )
        assert not beats
    prices = [point.usd_per_hour for point in answer.frontier]
    assert prices == sorted(prices)
    dates = {offer.offer_id: offer.as_of for offer in seeded.offers}
    assert all(point.as_of == dates[point.offer_id] for point in answer.frontier)
    assert answer.frontier[0].usd_per_hour == answer.options[0].usd_per_hour


def test_cost_per_token_follows_from_price_speed_and_utilization(seeded: Inventory) -> None:
    fields: dict[str, object] = {
        "context": "8k",
        "batch": 8,
        "prompt_tokens": 1000,
        "output_tokens": 3000,
        "gpu": "l40s",
    }
    option = plan(read_plan_request(fields | {"utilization": 0.5}), seeded, today=TODAY).options[0]
    rate, cost = option.speed.tokens_per_second, option.cost
    assert rate is not None
    assert cost.usd_per_million_output_tokens is not None
    assert cost.usd_per_million_tokens is not None
    expected = option.usd_per_hour / (rate.estimate * 3600 * 0.5) * 1e6
    assert cost.usd_per_million_output_tokens.estimate == pytest.approx(expected, rel=1e-3)
    assert cost.usd_per_million_tokens.estimate == pytest.approx(expected * 3 / 4, rel=1e-3)
    assert cost.usd_per_million_output_tokens.low < cost.usd_per_million_output_tokens.high
    assert cost.usd_per_month == pytest.approx(option.usd_per_hour * 730, abs=0.01)


def test_a_prompt_and_an_answer_must_fit_the_context(seeded: Inventory) -> None:
    with pytest.raises(InvalidRequest) as caught:
        plan(read_plan_request({"context": 4096, "prompt_tokens": 3000, "output_tokens": 2000}), seeded, today=TODAY)
    assert caught.value.code == "invalid_output_tokens"
    assert caught.value.nearest == (1096,)


def test_the_figure_that_failed_is_seen_to_fail_and_names_its_band(seeded: Inventory) -> None:
    answer = plan(read_plan_request({"context": "8k", "batch": 16, "min_tokens_per_second": 40}), seeded, today=TODAY)
    rejection = next(rejection for rejection in answer.rejections if rejection.reason == "too_slow")
    assert rejection.nearest is not None
    assert float(rejection.nearest.available) < 40
    assert "where min_tokens_per_second is 40" in rejection.message
    assert " to " in rejection.message


def test_the_nearest_by_time_to_the_first_token_is_the_one_with_the_shortest(seeded: Inventory) -> None:
    asked: dict[str, object] = {"context": "8k", "gpu": ["l4", "rtx-4090", "a10"], "prompt_tokens": 4096}
    answer = plan(read_plan_request(asked | {"max_ttft_seconds": 0.01}), seeded, today=TODAY)
    change = next(rejection for rejection in answer.rejections if rejection.reason == "too_slow").smallest_change
    assert change is not None
    assert change.field == "max_ttft_seconds"
    assert isinstance(plan(read_plan_request(asked | {change.field: change.value}), seeded, today=TODAY), Plan)
    tighter = 0.97 * float(change.value or 0)
    assert isinstance(plan(read_plan_request(asked | {change.field: tighter}), seeded, today=TODAY), Infeasible)


def test_where_several_limits_fail_all_are_named_and_no_single_change_is_promised(seeded: Inventory) -> None:
    asked: dict[str, object] = {"gpu": "l4", "min_tokens_per_second": 5_000, "max_ttft_seconds": 0.0001}
    answer = plan(read_plan_request(asked), seeded, today=TODAY)
    rejection = next(rejection for rejection in answer.rejections if rejection.reason == "too_slow")
    assert "min_tokens_per_second" in rejection.message
    assert "max_ttft_seconds" in rejection.message
    assert rejection.smallest_change is None


@pytest.mark.parametrize("objective", ["fastest", "cheapest_per_token", "best_quality", "balanced"])
def test_the_first_of_all_combinations_are_the_same_however_many_are_listed(seeded: Inventory, objective: str) -> None:
    gpus = {"gpu": ["l4", "rtx-3090", "v100-16gb"], "gpu_count": 1, "weight_format": ["fp8", "bf16", "q4_k_m"]}

    def listed(limit: int) -> list[tuple[object, ...]]:
        fields = {**gpus, "context": "16k", "group": "none", "objective": objective, "limit": limit}
        answer = plan(read_plan_request(fields), seeded, today=TODAY)
        return [
            (option.offer.offer_id, option.engine, option.weight_format, option.kv_cache_dtype)
            for option in answer.options
        ]

    everything = listed(1000)
    assert 40 < len(everything) < 1000
    for limit in (1, 2, 7, 40, len(everything)):
        assert listed(limit) == everything[:limit]
