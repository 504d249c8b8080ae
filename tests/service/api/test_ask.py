"""`/v1/ask`: what a question says, and the plan for it."""

import httpx
import pytest

from tests.service.api.test_bad_input import assert_problem


async def test_a_question_gets_the_plan_that_its_fields_would_get(api: httpx.AsyncClient) -> None:
    asked = (await api.get("/v1/ask", params={"q": "what GPU for 8B at 32k, batch 4?"})).json()
    planned = (await api.get("/v1/plan", params={"context": "32k", "batch": 4})).json()

    assert asked["understood"]["context"] == 32_768
    assert asked["understood"]["batch"] == 4
    assert asked["intent"] == "plan"
    assert asked["language"] == "en"
    assert asked["answer"]["options"] == planned["options"]


@pytest.mark.parametrize(
    ("question", "intent", "endpoint"),
    [
        ("8b fp8 on L4, 16k, batch 2 - does it fit?", "fit", "/v1/fit?gpu=l4&context=16k&batch=2&weight_format=fp8"),
        ("max context on a 24GB 3090 with fp16 weights", "max_context", "/v1/fit?gpu=rtx-3090&weight_format=fp16"),
        ("how many users can two 4090s hold at 8k?", "max_batch", "/v1/fit?gpu=rtx-4090&gpu_count=2&context=8k"),
        ("how much vram does 8b fp8 need at 32k?", "memory", "/v1/memory?weight_format=fp8&context=32k"),
        ("compare 4090 vs 3090 at 16k", "compare", "/v1/compare?gpu=rtx-4090&gpu=rtx-3090&context=16k"),
        ("does 8b at 16k fit into 24 GB VRAM?", "fit", "/v1/fit?vram_gb=24&context=16k"),
    ],
)
async def test_a_question_gets_the_answer_of_the_path_that_its_intent_names(
    api: httpx.AsyncClient, question: str, intent: str, endpoint: str
) -> None:
    asked = (await api.get("/v1/ask", params={"q": question})).json()

    assert asked["intent"] == intent
    assert asked["endpoint"] == endpoint.partition("?")[0]
    assert asked["not_applied"] == []
    assert asked["answer"] == (await api.get(endpoint)).json()


async def test_two_families_of_many_gpus_are_compared_by_one_of_each(api: httpx.AsyncClient) -> None:
    asked = (await api.get("/v1/ask", params={"q": "compare A100 and H100 for 8b at 32k"})).json()

    assert len(asked["answer"]["machines"]) == 2
    assert len(asked["answer"]["warnings"]) == 2


async def test_what_a_question_does_not_say_is_said_to_be_assumed(api: httpx.AsyncClient) -> None:
    asked = (await api.get("/v1/ask", params={"q": "8b on an L4?"})).json()

    assert {"context", "batch"} <= set(asked["assumed"])
    assert asked["answer"]["request"]["assumed"] == asked["assumed"]


async def test_what_was_not_understood_is_listed(api: httpx.AsyncClient) -> None:
    asked = (await api.get("/v1/ask", params={"q": "8b at 32k with a frobnicated zork on L4"})).json()

    assert any("zork" in fragment for fragment in asked["ignored"])


async def test_what_the_answer_cannot_apply_is_named(api: httpx.AsyncClient) -> None:
    asked = (await api.get("/v1/ask", params={"q": "does 8b fit on g6.xlarge at 32k under $2/h?"})).json()

    assert asked["endpoint"] == "/v1/fit"
    assert asked["not_applied"] == ["max_usd_per_hour"]


async def test_a_question_about_something_else_is_answered_with_examples(api: httpx.AsyncClient) -> None:
    problem = assert_problem(
        await api.get("/v1/ask", params={"q": "what is the weather in Rome?"}), status=400, code="not_understood"
    )

    assert problem["field"] == "q"
    assert problem["examples"]
    for example in problem["examples"]:
        assert (await api.get("/v1/ask", params={"q": example})).status_code == 200


async def test_a_question_must_be_there_once_and_of_a_length_to_read(api: httpx.AsyncClient) -> None:
    assert assert_problem(await api.get("/v1/ask"), status=400, code="invalid_q")["field"] == "q"
    assert_problem(await api.get("/v1/ask?q="), status=400, code="invalid_q")
    assert_problem(await api.get("/v1/ask?q=8b&q=32k"), status=400, code="invalid_q")
    long = await api.get("/v1/ask", params={"q": "8b at 32k " * 300})
    assert assert_problem(long, status=400, code="question_too_long")["field"] == "q"


async def test_a_question_whose_context_cannot_be_is_refused_like_a_request(api: httpx.AsyncClient) -> None:
    problem = assert_problem(
        await api.get("/v1/ask", params={"q": "8b at 2000k context"}), status=400, code="invalid_context"
    )
    assert problem["allowed"]


async def test_a_follow_up_changes_the_question_before(api: httpx.AsyncClient) -> None:
    first = (await api.post("/v1/ask", json={"question": "what GPU for 8B at 32k, batch 4, no AMD?"})).json()
    previous = {"intent": first["intent"], "request": first["understood"]}
    second = (await api.post("/v1/ask", json={"question": "and at 64k?", "previous": previous})).json()
    previous = {"intent": second["intent"], "request": second["understood"]}
    third = (await api.post("/v1/ask", json={"question": "without Intel, with spot", "previous": previous})).json()

    assert first["answer"] == (await api.get("/v1/plan?context=32k&batch=4&exclude_vendor=amd")).json()
    assert second["understood"] == {"context": 65_536, "batch": 4, "exclude_vendor": "amd"}
    assert second["answer"] == (await api.get("/v1/plan?context=64k&batch=4&exclude_vendor=amd")).json()
    assert third["understood"]["exclude_vendor"] == ["amd", "intel"]
    assert third["understood"]["context"] == 65_536
    assert "spot" in third["answer"]["request"]["pricing"]


async def test_what_another_writes_into_previous_is_read_as_the_api_reads_fields(api: httpx.AsyncClient) -> None:
    previous = {"intent": "fit", "request": {"context": "32k", "gpu": ["RTX 4090"], "engine": [], "batch": None}}
    asked = (await api.post("/v1/ask", json={"question": "那 16k 呢?", "previous": previous})).json()

    assert asked["language"] == "zh"
    assert asked["endpoint"] == "/v1/fit"
    assert asked["answer"] == (await api.get("/v1/fit?gpu=RTX+4090&context=16k")).json()


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "invalid_question", "question"),
        ({"question": None}, "invalid_question", "question"),
        ({"question": "8B at 32k?", "frobnicate": 1}, "unknown_parameter", "frobnicate"),
        ({"question": "and at 64k?", "previous": 5}, "invalid_previous", "previous"),
        ({"question": "and at 64k?", "previous": {}}, "invalid_previous", "previous"),
        ({"question": "64k?", "previous": {"intent": "sing", "request": {}}}, "invalid_previous", "previous"),
        ({"question": "64k?", "previous": {"intent": "plan", "request": {"x": 1}}}, "invalid_previous", "previous"),
        ({"question": "64k?", "previous": {"intent": "plan", "request": {"batch": -1}}}, "invalid_batch", "batch"),
        ({"question": "hello there", "previous": {"intent": "plan", "request": {}}}, "not_understood", "question"),
    ],
)
async def test_a_follow_up_that_cannot_be_used_is_refused(
    api: httpx.AsyncClient, body: dict[str, object], code: str, field: str
) -> None:
    problem = assert_problem(await api.post("/v1/ask", json=body), status=400, code=code)

    assert problem["field"] == field
