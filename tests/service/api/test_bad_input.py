"""Bad input: a problem that says what was wrong, what is allowed and what is nearest; never a 500."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.types import ASGIApp

CASES: list[tuple[dict[str, Any], str]] = [
    ({"context": 0}, "invalid_context"),
    ({"context": -1}, "invalid_context"),
    ({"context": "abc"}, "invalid_context"),
    ({"context": "1e9"}, "invalid_context"),
    ({"context": 1_000_000_000}, "invalid_context"),
    ({"context": 131_073}, "invalid_context"),
    ({"context": ""}, "invalid_context"),
    ({"context": "32k32k"}, "invalid_context"),
    ({"context": "nan"}, "invalid_context"),
    ({"context": "1" * 5_000}, "invalid_context"),
    ({"context": [8192, 4096]}, "invalid_context"),
    ({"batch": 0}, "invalid_batch"),
    ({"batch": -5}, "invalid_batch"),
    ({"batch": 100_001}, "invalid_batch"),
    ({"batch": 1.5}, "invalid_batch"),
    ({"model": "gpt-17"}, "unknown_model"),
    ({"gpu": "h1000"}, "unknown_gpu"),
    ({"exclude_gpu": "voodoo2"}, "unknown_gpu"),
    ({"weight_format": "fp7"}, "unknown_weight_format"),
    ({"kv_cache_dtype": "fp3"}, "unknown_kv_cache_dtype"),
    ({"engine": "vlm"}, "unknown_engine"),
    ({"provider": "runpodd"}, "unknown_provider"),
    ({"exclude_provider": "nobody"}, "unknown_provider"),
    ({"pricing": "weekly"}, "invalid_pricing"),
    ({"vendor": "matrox"}, "invalid_vendor"),
    ({"exclude_class": "toaster"}, "invalid_exclude_class"),
    ({"provider_kind": "friend"}, "invalid_provider_kind"),
    ({"min_quality": "superb"}, "invalid_min_quality"),
    ({"price_kind": "guessed"}, "invalid_price_kind"),
    ({"max_usd_per_hour": 0}, "invalid_max_usd_per_hour"),
    ({"max_usd_per_hour": -1}, "invalid_max_usd_per_hour"),
    ({"max_usd_per_hour": "cheap"}, "invalid_max_usd_per_hour"),
    ({"max_usd_per_hour": "inf"}, "invalid_max_usd_per_hour"),
    ({"max_price_age_days": -1}, "invalid_max_price_age_days"),
    ({"limit": 0}, "invalid_limit"),
    ({"limit": 1_001}, "invalid_limit"),
    ({"group": "colour"}, "invalid_group"),
    ({"gpu": ""}, "invalid_gpu"),
    ({"region": "a\0b"}, "invalid_region"),
]
WORD_OF_UNKNOWN = "unknown_"


def assert_problem(answer: httpx.Response, *, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(("fields", "code"), CASES)
async def test_a_field_that_cannot_be_used_is_named_with_what_is_allowed(
    api: httpx.AsyncClient, fields: dict[str, Any], code: str
) -> None:
    by_query = assert_problem(await api.get("/v1/plan", params=fields), status=400, code=code)
    by_body = assert_problem(await api.post("/v1/plan", json=fields), status=400, code=code)

    for problem in (by_query, by_body):
        assert problem["field"] == next(iter(fields))
        assert problem["allowed"]


@pytest.mark.parametrize(
    ("fields", "nearest"),
    [
        ({"provider": "runpodd"}, "runpod"),
        ({"engine": "vlm"}, "vllm"),
        ({"gpu": "rtx-4091"}, "rtx-4090"),
        ({"batch": 100_001}, 100_000),
        ({"min_quality": "loss-less"}, "lossless"),
        ({"context": 200_000}, 131_072),
    ],
)
async def test_the_nearest_valid_value_comes_with_the_problem(
    api: httpx.AsyncClient, fields: dict[str, Any], nearest: str | int
) -> None:
    problem = (await api.post("/v1/plan", json=fields)).json()
    assert problem["nearest"][0] == nearest


async def test_the_range_of_contexts_is_that_of_the_model_asked_for(api: httpx.AsyncClient) -> None:
    problem = (await api.get("/v1/plan", params={"context": "64k", "model": "qwen3-8b"})).json()

    assert problem["code"] == "invalid_context"
    assert "40,960" in problem["allowed"]


@pytest.mark.parametrize(
    "fields",
    [
        {"context": None},
        {"context": True},
        {"context": {}},
        {"gpu": {"a": 1}},
        {"gpu": [["l4"]]},
        {"gpu": []},
        {"gpu": 4090},
    ],
)
async def test_a_wrong_type_is_named_or_null_counts_as_not_given(
    api: httpx.AsyncClient, fields: dict[str, Any]
) -> None:
    answer = await api.post("/v1/plan", json=fields)
    field, value = next(iter(fields.items()))

    if value in (None, []):
        assert answer.status_code == 200
    else:
        assert assert_problem(answer, status=400, code=f"invalid_{field}")["field"] == field


async def test_an_unknown_field_is_refused_with_the_nearest_one(api: httpx.AsyncClient) -> None:
    by_body = assert_problem(await api.post("/v1/plan", json={"contxt": 1}), status=400, code="unknown_field")
    by_query = assert_problem(await api.get("/v1/plan?contxt=1"), status=400, code="unknown_parameter")

    for problem in (by_body, by_query):
        assert problem["field"] == "contxt"
        assert problem["nearest"][0] == "context"
        assert "batch" in problem["allowed"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1/models",
        "/v1/models/deepseek-r1-8b",
        "/v1/gpus",
        "/v1/gpus/l4",
        "/v1/offers",
        "/v1/weight-formats",
        "/v1/engines",
        "/v1/ask",
        "/health/live",
        "/health/ready",
        "/metrics",
    ],
)
async def test_no_path_takes_a_query_parameter_that_it_does_not_know(api: httpx.AsyncClient, path: str) -> None:
    problem = assert_problem(await api.get(path, params={"colour": "red"}), status=400, code="unknown_parameter")
    assert problem["field"] == "colour"


async def test_a_post_takes_no_query_parameters(api: httpx.AsyncClient) -> None:
    assert_problem(await api.post("/v1/plan?context=8k", json={}), status=400, code="unknown_parameter")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"[1, 2]", "invalid_json"),
        (b'"32k"', "invalid_json"),
        (b"null", "invalid_json"),
        (b"17", "invalid_json"),
        (b'{"context": NaN}', "invalid_json"),
        (b'{"max_usd_per_hour": Infinity}', "invalid_json"),
        (b'{"context": 1e999}', "invalid_json"),
        (b'{"gpu": "\xff"}', "invalid_encoding"),
        (b'{"gpu": "\\ud800"}', "invalid_json"),
        (b"[" * 60_000, "invalid_json"),
        (b'{"a":' * 10_000, "invalid_json"),
        (b'{"context": 32768} trailing', "invalid_json"),
        (b"context=32k", "invalid_json"),
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(api: httpx.AsyncClient, body: bytes, code: str) -> None:
    answer = await api.post("/v1/plan", content=body, headers={"content-type": "application/json"})
    assert assert_problem(answer, status=400, code=code)["field"] == "body"


async def test_a_number_larger_than_any_is_refused(api: httpx.AsyncClient) -> None:
    body = b'{"context": ' + b"9" * 5_000 + b"}"
    answer = await api.post("/v1/plan", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["code"] in {"invalid_context", "invalid_json"}


async def test_a_body_over_64_kib_is_too_large(api: httpx.AsyncClient, app: ASGIApp) -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        for _ in range(70):
            yield b" " * 1024

    whole = json.dumps({"gpu": "x" * 65_536})
    said = await api.post("/v1/plan", content=whole, headers={"content-type": "application/json"})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://r1plan.test") as stream:  # pyright: ignore[reportArgumentType]  (two spellings of ASGI's types)
        unsaid = await stream.post("/v1/plan", content=chunks(), headers={"content-type": "application/json"})

    for answer in (said, unsaid):
        assert "65,536" in assert_problem(answer, status=413, code="body_too_large")["allowed"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "json", ""]
)
async def test_a_body_that_is_not_said_to_be_json_is_refused(api: httpx.AsyncClient, content_type: str) -> None:
    answer = await api.post("/v1/plan", content=b"{}", headers={"content-type": content_type})
    problem = assert_problem(answer, status=415, code="unsupported_media_type")
    assert problem["allowed"] == "application/json"


@pytest.mark.parametrize("content_type", ["application/json", "application/json;charset=UTF-8", None])
async def test_json_is_json_however_it_is_spelt(api: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    assert (await api.post("/v1/plan", content=b'{"context": "4k"}', headers=headers)).status_code == 200


@pytest.mark.parametrize("query", ["gpu=%ff", "%ff=1", "gpu=l4&context=%c3%28"])
async def test_a_query_that_is_not_utf_8_is_refused(api: httpx.AsyncClient, query: str) -> None:
    assert_problem(await api.get(f"/v1/plan?{query}"), status=400, code="invalid_encoding")


async def test_a_query_of_very_many_parameters_is_refused(api: httpx.AsyncClient) -> None:
    query = "&".join(["gpu=l4"] * 500)
    assert_problem(await api.get(f"/v1/plan?{query}"), status=400, code="too_many_parameters")


async def test_a_path_that_is_none_is_not_found(api: httpx.AsyncClient) -> None:
    for path in ("/v2/plan", "/v1", "/v1/plan/7", "/schema/nothing", "/schema/assets/nothing.js"):
        assert_problem(await api.get(path), status=404, code="not_found")


async def test_a_method_that_a_path_does_not_take_is_answered_with_those_it_takes(api: httpx.AsyncClient) -> None:
    answer = await api.delete("/v1/plan")

    problem = assert_problem(answer, status=405, code="method_not_allowed")
    assert {"GET", "POST"} <= set(problem["allowed"].split(", "))
    assert answer.headers["allow"] == problem["allowed"]


@pytest.mark.parametrize("path", ["/v1/models/gpt-17", "/v1/gpus/h1000", "/v1/offers/nothing"])
async def test_a_name_in_a_path_that_nothing_bears_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"].startswith(WORD_OF_UNKNOWN)
    assert answer.json()["allowed"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(["context", "batch", "gpu", "model", "max_usd_per_hour", "limit", "region", "weight_bits"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
            max_leaves=4,
        ),
        max_size=3,
    )
)
async def test_whatever_a_json_object_holds_the_service_is_not_to_blame(
    api: httpx.AsyncClient, fields: dict[str, Any]
) -> None:
    try:
        body = json.dumps(fields).encode()
    except UnicodeEncodeError:
        return
    answer = await api.post("/v1/plan", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {200, 400}, (fields, answer.text)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(alphabet=st.characters(codec="ascii", exclude_characters="#\x00"), max_size=60))
async def test_whatever_a_query_holds_the_service_is_not_to_blame(api: httpx.AsyncClient, query: str) -> None:
    answer = await api.get("http://testserver.local/v1/plan", params=httpx.QueryParams(query))
    assert answer.status_code in {200, 400}, (query, answer.text)
