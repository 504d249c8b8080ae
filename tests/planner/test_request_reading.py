"""A request is read as it was meant, or refused with what would have been right."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import FIELDS, InvalidRequest, PlanRequest, read_fit_request, read_plan_request
from planner.facts import models


@pytest.mark.parametrize("text", ["32k", "32K", "32768", "32,768", 32_768, 32_768.0, ["32k"], "32 k tokens"], ids=repr)
def test_32k_means_32768_however_it_is_written(text: object) -> None:
    assert read_plan_request({"context": text}).context == 32_768


def test_what_was_not_given_is_said_to_be_assumed() -> None:
    request = read_plan_request({"batch": 4, "gpu": None})
    assert request.context == 32_768
    assert "context" in request.assumed
    assert "batch" not in request.assumed


@pytest.mark.parametrize(
    ("fields", "context"),
    [
        ({"prompt_tokens": "32k"}, 32_768 + 4_096),
        ({"prompt_tokens": "40k", "output_tokens": "8k"}, 49_152),
        ({"output_tokens": 2_000}, 32_768),
        ({"model": "llama-3-8b"}, 8_192),
        ({"prompt_tokens": 130_000}, 131_072),
    ],
    ids=str,
)
def test_a_context_that_nobody_named_holds_the_load_as_far_as_the_model_does(
    fields: dict[str, object], context: int
) -> None:
    request = read_plan_request(fields)
    assert request.context == context
    assert "context" in request.assumed
    assert read_fit_request({"gpu": "l4", **fields}).context == context


def test_several_values_are_kept_once_each_in_order() -> None:
    request = read_plan_request({"gpu": ["l4", "a10", "l4"], "gpu_count": ["2", 1], "weight_format": "FP8"})
    assert request.gpu == ("l4", "a10")
    assert request.gpu_count == (2, 1)
    assert request.weight_format == ("fp8",)


def test_words_are_read_in_any_case_and_with_hyphens() -> None:
    request = read_plan_request({"pricing": "On-Demand", "min_quality": "Near-Lossless", "kv_cache_dtype": "Q8-0"})
    assert request.pricing == ("on_demand",)
    assert request.min_quality == "near_lossless"
    assert request.kv_cache_dtype == ("q8_0",)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("context", 0, "invalid_context"),
        ("context", -1, "invalid_context"),
        ("context", "-32k", "invalid_context"),
        ("context", "abc", "invalid_context"),
        ("context", "", "invalid_context"),
        ("context", "1e9", "invalid_context"),
        ("context", 1e9, "invalid_context"),
        ("context", 131_073, "invalid_context"),
        ("context", 1.5, "invalid_context"),
        ("context", True, "invalid_context"),
        ("context", ["8k", "16k"], "invalid_context"),
        ("context", {"tokens": 5}, "invalid_context"),
        ("context", math.nan, "invalid_context"),
        ("batch", 0, "invalid_batch"),
        ("batch", -3, "invalid_batch"),
        ("batch", 100_001, "invalid_batch"),
        ("batch", "many", "invalid_batch"),
        ("model", "deepseek-r2", "unknown_model"),
        ("weight_format", "fp9", "unknown_weight_format"),
        ("kv_cache_dtype", "q9", "unknown_kv_cache_dtype"),
        ("engine", "vlm", "unknown_engine"),
        ("pricing", "free", "invalid_pricing"),
        ("max_usd_per_hour", 0, "invalid_max_usd_per_hour"),
        ("max_usd_per_hour", math.inf, "invalid_max_usd_per_hour"),
        ("limit", 0, "invalid_limit"),
        ("model", list(models())[:9], "invalid_model"),
        ("contxt", "32k", "unknown_field"),
        ("assumed", ["context"], "unknown_field"),
    ],
    ids=repr,
)
def test_bad_input_names_the_field_and_what_is_allowed(field: str, value: object, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_plan_request({field: value})
    assert caught.value.code == code
    assert caught.value.field == field
    assert caught.value.allowed


def test_the_nearest_valid_value_is_named() -> None:
    for given_, nearest in (({"context": 200_000}, 131_072), ({"batch": 0}, 1), ({"engine": "vlm"}, "vllm")):
        with pytest.raises(InvalidRequest) as caught:
            read_plan_request(given_)
        assert caught.value.nearest[0] == nearest


def test_as_many_models_as_are_searched_in_a_moment_can_be_named() -> None:
    names = list(models())[:8]
    assert read_plan_request({"context": "4k", "model": [*names, *names]}).model == tuple(names)
    with pytest.raises(InvalidRequest, match="given 9 times, and 8 are the most"):
        read_plan_request({"context": "4k", "model": list(models())[:9]})


def test_the_allowed_context_is_the_models_own() -> None:
    assert read_plan_request({"context": 131_072}).context == 131_072
    with pytest.raises(InvalidRequest, match=r"32,768 tokens for qwen2\.5-7b"):
        read_plan_request({"context": "33k", "model": "qwen2.5-7b"})


def test_every_field_of_a_request_is_in_the_table() -> None:
    assert set(FIELDS) | {"assumed"} == set(PlanRequest.__struct_fields__)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(list(FIELDS)) | st.text(), _VALUES, max_size=4))
def test_nothing_but_an_invalid_request_comes_of_bad_input(fields: dict[str, object]) -> None:
    try:
        request = read_plan_request(fields)
    except InvalidRequest:
        return
    assert 1 <= request.context <= 131_072


def test_a_ceiling_of_what_is_bought_means_buying() -> None:
    request = read_plan_request({"max_usd": 400})
    assert request.pricing == ("buy",)
    assert "pricing" in request.assumed
    assert read_plan_request({"max_usd": 400, "pricing": ["on_demand", "buy"]}).pricing == ("on_demand", "buy")
    with pytest.raises(InvalidRequest, match="pricing=buy") as caught:
        read_plan_request({"max_usd": 400, "pricing": "spot"})
    assert caught.value.code == "invalid_max_usd"


def test_the_nearest_number_is_one_that_is_allowed() -> None:
    for value, nearest in ((1.5, (1,)), (-1, (0.001,)), (0, (0.001,))):
        with pytest.raises(InvalidRequest) as caught:
            read_plan_request({"utilization": value})
        assert caught.value.nearest == nearest
