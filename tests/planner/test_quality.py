"""Quality is told with its basis, and tiers follow the written rule."""

import pytest

from planner import kv_cache_dtypes, models, weight_formats
from planner.quality import quality, tier_of

_QWEN, _LLAMA = "deepseek-r1-0528-qwen3-8b", "deepseek-r1-distill-llama-8b"
# The rule would say `poor` (recovery 0.894) of a sample that its own source calls too small to say so.
_TOO_SMALL_A_SAMPLE = {("nvfp4", _QWEN)}
# No score of their own: judged by the layout that they share with a measured format (tier_basis says which).
_NO_SCORE = "no "


@pytest.mark.parametrize("model_id", [_QWEN, _LLAMA])
def test_every_measured_tier_follows_the_rule(model_id: str) -> None:
    checked = 0
    for name, format_ in weight_formats().items():
        known = format_.quality[model_id]
        if known.recovery is not None and (name, model_id) not in _TOO_SMALL_A_SAMPLE:
            assert known.tier == tier_of(recovery=known.recovery), name
            checked += 1
        elif "KL divergence" in known.source:
            figure = float(known.source.split("mean KL divergence ")[1].split()[0])
            assert known.tier == tier_of(kl_divergence=figure), name
            checked += 1
    assert checked > 25


def test_scores_say_whether_they_are_of_this_model() -> None:
    fp16 = kv_cache_dtypes()["fp16"]
    distill = quality(models()[_LLAMA], weight_formats()["w4a16"], fp16, engine="vllm")
    assert distill.basis == "model"
    assert distill.recovery == pytest.approx(0.9717)
    assert any(score.values.get("AIME24") == 46.3 for score in distill.scores)
    qwen = quality(models()[_QWEN], weight_formats()["w4a16"], fp16, engine="vllm")
    assert qwen.basis == "architecture"
    unscored = quality(models()[_QWEN], weight_formats()["mxfp8"], fp16, engine="vllm")
    assert unscored.basis == "inferred"
    assert unscored.scores == ()
    assert unscored.recovery is None
    assert "mxfp8" in unscored.reason


def test_a_mix_without_reasoning_scores_shows_its_perplexity_and_divergence_on_another_model() -> None:
    mix = quality(models()[_QWEN], weight_formats()["q4_k_m"], kv_cache_dtypes()["fp16"], engine="llama.cpp")
    assert mix.basis == "inferred"
    assert {"perplexity", "mean_kl_divergence"} <= mix.scores[0].values.keys()
    assert "proxy" in mix.scores[0].model


def test_the_cache_has_scores_of_its_own() -> None:
    distill = quality(models()[_LLAMA], weight_formats()["bf16"], kv_cache_dtypes()["q4_0"], engine="llama.cpp")
    assert {score.model for score in distill.kv_cache_scores} == {"R1-Distill-Llama-8B"}
    assert all(score.source and score.baseline for score in distill.kv_cache_scores)
    plain = quality(models()[_LLAMA], weight_formats()["bf16"], kv_cache_dtypes()["fp16"], engine="vllm")
    assert plain.kv_cache_scores == ()


def test_the_cache_can_only_lower_the_tier() -> None:
    model, fp8 = models()[_QWEN], weight_formats()["fp8"]
    assert quality(model, fp8, kv_cache_dtypes()["fp8"], engine="vllm").tier == "lossless"
    assert quality(model, fp8, kv_cache_dtypes()["nvfp4"], engine="vllm").tier == "degraded"


def test_the_yarn_hazard_is_told_where_it_changes_quality() -> None:
    fp16, bf16 = kv_cache_dtypes()["fp16"], weight_formats()["bf16"]
    assert quality(models()[_QWEN], bf16, fp16, engine="vllm").hazards
    assert not quality(models()[_QWEN], bf16, fp16, engine="llama.cpp").hazards
    assert not quality(models()[_LLAMA], bf16, fp16, engine="vllm").hazards
    (unknown,) = quality(models()[_QWEN], bf16, fp16, engine="tensorrt-llm").hazards
    assert "is not known" in unknown
