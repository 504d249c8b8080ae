"""Names come from the inventory: what it does not hold is nobody's name."""

from __future__ import annotations

import msgspec
import pytest

from planner.question import Names, read_question


def without_gpu(names: Names, gpu_id: str) -> Names:
    return msgspec.structs.replace(names, gpus=tuple(gpu for gpu in names.gpus if gpu.gpu_id != gpu_id))


def test_a_gpu_that_the_inventory_does_not_hold_is_listed_as_not_understood(names: Names) -> None:
    question = "will 8b fit on a 4090 at 32k?"

    assert read_question(question, names=names).fields["gpu"] == "rtx-4090"
    unknown = read_question(question, names=without_gpu(names, "rtx-4090"))
    assert "gpu" not in unknown.fields
    assert any("4090" in fragment for fragment in unknown.ignored)


def test_a_provider_that_the_inventory_does_not_hold_is_listed_as_not_understood(names: Names) -> None:
    fewer = msgspec.structs.replace(names, providers=tuple(name for name in names.providers if name != "runpod"))
    question = read_question("8b 32k on runpod", names=fewer)

    assert "provider" not in question.fields
    assert question.ignored == ("runpod",)


@pytest.mark.parametrize("family", ["a100", "h100", "v100", "rtx-pro-6000"])
def test_a_name_that_several_gpus_bear_stays_a_family(family: str, names: Names) -> None:
    members = [gpu for gpu in names.gpus if family in gpu.families]

    assert len(members) > 1
    assert read_question(f"8b on {family} 32k", names=names).fields["gpu"] == family


def test_every_gpu_is_found_by_its_id_its_name_and_its_aliases(names: Names) -> None:
    lost = {
        spelling: question.fields.get("gpu")
        for gpu in names.gpus
        for spelling in gpu.spellings
        for question in [read_question(f"can {spelling} hold 8b at 32k", names=names)]
        if not finds(question.fields.get("gpu"), gpu.gpu_id, names)
    }

    assert lost == {}


def finds(said: object, gpu_id: str, names: Names) -> bool:
    """A spelling may be shared: then another GPU that bears it, or a family of both, is as good."""
    gpu = next(gpu for gpu in names.gpus if gpu.gpu_id == gpu_id)
    bearers = [
        other for other in names.gpus if set(map(str.casefold, other.spellings)) & set(map(str.casefold, gpu.spellings))
    ]
    accepted = {name for other in bearers for name in (other.gpu_id, *other.families)}
    return said in accepted


def test_every_format_engine_and_provider_is_found_by_its_id(names: Names) -> None:
    for weight_format in names.weight_formats:
        assert read_question(f"8b {weight_format} 32k", names=names).fields.get("weight_format") == weight_format
    for dtype in names.kv_cache_dtypes:
        assert read_question(f"8b 32k kv cache {dtype}", names=names).fields.get("kv_cache_dtype") == dtype
    for engine in names.engines:
        assert read_question(f"8b 32k with {engine}", names=names).fields.get("engine") == engine
    for provider in names.providers:
        assert read_question(f"8b 32k on {provider}", names=names).fields.get("provider") == provider


def test_every_model_is_found_by_its_id(names: Names) -> None:
    for model in names.models:
        assert read_question(f"what gpu for {model.model_id} at 4k?", names=names).fields.get("model") == model.model_id


def test_every_instance_type_of_a_cloud_is_found_by_its_name(names: Names) -> None:
    own_words = [name for name in names.instance_types if not name[:1].isdecimal()]
    found = {name: read_question(f"8b 32k on {name}", names=names).fields for name in own_words}

    assert {name: fields for name, fields in found.items() if fields.get("instance_type") != name} == {}
