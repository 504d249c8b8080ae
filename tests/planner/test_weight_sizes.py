import msgspec
import pytest

from planner.facts import gguf_mixes, models, weight_formats, weight_quality, weight_size
from planner.gguf_sizes import gguf_size
from planner.model import ModelSpec
from planner.safetensors_sizes import stored_bytes
from planner.tensors import count_parameters

LLAMA, QWEN = "deepseek-r1-distill-llama-8b", "deepseek-r1-0528-qwen3-8b"


def test_every_models_parameters_follow_from_its_shape() -> None:
    for model in models().values():
        assert count_parameters(model) == model.num_parameters, model.model_id


@pytest.mark.parametrize("model_id", [LLAMA, QWEN])
def test_the_rules_give_every_published_size_to_the_byte(model_id: str) -> None:
    model = models()[model_id]
    for weight_format in weight_formats().values():
        size = weight_format.sizes[model_id]
        if not weight_format.is_gguf:
            assert stored_bytes(model, weight_format.weight_format) == size.stored_bytes, weight_format.weight_format
            continue
        mix = gguf_mixes()[weight_format.weight_format]
        made = gguf_size(model, mix, imatrix=True)
        assert (made.stored_bytes, made.embedding_bytes) == (size.stored_bytes, size.host_bytes), weight_format.name
        if size.stored_bytes_without_imatrix is not None:
            plain = gguf_size(model, mix, imatrix=False)
            assert plain.stored_bytes == size.stored_bytes_without_imatrix, weight_format.name


def test_every_known_model_has_a_size_and_a_quality_in_every_format() -> None:
    for weight_format in weight_formats().values():
        assert set(weight_format.sizes) == set(models()) == set(weight_format.quality)


def test_a_model_of_ones_own_is_sized_by_the_same_rules() -> None:
    own: ModelSpec = msgspec.structs.replace(models()[LLAMA], model_id="mine")
    assert weight_size(own, weight_formats()["q4_k_m"]).stored_bytes == 4_912_898_304
    quality = weight_quality(own, weight_formats()["awq"])
    assert quality.tier == "degraded"
    assert quality.recovery is None
    assert "not measured" in quality.source


def test_an_output_tied_to_the_embedding_is_copied_to_the_gpu() -> None:
    tied = models()["qwen3-4b"]
    size = gguf_size(tied, gguf_mixes()["q4_k_m"], imatrix=False)
    assert size.is_tied
    assert size.host_only_bytes == 0
    assert round(size.stored_bytes / 2**30, 2) == 2.32
