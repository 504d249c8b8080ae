"""The MCP server as its own process and the protocol's official client, over both transports, on the real API."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, TextContent

from tests.secret_watch import watch
from tests.service_process import ServiceProcess

TRANSPORTS = ("stdio", "http")
CALLS: dict[str, dict[str, Any]] = {
    "plan": {"context": "32k", "batch": 4, "gpu": ["l4", "rtx-4090"], "limit": 2},
    "fit": {"gpu": ["l4"], "context": 8192, "weight_format": ["fp8"]},
    "limits": {"gpu": ["l4"]},
    "compare": {"gpu": ["l4", "h100-sxm"], "context": "8k"},
    "ask": {"q": "does 8B in fp8 fit on an L4 at 16k?"},
}

BAD_CALLS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("plan", {"context": "soon"}, "context"),
    ("plan", {"contxt": "32k"}, "contxt"),
    ("plan", {"batch": -1}, "batch"),
    ("fit", {"gpu": ["rtx-4091"], "context": "8k"}, "gpu"),
    ("compare", {"gpu": ["l4"], "context": "8k"}, "gpu"),
    ("limits", {}, "gpu"),
    ("ask", {}, "q"),
    ("ask", {"q": ""}, "q"),
    ("ask", {"q": "x" * 200_000}, "q"),
    ("plan", {"model": "m" * 100_000, "context": "8k"}, "model"),
    ("plan", {"config": {"model_type": "mamba"}}, "config"),
    ("plan", {"config": {"model_type": "llama"}}, "config"),
    ("fit", {"config": {"model_type": "llama"}}, "gpu"),
)


@contextmanager
def serve_http(port: int, environment: dict[str, str]) -> Generator[str]:
    command = [sys.executable, "-m", "bots.mcp", "--http", "--port", str(port)]
    with (
        tempfile.TemporaryFile() as written,
        subprocess.Popen(command, env=environment, stdout=written, stderr=subprocess.STDOUT) as process,
    ):
        try:
            deadline = time.monotonic() + 30
            while not is_listening(port):
                assert process.poll() is None, "the MCP server ended"
                assert time.monotonic() < deadline, "the MCP server did not listen in time"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.terminate()
            process.wait(10)
            written.seek(0)
            watch("the MCP server", output=written.read().decode(errors="replace"), environment=environment)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def server_at(transport: str, api_url: str) -> Generator[str | StdioServerParameters]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("R1PLAN_")}
    environment = {**inherited, "R1PLAN_API_URL": api_url}
    if transport == "stdio":
        yield StdioServerParameters(command=sys.executable, args=["-m", "bots.mcp"], env=environment)
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with serve_http(port, environment) as url:
        yield url


# Not an open client: its cancel scopes must end in the task that began them, which a fixture's end is not.
@pytest.fixture(scope="module")
def url(api_url: str) -> Iterator[str | StdioServerParameters]:
    """Run one server over HTTP for all tests that do not stop it: what a tool answers does not depend on the way."""
    with server_at("http", api_url) as server:
        yield server


def is_valid(value: Any, schema: dict[str, Any]) -> bool:  # noqa: ANN401 - any JSON value
    Draft202012Validator.check_schema(schema)
    return not list(Draft202012Validator(schema).iter_errors(value))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (untyped)


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_every_tool_answers_as_its_schema_says(
    transport: str, request: pytest.FixtureRequest, api_url: str
) -> None:
    with nullcontext(request.getfixturevalue("url")) if transport == "http" else server_at("stdio", api_url) as server:
        async with Client(server) as agent:
            tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
            assert tools.keys() == CALLS.keys()

            for name, arguments in CALLS.items():
                tool = tools[name]
                assert tool.description
                assert tool.output_schema is not None
                assert is_valid(arguments, tool.input_schema)
                result = await agent.call_tool(name, arguments)
                assert not result.is_error, text_of(result)
                assert is_valid(result.structured_content, tool.output_schema)
                assert text_of(result)


async def test_a_plan_carries_launch_command_and_sources(url: str | StdioServerParameters) -> None:
    async with Client(url) as agent:
        result = await agent.call_tool("plan", CALLS["plan"])

        answer = result.structured_content
        assert answer is not None
        best = answer["options"][0]
        assert len(answer["options"]) == 2
        assert best["gpu"]["gpu_id"] in {"l4", "rtx-4090"}
        assert best["launch"]["command"].split()[0] in text_of(result)
        assert best["offer"]["source"] in text_of(result)


async def test_nothing_fits_is_an_answer_and_no_error(url: str | StdioServerParameters) -> None:
    async with Client(url) as agent:
        result = await agent.call_tool("plan", {"context": "128k", "batch": 64, "max_usd_per_hour": 0.1})

        assert not result.is_error
        assert result.structured_content is not None
        assert result.structured_content["outcome"] == "infeasible"


async def test_a_bad_argument_is_a_tool_error_that_names_the_field(url: str | StdioServerParameters) -> None:
    async with Client(url) as agent:
        for tool, arguments, named in BAD_CALLS:
            result = await agent.call_tool(tool, arguments)
            assert result.is_error
            assert text_of(result).startswith(f"{named}: ")


async def test_an_error_tells_values_as_the_api_takes_them(url: str | StdioServerParameters) -> None:
    async with Client(url) as agent:
        priced = text_of(await agent.call_tool("plan", {"pricing": ["rent"]}))
        asked = text_of(await agent.call_tool("ask", {"q": ""}))

    assert "on_demand" in priced
    assert "own machines" not in priced
    assert "what GPU for 8B at 32k?" in asked


async def test_a_question_for_the_largest_context_is_answered_with_it(url: str | StdioServerParameters) -> None:
    async with Client(url) as agent:
        result = await agent.call_tool("ask", {"q": "max context on a 3090"})

    assert result.structured_content is not None
    most = result.structured_content["answer"]["max_context"]
    assert re.match(rf"Largest context on 1x RTX 3090: ({most:,}|{most // 1024}k) for one sequence", text_of(result))
    assert "tokens/s for each user" in text_of(result)
    # the launch command is the one for that context
    assert str(most) in text_of(result)


async def test_a_text_that_is_one_page_of_several_says_so(url: str | StdioServerParameters) -> None:
    async with Client(url) as agent:
        family = text_of(await agent.call_tool("limits", {"gpu": ["h100"]}))
        one = text_of(await agent.call_tool("plan", {"context": "8k", "limit": 2}))

    assert "1x H100 PCIe: context up to 128k" in family
    assert re.search(r"page 1 of \d+: the structured content holds everything\.$", family)
    assert "page 1" not in one


async def test_a_context_as_people_write_it_is_of_the_announced_schema(url: str | StdioServerParameters) -> None:
    async with Client(url) as agent:
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}

    for context in ("8k", "64K", "100k", "128k", 131_072):
        assert is_valid({"context": context}, tools["plan"].input_schema)


async def test_a_tool_that_is_not_there_is_refused_with_those_that_are(url: str | StdioServerParameters) -> None:
    async with Client(url) as agent:
        with pytest.raises(MCPError, match="plan, fit, limits, compare, ask"):
            await agent.call_tool("plans", {})


async def test_without_the_api_a_call_says_so_and_works_again_when_it_is_back(service: ServiceProcess) -> None:
    with server_at("stdio", service.url) as server:
        async with Client(server) as agent:
            await agent.list_tools()
            service.stop()
            result = await agent.call_tool("plan", {"context": "32k"})
            assert result.is_error
            assert "cannot be reached" in text_of(result)

            await asyncio.to_thread(service.start)
            assert not (await agent.call_tool("plan", {"context": "32k"})).is_error


@pytest.mark.parametrize(
    ("arguments", "api_url", "told"),
    [
        ((), "nowhere", "r1plan mcp: R1PLAN_API_URL"),
        (("--http", "--port", "99999"), "http://127.0.0.1:9", "r1plan mcp: --port is 99999: "),
    ],
)
def test_a_wrong_setting_stops_the_server_with_one_line(arguments: tuple[str, ...], api_url: str, told: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bots.mcp", *arguments],
        env={**os.environ, "R1PLAN_API_URL": api_url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith(told)
    assert ended.stderr.count("\n") == 1
