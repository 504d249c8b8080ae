"""A plan shows its working, and what it left out."""

import datetime as dt
import math
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner import (
    Gpu,
    Infeasible,
    Inventory,
    Offer,
    Plan,
    PlanRequest,
    Rejection,
    UnknownGpu,
    UnknownProvider,
    is_in_region,
    plan,
    read_plan_request,
)
from tests.planner import inventories
from tests.planner.inventories import TODAY


def _plan(inventory: Inventory, **fields: object) -> Plan | Infeasible:
    return plan(read_plan_request(fields), inventory, today=TODAY)


def _rejection(answer: Plan | Infeasible, reason: str) -> Rejection:
    return next(rejection for rejection in answer.rejections if rejection.reason == reason)


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        for item in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _numbers(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _numbers(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, int | float):
        yield value


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_number_of_an_answer_is_finite_and_the_parts_add_up(data: st.DataObject) -> None:
    gpus = data.draw(inventories.gpus())
    inventory = Inventory(revision=1, gpus=gpus, offers=data.draw(inventories.offers(gpus)))
    answer = plan(data.draw(inventories.requests()), inventory, today=TODAY)
    assert all(math.isfinite(number) for number in _numbers(msgspec.json.decode(msgspec.json.encode(answer))))
    for option in answer.options:
        memory = option.memory.per_gpu
        parts = (memory.weights_bytes, memory.kv_cache_bytes, memory.activation_bytes, memory.graph_bytes)
        assert (
            sum(parts) + memory.runtime_bytes + memory.headroom_bytes == memory.usable_bytes == option.gpu.memory_bytes
        )
        if option.verdict == "tight":
            assert answer.request.allow_tight
            assert abs(memory.headroom_bytes) < memory.margin_bytes
            assert option.max_context < answer.request.context
            assert option.max_batch < answer.request.batch
        else:
            assert memory.headroom_bytes >= memory.margin_bytes
            assert option.max_context >= answer.request.context
            assert option.max_batch >= answer.request.batch


def test_sixteen_long_sequences_on_an_80_gb_card_run_on_vllm_with_good_weights(seeded: Inventory) -> None:
    answer = _plan(seeded, context="32k", batch=16, gpu=["a100-80gb", "h100-sxm"], gpu_count=1)
    for option in answer.options:
        assert option.engine == "vllm"
        assert option.weight_format in {"fp8", "bf16"}
        assert f"--max-num-seqs {16}" in option.launch.command
        assert "--max-model-len 32768" in option.launch.command


def test_one_option_for_each_gpu_and_count_unless_all_are_asked_for(seeded: Inventory) -> None:
    machines = [(option.gpu.gpu_id, option.gpu_count) for option in _plan(seeded, limit=200).options]
    assert len(set(machines)) == len(machines)
    everything = _plan(seeded, limit=200, group="none").options
    assert len({(option.gpu.gpu_id, option.gpu_count) for option in everything}) < len(everything)


def test_how_many_options_are_asked_for_changes_nothing_else(seeded: Inventory) -> None:
    for fields in (
        {"context": "32k"},
        {"context": "8k", "group": "none"},
        {"objective": "fastest", "batch": 4},
    ):
        few, many = (plan(read_plan_request({**fields, "limit": limit}), seeded, today=TODAY) for limit in (3, 20))

        assert len(few.options) == 3
        assert few.options == many.options[:3]
        assert msgspec.structs.replace(few, request=many.request, options=many.options) == many


def test_an_indicative_price_is_shown_beside_the_plan_never_as_the_plan(seeded: Inventory) -> None:
    answer = _plan(seeded)
    assert all(option.offer.price_kind == "listed" for option in answer.options)
    assert answer.indicative is not None
    assert answer.indicative.offer.price_kind == "indicative"
    mixed = _plan(seeded, price_kind="any")
    assert mixed.indicative is None
    assert mixed.options[0].usd_per_hour <= answer.options[0].usd_per_hour


def test_a_family_or_an_alias_names_the_gpus_it_means(seeded: Inventory) -> None:
    def gpus(name: str) -> set[str]:
        return {option.gpu.gpu_id for option in _plan(seeded, gpu=name, limit=100).options}

    assert gpus("h100") == {"h100-pcie", "h100-sxm", "h100-nvl"}
    assert gpus("H100 80GB") == {"h100-pcie", "h100-sxm"}
    assert gpus("NVIDIA GeForce RTX 4090") == gpus("4090") == {"rtx-4090"}
    assert not gpus("h100") & {option.gpu.gpu_id for option in _plan(seeded, exclude_gpu="h100", limit=100).options}


def test_unknown_names_are_refused_with_the_nearest(seeded: Inventory) -> None:
    with pytest.raises(UnknownGpu) as gpu:
        _plan(seeded, gpu="rtx 4091")
    assert "rtx-4090" in gpu.value.nearest
    with pytest.raises(UnknownProvider) as provider:
        _plan(seeded, exclude_provider="runpood")
    assert provider.value.nearest[0] == "runpod"


def test_intel_is_left_out_unless_it_is_named() -> None:
    gpu = Gpu(
        gpu_id="arc-b580",
        name="Arc B580",
        vendor="intel",
        architecture="Battlemage",
        gpu_class="consumer",
        visible_memory_gib=11.4,
        visible_memory_basis="inferred",
    )
    inventory = Inventory(revision=1, gpus=[gpu], offers=[_offer(gpu.gpu_id)])
    assert isinstance(_plan(inventory, context="4k"), Infeasible)
    answer = _plan(inventory, context="4k", vendor="intel")
    assert answer.options[0].basis == "modelled"
    assert any("modelled" in warning for warning in answer.options[0].warnings)


def test_a_pair_that_cannot_exist_is_a_rejection_with_its_reason(seeded: Inventory) -> None:
    answer = _plan(seeded, weight_format="nvfp4", engine="llama.cpp")
    assert isinstance(answer, Infeasible)
    rejection = _rejection(answer, "cannot_run")
    assert "nvfp4" in rejection.message
    assert rejection.smallest_change is not None
    assert rejection.smallest_change.value == "vllm"


def test_the_smallest_change_makes_the_nearest_miss_fit(seeded: Inventory) -> None:
    asked: dict[str, object] = {"context": "128k", "batch": 2, "gpu": "rtx-3060-12gb", "price_kind": "any"}
    answer = _plan(seeded, **asked)
    assert isinstance(answer, Infeasible)
    rejection = _rejection(answer, "does_not_fit")
    change, nearest = rejection.smallest_change, rejection.nearest
    assert change is not None
    assert nearest is not None
    assert float(nearest.needed) > float(nearest.available)
    assert isinstance(_plan(seeded, **(asked | {change.field: change.value})), Plan)


def test_a_price_ceiling_that_is_too_low_names_the_one_that_is_enough(seeded: Inventory) -> None:
    answer = _plan(seeded, context="64k", batch=16, max_usd_per_hour=0.2)
    assert isinstance(answer, Infeasible)
    change = _rejection(answer, "over_price_ceiling").smallest_change
    assert change is not None
    assert change.field == "max_usd_per_hour"
    assert isinstance(_plan(seeded, context="64k", batch=16, max_usd_per_hour=change.value), Plan)
    cents = float(change.value or 0) - 0.01
    assert isinstance(_plan(seeded, context="64k", batch=16, max_usd_per_hour=cents), Infeasible)


def test_a_monthly_ceiling_is_730_hours(seeded: Inventory) -> None:
    price = _plan(seeded, gpu="l4").options[0].usd_per_hour
    assert _plan(seeded, gpu="l4", max_usd_per_month=price * 730 + 0.01).options
    assert not _plan(seeded, gpu="l4", max_usd_per_month=price * 730 - 0.01).options


def test_old_prices_carry_a_warning_and_can_be_left_out(seeded: Inventory) -> None:
    old = next(option for option in _plan(seeded, limit=100).options if (TODAY - option.offer.as_of).days > 180)
    assert any("days old" in warning for warning in old.warnings)
    recent = _plan(seeded, limit=100, max_price_age_days=100)
    assert all((TODAY - option.offer.as_of).days <= 100 for option in recent.options)
    assert _rejection(recent, "price_too_old").count > 0


def test_a_lower_floor_is_offered_where_it_would_be_cheaper(seeded: Inventory) -> None:
    answer = _plan(seeded, context="128k", batch=1, gpu="rtx-3060-12gb", price_kind="any")
    change = _rejection(answer, "below_quality_floor").smallest_change
    assert change is not None
    assert change.field == "min_quality"
    lower = _plan(seeded, context="128k", batch=1, gpu="rtx-3060-12gb", price_kind="any", min_quality=change.value)
    assert isinstance(lower, Plan)
    assert lower.options[0].quality.tier == change.value


def test_an_empty_inventory_is_infeasible_for_want_of_offers() -> None:
    answer = _plan(Inventory(revision=0, gpus=[], offers=[]), provider="aws")
    assert isinstance(answer, Infeasible)
    assert [rejection.reason for rejection in answer.rejections] == ["no_offers"]
    assert answer.inventory.newest_price is None


def test_conditions_that_no_offer_meets_say_which_to_leave_out(seeded: Inventory) -> None:
    rejection = _rejection(_plan(seeded, region="mars"), "no_offers")
    assert rejection.smallest_change is not None
    assert (rejection.smallest_change.field, rejection.smallest_change.value) == ("region", None)


def test_a_region_where_nothing_lies_is_answered_with_the_nearest(seeded: Inventory) -> None:
    rejection = _rejection(_plan(seeded, region="us-eas-1"), "no_offers")
    assert "nothing lies in us-eas-1, the nearest are us-east-1, " in rejection.message
    assert rejection.smallest_change is not None
    assert (rejection.smallest_change.field, rejection.smallest_change.value) == ("region", "us-east-1")


@pytest.mark.parametrize(
    ("region", "place", "lies_in"),
    [
        ("us-east-1", "us-east", True),
        ("us-east4", "US-East", True),
        ("eu-north1", "eu-north", True),
        ("us-east4", "us-east4", True),
        ("us-east10", "us-east1", False),
        ("us-east4", "us-eas", False),
        ("us-east4", "us-west", False),
        ("eastus2", "eastus", True),
        ("usmountain", "us", False),
        ("", "us", False),
        ("us-east4", "", False),
    ],
)
def test_the_start_of_a_regions_name_is_a_place(region: str, place: str, *, lies_in: bool) -> None:
    assert is_in_region(region, "", "", place) is lies_in


def test_a_region_may_be_a_country_or_a_continent(seeded: Inventory) -> None:
    for region, continent in (("eu", "EU"), ("Europe", "EU"), ("us", "NA"), ("asia", "AS")):
        offers = [option.offer for option in _plan(seeded, region=region, limit=50).options]
        assert offers
        # A region such as "EU / US" lies in both.
        assert all(offer.continent == continent or region.upper() in offer.region for offer in offers)


def test_an_unknown_gpu_of_an_offer_is_never_planned_around() -> None:
    with pytest.raises(LookupError, match="no-such-gpu"):
        Inventory(revision=1, gpus=[], offers=[_offer("no-such-gpu")])


def test_both_models_can_be_asked_for_at_once(seeded: Inventory) -> None:
    models = ["deepseek-r1-distill-llama-8b", "deepseek-r1-0528-qwen3-8b"]
    answer = _plan(seeded, model=models, group="none", limit=1000, gpu="rtx-4090", gpu_count=1)
    assert {option.model_id for option in answer.options} == set(models)


def test_the_default_model_is_the_newer_and_larger_and_says_so(seeded: Inventory) -> None:
    answer = plan(PlanRequest(), seeded, today=TODAY)
    assert answer.model.model_id == "deepseek-r1-0528-qwen3-8b"
    assert "two real models" in answer.model.reason


def _offer(gpu_id: str) -> Offer:
    return Offer(
        offer_id="one",
        provider="home",
        provider_kind="cloud",
        instance_type="box",
        gpu_id=gpu_id,
        gpu_count=1,
        pricing="on_demand",
        usd_per_hour=0.1,
        price_kind="listed",
        as_of=dt.date(2026, 11, 1),
        as_of_basis="exact",
        source="invented",
    )


def test_of_several_ceilings_the_one_that_is_exceeded_is_named(seeded: Inventory) -> None:
    asked: dict[str, object] = {"pricing": ["buy", "on_demand"], "max_usd": 400, "max_usd_per_hour": 0.01}
    answer = _plan(seeded, **asked)
    rejection = _rejection(answer, "over_price_ceiling")
    assert rejection.nearest is not None
    assert rejection.nearest.unit == "usd_per_hour"
    assert float(rejection.nearest.needed) > float(rejection.nearest.available)
    assert rejection.smallest_change is not None
    assert rejection.smallest_change.field == "max_usd_per_hour"
    assert isinstance(_plan(seeded, **(asked | {"max_usd_per_hour": rejection.smallest_change.value})), Plan)
