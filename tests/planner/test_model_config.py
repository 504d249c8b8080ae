import pytest

from planner.errors import UnsupportedModel
from planner.facts import kv_cache_dtypes, models
from planner.kv_cache import kv_cache_bytes
from planner.model_config import read_model_config

LLAMA: dict[str, object] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": False,
    "attention_bias": False,
    "rope_theta": 500000.0,
    "rope_scaling": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
    "sliding_window": None,
}
CARD = LLAMA | {"num_hidden_layers": 40, "num_attention_heads": 64, "num_key_value_heads": 64}


def test_a_config_gives_the_model_exactly() -> None:
    known = models()["deepseek-r1-distill-llama-8b"]
    read = read_model_config(LLAMA, model_id="mine")
    assert read.num_parameters == known.num_parameters == 8_030_261_248
    assert read.kv_elements_per_token == known.kv_elements_per_token
    assert read.rope_scaling == known.rope_scaling


def test_the_cards_mistaken_shape_costs_655360_bytes_a_token() -> None:
    mistaken = read_model_config(CARD, model_id="card")
    assert kv_cache_bytes(mistaken, kv_cache_dtypes()["fp16"], tokens=1) == 655_360


def test_qwen2_has_biases_that_its_config_does_not_mention() -> None:
    config = LLAMA | {
        "architectures": ["Qwen2ForCausalLM"],
        "num_hidden_layers": 28,
        "hidden_size": 3584,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
        "intermediate_size": 18944,
        "vocab_size": 152064,
        "use_sliding_window": False,
        "sliding_window": 131072,
    }
    del config["attention_bias"]
    assert read_model_config(config, model_id="q").num_parameters == 7_615_616_512


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kv_lora_rank": 512}, "kv_lora_rank"),
        ({"architectures": ["DeepseekV3ForCausalLM"]}, "architectures"),
        ({"architectures": None, "model_type": "mamba"}, "model_type"),
        ({"num_local_experts": 8}, "num_local_experts"),
        ({"sliding_window": 4096}, "sliding_window"),
        ({"layer_types": ["full_attention", "sliding_attention"]}, "layer_types"),
        ({"vision_config": {"hidden_size": 1}}, "vision_config"),
        ({"num_key_value_heads": 5}, "num_key_value_heads"),
        ({"num_hidden_layers": 0}, "num_hidden_layers"),
        ({"hidden_size": "4096"}, "hidden_size"),
        ({"vocab_size": 10**12}, "vocab_size"),
        ({"mlp_bias": True}, "mlp_bias"),
        ({"rope_scaling": {"rope_type": "yarn", "factor": "big"}}, "rope_scaling"),
    ],
)
def test_a_config_that_is_not_understood_is_refused_by_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(UnsupportedModel) as caught:
        read_model_config(LLAMA | change, model_id="x")
    assert caught.value.field == field


def test_a_missing_field_is_named() -> None:
    with pytest.raises(UnsupportedModel) as caught:
        read_model_config({k: v for k, v in LLAMA.items() if k != "intermediate_size"}, model_id="x")
    assert caught.value.field == "intermediate_size"
