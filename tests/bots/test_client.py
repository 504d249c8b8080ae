from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bots.client import (
    PlannerClient,
    PlannerGivenUp,
    PlannerRefused,
    PlannerSlow,
    PlannerUnreachable,
    PlannerUnreadable,
)
from bots.settings import Secret
from tests.bots.planner_api import INFEASIBLE, PLAN, PlannerApi


async def test_a_plan_is_asked_for_with_the_fields_given_and_read() -> None:
    async with PlannerApi({"/v1/plan": (200, PLAN)}) as api, PlannerClient(api.url) as planner:
        answer = await planner.answer("plan", [("context", "32k"), ("gpu", "l4"), ("gpu", "l40s")])

    assert api.queries == [("/v1/plan", {"context": "32k", "gpu": "l4,l40s"})]
    assert answer.options is not None
    assert answer.options[0].gpu is not None
    assert answer.options[0].gpu.name == "RTX 4090"


async def test_a_question_keeps_its_words_on_the_way() -> None:
    asked = {"question": "?", "understood": {"context": 32768}, "ignored": ["please"], "answer": INFEASIBLE}
    async with PlannerApi({"/v1/ask": (200, asked)}) as api, PlannerClient(api.url) as planner:
        answer = await planner.ask("8B & 32k? 规划 100%")

    assert api.queries == [("/v1/ask", {"q": "8B & 32k? 规划 100%"})]
    assert answer.answer is not None
    assert answer.answer.outcome == "infeasible"


async def test_a_key_is_sent_where_there_is_one() -> None:
    async with PlannerApi({"/v1/plan": (200, PLAN)}) as api:
        for key in (None, Secret("r1p_abc")):
            async with PlannerClient(api.url, key=key) as planner:
                await planner.answer("plan", [])

    assert api.authorizations == [None, "Bearer r1p_abc"]


async def test_a_follow_up_takes_the_question_before_along() -> None:
    previous = {"intent": "plan", "request": {"context": "32768"}}
    async with PlannerApi({"POST /v1/ask": (200, {"answer": PLAN})}) as api, PlannerClient(api.url) as planner:
        await planner.ask("and at 64k?", previous=previous)

    assert api.bodies == [("/v1/ask", {"question": "and at 64k?", "previous": previous})]


async def test_every_page_of_a_list_is_read() -> None:
    answers: dict[str, tuple[int, Any]] = {
        "/v1/offers": (200, {"items": [{"provider": "lium"}], "next_cursor": "b"}),
        "/v1/offers?cursor=b": (200, {"items": [{"provider": "hyperstack"}], "next_cursor": None}),
    }
    async with PlannerApi(answers) as api, PlannerClient(api.url) as planner:
        offers = await planner.offers()

    assert [offer.provider for offer in offers] == ["lium", "hyperstack"]


async def test_lists_hold_what_the_api_names() -> None:
    answers: dict[str, tuple[int, Any]] = {
        "/v1/gpus": (200, {"items": [{"gpu_id": "l4", "name": "L4", "new_field": 1}]}),
        "/v1/models": (200, {"items": [{"model_id": "deepseek-r1-8b"}]}),
        "/v1/weight-formats": (200, {"items": [{"weight_format": "fp8"}]}),
    }
    async with PlannerApi(answers) as api, PlannerClient(api.url) as planner:
        assert [gpu.gpu_id for gpu in await planner.gpus()] == ["l4"]
        assert [model.model_id for model in await planner.models()] == ["deepseek-r1-8b"]
        assert [form.weight_format for form in await planner.weight_formats()] == ["fp8"]


async def test_a_problem_of_the_api_is_kept_as_it_is() -> None:
    problem: dict[str, Any] = {
        "title": "Bad request",
        "status": 400,
        "detail": "context is 0",
        "code": "invalid_context",
        "extra": [],
    }
    async with PlannerApi({"/v1/plan": (400, problem)}) as api, PlannerClient(api.url) as planner:
        with pytest.raises(PlannerRefused, match="status=400 code=invalid_context") as refusal:
            await planner.answer("plan", [("context", "0")])

    assert refusal.value.status == 400
    assert refusal.value.problem.detail == "context is 0"
    assert "context is 0" not in repr(refusal.value)


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"\xff", {"detail": 5}])
def test_an_error_without_a_problem_is_still_a_refusal(body: bytes | dict[str, int]) -> None:
    async def ask() -> None:
        async with PlannerApi({"/v1/plan": (502, body)}) as api, PlannerClient(api.url) as planner:
            with pytest.raises(PlannerRefused, match="502") as refusal:
                await planner.answer("plan", [])
            assert refusal.value.status == 502

    asyncio.run(ask())


@pytest.mark.parametrize("body", [b"not json", {"options": 5}, b"[]"])
async def test_an_answer_of_another_shape_is_unreadable(body: bytes | dict[str, int]) -> None:
    async with PlannerApi({"/v1/plan": (200, body)}) as api, PlannerClient(api.url) as planner:
        with pytest.raises(PlannerUnreadable):
            await planner.answer("plan", [])


async def test_an_address_without_r1plans_paths_is_unreadable() -> None:
    async with PlannerApi({}) as api, PlannerClient(api.url) as planner:
        with pytest.raises(PlannerUnreadable, match="404"):
            await planner.answer("plan", [])


async def test_nothing_at_the_address_is_unreachable_at_once(free_port: int) -> None:
    async with PlannerClient(f"http://127.0.0.1:{free_port}") as planner:
        began = time.monotonic()
        with pytest.raises(PlannerUnreachable):
            await planner.answer("plan", [])

    assert time.monotonic() - began < 3


async def test_an_address_that_swallows_everything_is_unreachable_within_three_seconds() -> None:
    # a listening socket whose queue is full takes no further connection, as a host that drops packets
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0, backlog=1, start_serving=True)
    async with server:
        port = server.sockets[0].getsockname()[1]
        server.get_loop().remove_reader(server.sockets[0].fileno())
        fillers = [asyncio.create_task(asyncio.open_connection("127.0.0.1", port)) for _ in range(4)]
        await asyncio.sleep(0.1)
        async with PlannerClient(f"http://127.0.0.1:{port}") as planner:
            began = time.monotonic()
            with pytest.raises(PlannerUnreachable):
                await planner.answer("plan", [])
            waited_seconds = time.monotonic() - began
        for filler in fillers:
            filler.cancel()
        connections = await asyncio.gather(*fillers, return_exceptions=True)
        for connection in connections:
            if isinstance(connection, tuple):
                connection[1].close()

    assert waited_seconds < 3


async def test_an_api_that_does_not_answer_in_time_is_slow() -> None:
    async with (
        PlannerApi({"/v1/plan": (200, PLAN)}, delay_seconds=1.0) as api,
        PlannerClient(api.url, total_seconds=0.1) as planner,
    ):
        with pytest.raises(PlannerSlow) as slow:
            await planner.answer("plan", [])

    assert slow.value.seconds == 0.1


async def test_an_api_that_hangs_up_is_unreachable() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with PlannerClient(f"http://127.0.0.1:{port}") as planner:
            with pytest.raises(PlannerUnreachable):
                await planner.answer("plan", [])


async def test_a_client_that_is_told_to_give_up_waits_for_no_call_under_way_and_begins_none() -> None:
    async with PlannerApi({"/v1/plan": (200, {})}, delay_seconds=60) as api, PlannerClient(api.url) as planner:
        calls = [asyncio.create_task(planner.answer("plan", [])) for _ in range(3)]
        await asyncio.sleep(0.1)
        planner.give_up()
        planner.give_up()
        await asyncio.wait(calls)
        with pytest.raises(PlannerGivenUp):
            await planner.gpus()

    assert [type(call.exception()) for call in calls] == [PlannerGivenUp] * 3
