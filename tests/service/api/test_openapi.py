"""The OpenAPI document says what the API does, and its page loads nothing from elsewhere."""

import re
from collections.abc import Iterable
from typing import Any

import httpx
import jsonschema
import pytest
from jsonschema.exceptions import ValidationError

from service.tasks import TASKS

ANSWERS = [
    ("/", "/"),
    ("/v1/plan", "/v1/plan"),
    ("/v1/plan?context=128k&batch=64&gpu=t4&gpu_count=1", "/v1/plan"),
    ("/v1/plan?group=none&limit=50&price_kind=any&pricing=spot&pricing=on_demand", "/v1/plan"),
    ("/v1/fit?gpu=rtx-4090", "/v1/fit"),
    ("/v1/fit?gpu=t4&context=128k&batch=64&weight_format=bf16", "/v1/fit"),
    ("/v1/fit?vram_gb=24&enforce_eager=true", "/v1/fit"),
    ("/v1/memory?batch=4", "/v1/memory"),
    ("/v1/compare?gpu=l4&gpu=rtx-4090", "/v1/compare"),
    ("/v1/limits?gpu=l4", "/v1/limits"),
    ("/v1/models", "/v1/models"),
    ("/v1/models/deepseek-r1-8b", "/v1/models/{model_id}"),
    ("/v1/gpus?limit=100", "/v1/gpus"),
    ("/v1/gpus/rtx-4090", "/v1/gpus/{gpu_id}"),
    ("/v1/offers?limit=500", "/v1/offers"),
    ("/v1/plan?as_of=2026-03-01", "/v1/plan"),
    ("/v1/plan?as_of=2020-01-01", "/v1/plan"),
    ("/v1/weight-formats", "/v1/weight-formats"),
    ("/v1/engines", "/v1/engines"),
    ("/v1/ask?q=what GPU for 8B at 32k?", "/v1/ask"),
    ("/v1/ask?q=does 8b fit on an L4?", "/v1/ask"),
    ("/v1/ask?q=how much vram does 8b need?", "/v1/ask"),
    ("/v1/ask?q=compare 4090 vs 3090", "/v1/ask"),
    ("/health/live", "/health/live"),
    ("/v1/inventory/imports", "/v1/inventory/imports"),
    ("/health/ready", "/health/ready"),
]
PROBLEMS = [
    ("/v1/plan?context=0", "/v1/plan", 400),
    ("/v1/fit", "/v1/fit", 400),
    ("/v1/memory?gpu=l4", "/v1/memory", 400),
    ("/v1/compare?gpu=l4", "/v1/compare", 400),
    ("/v1/limits?gpu=h1000", "/v1/limits", 400),
    ("/v1/models/none", "/v1/models/{model_id}", 404),
    ("/v1/gpus/none", "/v1/gpus/{gpu_id}", 404),
    ("/v1/offers/none", "/v1/offers/{offer_id}", 404),
    ("/v1/offers?cursor=none", "/v1/offers", 400),
    ("/v1/inventory/imports/1", "/v1/inventory/imports/{import_id}", 404),
    ("/v1/inventory/imports?cursor=none", "/v1/inventory/imports", 400),
    ("/v1/offers/none/prices", "/v1/offers/{offer_id}/prices", 404),
    ("/v1/plan?as_of=2999-01-01", "/v1/plan", 400),
    ("/v1/ask?q=hello", "/v1/ask", 400),
]


@pytest.fixture
async def document(api: httpx.AsyncClient) -> dict[str, Any]:
    return (await api.get("/schema/openapi.json")).json()


def deepest(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """Return the errors that are about the value itself, not about the unions that it stands in."""
    return [leaf for error in errors for leaf in (deepest(error.context) if error.context else [error])]


def validate(answer: httpx.Response, *, document: dict[str, Any], path: str, status: int = 200) -> None:
    content = document["paths"][path]["get"]["responses"][str(status)]["content"]
    schema = next(iter(content.values()))["schema"]
    validator = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
    errors = deepest(validator.iter_errors(answer.json()))  # pyright: ignore[reportUnknownMemberType]  (loosely typed)
    assert [f"{error.json_path}: {error.message[:200]}" for error in errors] == []


@pytest.mark.parametrize(("request_path", "path"), ANSWERS)
async def test_an_answer_is_what_the_document_says(
    api: httpx.AsyncClient, document: dict[str, Any], request_path: str, path: str
) -> None:
    answer = await api.get(request_path)
    assert answer.status_code == 200, answer.text
    validate(answer, document=document, path=path)


@pytest.mark.parametrize(("request_path", "path", "status"), PROBLEMS)
async def test_a_problem_is_what_the_document_says(
    api: httpx.AsyncClient, document: dict[str, Any], request_path: str, path: str, status: int
) -> None:
    answer = await api.get(request_path)
    assert answer.status_code == status
    validate(answer, document=document, path=path, status=status)


async def test_an_offer_is_what_the_document_says(api: httpx.AsyncClient, document: dict[str, Any]) -> None:
    offer_id = (await api.get("/v1/offers?limit=1")).json()["items"][0]["offer_id"]
    for path in ("/v1/offers/{offer_id}", "/v1/offers/{offer_id}/prices"):
        validate(await api.get(path.format(offer_id=offer_id)), document=document, path=path)


async def test_every_field_of_a_plan_request_is_documented_for_query_and_body(document: dict[str, Any]) -> None:
    operations = document["paths"]["/v1/plan"]
    parameters = {parameter["name"]: parameter for parameter in operations["get"]["parameters"]}
    body = operations["post"]["requestBody"]["content"]["application/json"]["schema"]

    assert set(parameters) == set(body["properties"]) > {"context", "batch", "gpu", "max_usd_per_hour", "group"}
    assert body["additionalProperties"] is False
    assert all(parameter["description"] and not parameter["required"] for parameter in parameters.values())
    assert parameters["gpu"]["schema"]["type"] == "array"


async def test_a_documented_body_is_one_that_the_api_takes(api: httpx.AsyncClient, document: dict[str, Any]) -> None:
    schema = document["paths"]["/v1/plan"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for body in ({"context": "32k", "batch": 8}, {"context": 32_768, "gpu": ["l4", "t4"], "max_usd_per_hour": 1.5}):
        jsonschema.validate(body, schema, jsonschema.Draft202012Validator)
        assert (await api.post("/v1/plan", json=body)).status_code == 200
    for body in ({"contxt": 1}, {"batch": 0}, {"max_usd_per_hour": 0}, {"pricing": "weekly"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(body, schema, jsonschema.Draft202012Validator)
        assert (await api.post("/v1/plan", json=body)).status_code == 400


async def test_every_status_that_can_come_is_documented(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            statuses = set(operation["responses"])
            assert {"400", "500"} <= statuses, (method, path)
            assert statuses & {"200", "201", "202", "204"}, (method, path)
            # Whether the process lives is answered to anybody and without the database; all else may need a key.
            assert ("503" in statuses) == (path != "/health/live"), (method, path)
            assert ({"401", "429"} <= statuses) == (not path.startswith("/health/")), (method, path)
            assert ("404" in statuses) == ("{" in path), (method, path)
            assert ("304" in statuses) == (method == "get" and not path.startswith(("/health", "/metrics"))), path
            assert ({"413", "415"} <= statuses) == (method in {"post", "patch"}), (method, path)
            assert ({"412", "428"} <= statuses) == (method in {"patch", "delete"}), (method, path)


async def test_every_route_says_whether_it_needs_a_key(document: dict[str, Any]) -> None:
    asking = {"/v1/plan", "/v1/plan/chart", "/v1/ask", *(f"/v1/{task}" for task in TASKS)}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/health/"):
                assert "security" not in operation, path
            elif method == "get" or path in asking:
                assert operation["security"] == [{}, {"key": []}], (method, path)
                # Of the audit trail, changes of keys alone need more than reading does.
                assert ("403" in operation["responses"]) == (path == "/v1/inventory/changes"), (method, path)
            else:
                assert operation["security"] == [{"key": []}], (method, path)
                assert "403" in operation["responses"], (method, path)
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


async def test_problems_are_documented_as_problem_json(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"]


async def test_the_page_names_no_other_host(api: httpx.AsyncClient) -> None:
    page = await api.get("/schema")

    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", page.text) == []


async def test_every_file_of_the_page_comes_from_here(api: httpx.AsyncClient) -> None:
    page = (await api.get("/schema")).text
    files = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(files) >= 3
    for file in files:
        answer = await api.get(file)
        assert file.startswith("/schema/assets/")
        assert answer.status_code == 200
        assert len(answer.content) > 100
    # A style sheet can fetch too.
    css = (await api.get(next(file for file in files if file.endswith(".css")))).text
    assert re.findall(r"@import|url\(\s*['\"]?https?:", css) == []
