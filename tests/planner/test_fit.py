"""Whether something fits: the verdict, both directions, and what would make it fit."""

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import (
    Field,
    Fit,
    Gpu,
    InvalidRequest,
    Inventory,
    Plan,
    compare,
    fit,
    limits,
    models,
    plan,
    read_compare_request,
    read_fit_request,
    read_memory_request,
    read_plan_request,
    requirements,
    weight_formats,
)
from planner.engine_fields import ENGINE_FIELDS
from planner.engines import Deployment, few_cases, fits, memory
from planner.engines.registry import ALL_ENGINES, make_engine
from planner.facts import kv_cache_dtypes
from planner.memory import noise_bytes
from planner.units import GIB
from tests.planner.test_model_config import CARD, LLAMA

TODAY = dt.date(2026, 11, 21)


def ask(inventory: Inventory, **fields: object) -> Fit:
    return fit(read_fit_request(fields), inventory)


@settings(max_examples=60)
@given(data=st.data())
def test_what_an_answer_says_it_holds_is_what_the_next_answer_says(seeded: Inventory, data: st.DataObject) -> None:
    fields: dict[str, object] = {
        "gpu": data.draw(st.sampled_from([gpu.gpu_id for gpu in seeded.gpus if gpu.vendor == "nvidia"])),
        "context": data.draw(st.integers(1, 131_072)),
        "batch": data.draw(st.integers(1, 32)),
        "weight_format": data.draw(st.sampled_from(["bf16", "fp8", "w4a16", "q8_0", "q4_k_m"])),
    }
    answer = ask(seeded, **fields)
    if answer.max_context:
        assert ask(seeded, **fields | {"context": answer.max_context}).verdict == "fits"
    if answer.max_batch:
        assert ask(seeded, **fields | {"batch": answer.max_batch}).verdict == "fits"
    assert (answer.verdict == "fits") == (answer.max_context >= answer.request.context)
    for change in answer.changes:
        changed = ask(seeded, **fields | {change.field: change.value})
        assert changed.verdict == "fits" or change.field == "kv_cache_dtype", change


def test_a_card_that_the_engine_overfills_does_not_fit_at_any_context(seeded: Inventory) -> None:
    answer = ask(seeded, gpu="rtx-4090", weight_format="fp8", context=4096, gpu_memory_utilization=1.0)
    budget, card = answer.tests

    assert budget.verdict == "fits"
    assert card.verdict == answer.verdict == "does_not_fit"
    assert answer.max_context == answer.max_batch == 0
    assert not fits(make_engine("vllm", settings={"gpu_memory_utilization": 1.0}), _plain_deployment(seeded))
    (machine,) = limits(read_fit_request({"gpu": "rtx-4090", "gpu_memory_utilization": 1.0}), seeded).machines
    assert {limit.max_batch for frontier in machine.frontiers for limit in frontier.batches} == {0}


@pytest.mark.parametrize(("name", "options"), [(name, options) for name, options in ENGINE_FIELDS.items()])
def test_every_engine_option_changes_what_is_planned(seeded: Inventory, name: str, options: dict[str, Field]) -> None:
    weight_format = "q4_k_m" if name in {"llama.cpp", "ollama"} else "bf16"
    fields: dict[str, object] = {"gpu": "h100-sxm", "engine": name, "weight_format": weight_format, "batch": 4}
    default = ask(seeded, **fields, context=8000)
    for option, field in options.items():
        value = {"boolean": option not in {"flash_attn", "offload_kqv"}, "number": 0.5}.get(field.kind, 64)
        if option in {"kv_cache_memory_bytes", "gpu_overhead"}:
            value = 8 * GIB
        asked = ask(seeded, **fields, context=8000, **{option: value})
        same_memory = (asked.memory, asked.tests) == (default.memory, default.tests)
        assert not same_memory or asked.launch != default.launch, option


def test_a_cache_of_given_bytes_holds_what_fits_into_it(seeded: Inventory) -> None:
    fields: dict[str, object] = {"gpu": "h100-sxm", "weight_format": "bf16", "context": 16_384, "batch": 2}
    small, enough, large = (ask(seeded, **fields, kv_cache_memory_bytes=gib * GIB) for gib in (4, 5, 90))

    assert (small.verdict, enough.verdict, large.verdict) == ("does_not_fit", "fits", "does_not_fit")
    assert enough.kv_token_capacity == 5 * GIB // 147_456
    assert small.changes[0].value == small.max_context == 4 * GIB // 147_456 // 2 // 16 * 16
    assert [test.verdict for test in large.tests] == ["fits", "does_not_fit"]


def _plain_deployment(inventory: Inventory) -> Deployment:
    return Deployment(
        model=models()["deepseek-r1-0528-qwen3-8b"],
        weight_format=weight_formats()["fp8"],
        kv_cache_dtype=kv_cache_dtypes()["fp16"],
        gpu=next(gpu for gpu in inventory.gpus if gpu.gpu_id == "rtx-4090"),
        context=4096,
        batch=1,
    )


def test_the_mistaken_card_as_a_config_costs_655360_bytes_a_token(seeded: Inventory) -> None:
    mistaken, real = ask(seeded, gpu="h100-sxm", config=CARD), ask(seeded, gpu="h100-sxm", model="deepseek-r1-8b")

    assert mistaken.kv_cache_bytes_per_token == 655_360
    assert real.kv_cache_bytes_per_token == 147_456
    assert "Not planned from the public card" in real.model.reason
    assert real.model.other_model_ids == ("deepseek-r1-distill-llama-8b",)


def test_a_model_of_ones_own_is_judged_as_the_same_known_model(seeded: Inventory) -> None:
    own = ask(seeded, gpu="rtx-4090", config=LLAMA, model="mine", weight_format="bf16")
    known = ask(seeded, gpu="rtx-4090", model="deepseek-r1-distill-llama-8b", weight_format="bf16")

    assert own.memory == known.memory
    assert (own.max_context, own.max_batch) == (known.max_context, known.max_batch)
    assert own.model_id == "mine"
    assert not own.checkpoint.published


@pytest.mark.parametrize("model", sorted(models()))
def test_every_model_of_the_facts_can_be_judged_and_planned_for(seeded: Inventory, model: str) -> None:
    context = min(16_384, models()[model].max_position_embeddings)
    judged = ask(seeded, gpu="h100-sxm", gpu_count=8, model=model, context=context)
    planned = plan(read_plan_request({"model": model, "context": context}), seeded, today=TODAY)

    assert judged.verdict == "fits"
    assert isinstance(planned, Plan)


def test_rules_of_few_cases_keep_a_wider_margin_and_say_so(seeded: Inventory) -> None:
    for name, engine in ALL_ENGINES.items():
        weight_format = "q4_k_m" if name in {"llama.cpp", "ollama"} else "bf16"
        answer = ask(seeded, gpu="h100-sxm", engine=name, weight_format=weight_format, context=8192)
        per_gpu = answer.memory.per_gpu
        is_wide = name in {"sglang", "tensorrt-llm", "ollama"}
        assert bool(engine.few_cases) == is_wide
        assert per_gpu.margin_bytes == noise_bytes(per_gpu.kv_cache_bytes, is_wide=is_wide)
        assert any("rests on few cases" in warning for warning in answer.warnings) == is_wide
    amd = ask(seeded, gpu="mi300x", context=8192)
    assert amd.memory.per_gpu.margin_bytes >= GIB // 2
    assert any("rests on few cases" in warning for warning in amd.warnings)


def test_tight_is_offered_only_where_it_is_asked_for_and_never_before_what_fits(seeded: Inventory) -> None:
    fields: dict[str, object] = {"gpu": "rtx-4090", "weight_format": "fp8", "engine": "vllm", "kv_cache_dtype": "fp16"}
    judged = ask(seeded, **fields, context=16_384)
    fields |= {"context": judged.max_context + 1}
    assert ask(seeded, **fields).verdict == "tight"

    refused = plan(read_plan_request(fields | {"gpu_count": 1}), seeded, today=TODAY)
    offered = plan(read_plan_request(fields | {"gpu_count": 1, "allow_tight": True}), seeded, today=TODAY)
    assert refused.options == ()
    assert "tight" in {rejection.reason for rejection in refused.rejections}
    assert {option.verdict for option in offered.options} == {"tight"}
    for option in offered.options:
        assert any(warning.startswith("tight: ") for warning in option.warnings)
    assert "tight" not in {rejection.reason for rejection in offered.rejections}

    easy = plan(read_plan_request({"context": 8192, "allow_tight": True}), seeded, today=TODAY)
    same = plan(read_plan_request({"context": 8192}), seeded, today=TODAY)
    by_gpu = {(option.gpu.gpu_id, option.gpu_count): option for option in easy.options}
    for option in same.options:
        assert by_gpu.get((option.gpu.gpu_id, option.gpu_count), option).verdict == "fits"


def test_a_machine_of_plain_memory_is_judged_like_a_card_of_that_size(seeded: Inventory) -> None:
    by_size = ask(seeded, memory_bytes=80 * GIB, weight_format="bf16", context=8192)
    assert by_size.gpu.memory_bytes == 80 * GIB
    assert by_size.verdict == "fits"
    assert any("no GPU was named" in warning for warning in by_size.warnings)


def test_a_batch_beyond_what_the_engine_schedules_is_refused_by_its_own_field(seeded: Inventory) -> None:
    for settings_given in (
        {"max_num_seqs": 4},
        {"max_num_batched_tokens": 4},
        {"engine": "llama.cpp", "n_ubatch": 512},
    ):
        batch = 300 if "engine" in settings_given else 8
        for read, answer in ((read_fit_request, fit), (read_memory_request, requirements)):
            machine = {"gpu": "h100-sxm"} if read is read_fit_request else {}
            with pytest.raises(InvalidRequest) as refused:
                answer(read({**machine, **settings_given, "batch": batch, "context": 2048}), seeded)
            assert refused.value.field == "batch"


def test_the_smallest_gpus_are_the_smallest_that_fit(seeded: Inventory) -> None:
    found = requirements(read_memory_request({"context": 16_384, "engine": "vllm"}), seeded)
    sizes = {gpu.gpu_id: gpu for gpu in seeded.gpus}
    for pair in found.requirements:
        fields = {"weight_format": pair.weight_format, "kv_cache_dtype": pair.kv_cache_dtype, "engine": "vllm"}
        smallest = [sizes[gpu.gpu_id].memory_bytes for gpu in pair.smallest_gpus]
        assert smallest == sorted(smallest)
        for gpu in pair.smallest_gpus:
            assert ask(seeded, gpu=gpu.gpu_id, context=16_384, **fields).verdict == "fits"


def test_limits_agree_with_single_fits(seeded: Inventory) -> None:
    (machine,) = limits(read_fit_request({"gpu": "rtx-4090"}), seeded).machines
    assert len(machine.frontiers) > 20
    for frontier in machine.frontiers[::5]:
        fields = {"gpu": "rtx-4090", "weight_format": frontier.weight_format, "engine": frontier.engine}
        for by_context in frontier.batches[::3]:
            assert ask(seeded, **fields, context=by_context.context).max_batch == by_context.max_batch
        for by_batch in frontier.contexts[::3]:
            assert ask(seeded, **fields, batch=by_batch.batch, context=2048).max_context == by_batch.max_context


def test_machines_compared_are_judged_as_alone(seeded: Inventory) -> None:
    fields: dict[str, object] = {"context": 32_768, "batch": 4}
    found = compare(read_fit_request(fields | {"gpu": ["l4", "rtx-4090", "h100-sxm"]}), seeded)
    for machine in found.machines:
        alone = ask(seeded, **fields, gpu=machine.judgement.gpu.gpu_id)
        assert machine.judgement.memory == alone.memory
        assert machine.judgement.verdict == alone.verdict
        if machine.cheapest is not None:
            assert machine.cheapest.price_kind == "listed"


def test_the_same_memory_needs_less_where_the_margin_is_narrow() -> None:
    assert noise_bytes(20 * GIB, is_wide=True) > noise_bytes(20 * GIB)
    assert noise_bytes(0, is_wide=True) == GIB // 2
    assert math.isclose(noise_bytes(100 * GIB) / GIB, 7, rel_tol=1e-6)


def test_every_vendor_but_nvidia_rests_on_few_cases(seeded: Inventory) -> None:
    def said(gpu: Gpu) -> bool:
        return bool(few_cases(ALL_ENGINES["vllm"], gpu))

    assert {gpu.vendor for gpu in seeded.gpus if not said(gpu)} == {"nvidia"}
    deployment = _plain_deployment(seeded)
    assert memory(ALL_ENGINES["vllm"], deployment).margin_bytes == noise_bytes(
        memory(ALL_ENGINES["vllm"], deployment).kv_cache_bytes
    )


def test_gpus_and_instance_types_are_compared_together(seeded: Inventory) -> None:
    fields: dict[str, object] = {"context": "8k", "gpu": ["l4", "rtx-4090"], "instance_type": "g6.xlarge"}
    found = compare(read_compare_request(fields), seeded)
    assert [one.judgement.gpu.gpu_id for one in found.machines] == ["l4", "rtx-4090", "l4"]
    assert [one.judgement.instance_type for one in found.machines] == [None, None, "g6.xlarge"]


def test_a_family_beside_an_instance_type_is_cut_to_its_cheapest(seeded: Inventory) -> None:
    fields: dict[str, object] = {"context": "8k", "gpu": ["h100", "a100", "h200"], "instance_type": "g6.xlarge"}
    found = compare(read_compare_request(fields), seeded)
    assert 4 <= len(found.machines) <= 6
    assert found.machines[-1].judgement.instance_type == "g6.xlarge"


@pytest.mark.parametrize("fields", [{}, {"gpu": "l4", "vram_gb": 24}, {"vram_gb": 24, "instance_type": "g6.xlarge"}])
def test_other_ways_to_name_a_machine_are_not_mixed(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_compare_request(fields)
    assert caught.value.code == "invalid_machine"
