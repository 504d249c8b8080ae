"""`/v1/ask`: what a question says, and the plan for it."""

import httpx

from tests.service.api.test_bad_input import assert_problem


async def test_a_question_gets_the_plan_that_its_fields_would_get(api: httpx.AsyncClient) -> None:
    asked = (await api.get("/v1/ask", params={"q": "what GPU for 8B at 32k, batch 4?"})).json()
    planned = (await api.get("/v1/plan", params={"context": "32k", "batch": 4})).json()

    assert asked["understood"]["context"] == 32_768
    assert asked["understood"]["batch"] == 4
    assert asked["intent"] == "plan"
    assert asked["language"] == "en"
    assert asked["answer"]["options"] == planned["options"]


async def test_what_a_question_does_not_say_is_said_to_be_assumed(api: httpx.AsyncClient) -> None:
    asked = (await api.get("/v1/ask", params={"q": "8b on an L4?"})).json()

    assert {"context", "batch"} <= set(asked["assumed"])
    assert asked["answer"]["request"]["assumed"] == asked["assumed"]


async def test_what_was_not_understood_is_listed(api: httpx.AsyncClient) -> None:
    asked = (await api.get("/v1/ask", params={"q": "8b at 32k with a frobnicated zork on L4"})).json()

    assert any("zork" in fragment for fragment in asked["ignored"])


async def test_what_no_plan_can_apply_yet_is_named(api: httpx.AsyncClient) -> None:
    asked = (await api.get("/v1/ask", params={"q": "does 8b at 16k fit into 24 GB VRAM?"})).json()

    assert set(asked["not_applied"]) == set(asked["understood"]) - set(asked["answer"]["request"])


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
