import pytest

from planner.errors import UnknownModel
from planner.facts import (
    checkpoint_for,
    engine_facts,
    kv_cache_dtypes,
    model_cards,
    models,
    resolve_model,
    weight_formats,
)
from planner.weight_format import TIERS

LLAMA, QWEN = "deepseek-r1-distill-llama-8b", "deepseek-r1-0528-qwen3-8b"


@pytest.mark.parametrize("name", ["deepseek-r1-8b", "DeepSeek-R1:8B", "r1 8b", "8B"])
def test_the_ambiguous_name_means_both_models_and_plans_for_the_larger(name: str) -> None:
    choice = resolve_model(name)
    assert choice.model_ids == (QWEN,)
    assert choice.other_model_ids == (LLAMA,)
    assert "public card" in choice.reason


@pytest.mark.parametrize("name", [LLAMA, "deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "r1 8b llama"])
def test_an_exact_name_means_one_model(name: str) -> None:
    assert resolve_model(name).model_ids == (LLAMA,)


def test_an_unknown_model_suggests_the_nearest() -> None:
    with pytest.raises(UnknownModel) as caught:
        resolve_model("deepseek-r1-distil-lama-8b")
    assert LLAMA in caught.value.nearest


def test_the_misleading_card_overstates_the_kv_cache() -> None:
    card = model_cards()[0]
    stated = card.kv_cache_bytes_per_token_fp16_as_the_card_states
    assert stated == 655_360
    assert stated == 2 * 2 * card.num_hidden_layers * card.hidden_size
    assert stated / (2 * models()[LLAMA].kv_elements_per_token) == 5
    assert card.transparency["total"] == (66, 100)
    assert {discrepancy.field for discrepancy in card.discrepancies} >= {"num_hidden_layers", "num_key_value_heads"}


def test_every_format_and_dtype_has_a_tier_and_its_basis() -> None:
    for weight_format in weight_formats().values():
        for model_id in (LLAMA, QWEN):
            assert weight_format.quality[model_id].tier in TIERS
            assert weight_format.quality[model_id].source
            assert weight_format.sizes[model_id].stored_bytes > 0
    for dtype in kv_cache_dtypes().values():
        assert dtype.tier in TIERS
        assert set(dtype.engines) <= set(engine_facts())


def test_q8_0_is_not_one_byte() -> None:
    assert kv_cache_dtypes()["q8_0"].bits_per_element == 8.5


@pytest.mark.parametrize(
    ("model_id", "weight_format", "repository"),
    [
        (QWEN, "fp8", "JamAndTeaStudios/DeepSeek-R1-0528-Qwen3-8B-FP8-Dynamic"),
        (QWEN, "fp16", "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B"),
        (LLAMA, "q5_k_s", "bartowski/DeepSeek-R1-Distill-Llama-8B-GGUF"),
        (QWEN, "q5_k_l", None),
        (QWEN, "gptq", None),
    ],
)
def test_a_checkpoint_is_named_or_how_to_make_one(model_id: str, weight_format: str, repository: str | None) -> None:
    checkpoint = checkpoint_for(model_id, weight_format)
    assert checkpoint.repository == repository
    assert checkpoint.published == (repository is not None)
    assert bool(checkpoint.how_to_make) != checkpoint.published


def test_every_format_of_every_model_has_a_checkpoint_or_a_way_to_one() -> None:
    for model_id in models():
        for weight_format in weight_formats():
            checkpoint = checkpoint_for(model_id, weight_format)
            assert checkpoint.repository or checkpoint.how_to_make
