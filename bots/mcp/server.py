"""The MCP server: lists the tools, and passes a call of one on to the API."""

import json
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urlencode

import msgspec
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
)

from bots.client import PlannerClient, PlannerError, PlannerRefused
from bots.mcp.texts import Answered, describe, describe_error, read_answer
from bots.mcp.tools import PATHS, UnknownDescription, make_tools
from bots.most import at_the_most, with_the_most

LONGEST_QUERY: Final = 60_000
"""The API's server refuses longer addresses without a word."""

Arguments: TypeAlias = Mapping[str, Any]

INSTRUCTIONS = (
    "r1plan finds the cheapest GPU and quantization that will serve DeepSeek-R1 8B at a context and batch. Its figures"
    " are calculated and carry their basis and source: pass these on. `plan` finds deployments, `fit` judges one"
    " machine, `limits` says how far one reaches, `compare` sets machines side by side, `ask` reads a question in"
    " English or Chinese. Every result has the whole answer as structured content and the essence as text, with the"
    " launch command."
)


def make_server(planner: PlannerClient) -> Server[Any]:
    """Return a server whose tools ask `planner`; it keeps no state between calls."""

    async def list_tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        try:
            return ListToolsResult(tools=make_tools(await planner.describe()))
        except PlannerError as error:
            raise MCPError(INTERNAL_ERROR, describe_error(error)) from error
        except UnknownDescription as error:
            raise MCPError(INTERNAL_ERROR, f"API and MCP server may be of different versions: {error}.") from error

    async def call_tool(_: ServerRequestContext[Any], call: CallToolRequestParams) -> CallToolResult:
        path = PATHS.get(call.name)
        if path is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {call.name[:80]!r}. There are {', '.join(PATHS)}.")
        arguments = call.arguments or {}
        query = _to_query(arguments)
        if (too_long := _find_too_long(query)) is not None:
            return _refuse(too_long)
        try:
            body = await planner.fetch(path, query)
            text = describe(await _at_the_most(read_answer(call.name, body), planner))
        except PlannerError as error:
            return _refuse(await _sentence_of(error, tool=call.name, arguments=arguments, planner=planner))
        return CallToolResult(content=[TextContent(text=text)], structured_content=json.loads(body))

    return Server(
        "r1plan",
        version=version("r1plan"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _to_query(arguments: Arguments) -> list[tuple[str, str]]:
    """Return `arguments` as query parameters: one for each value of a list; null is as good as not given."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, values in arguments.items()
        for value in (cast("list[Any]", values) if isinstance(values, list) else [values])
        if value is not None
    ]


def _find_too_long(query: Sequence[tuple[str, str]]) -> str | None:
    """Return why the arguments are more than an address holds, None where they are not."""
    size = len(urlencode(query))
    if size <= LONGEST_QUERY:
        return None
    name, value = max(query, key=lambda pair: len(pair[1]))
    return f"{name}: it has {len(value):,} characters. Allowed: {LONGEST_QUERY:,} for all arguments as they are sent."


async def _at_the_most(answered: Answered, planner: PlannerClient) -> Answered:
    """Return the answer about the largest context or batch where that was the question, as the Discord bot does."""
    most = at_the_most(answered.enquiry, answered.answer)
    if most is None:
        return answered
    judged = with_the_most(answered.answer, await planner.answer(most.path, most.parameters()))
    return msgspec.structs.replace(answered, answer=judged)


async def _sentence_of(error: PlannerError, *, tool: str, arguments: Arguments, planner: PlannerClient) -> str:
    """Return what was wrong, after the name of the argument that it was wrong with."""
    text = describe_error(error)
    if not isinstance(error, PlannerRefused) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return text
    field = error.problem.field
    if field and field not in arguments and "config" in arguments:
        # the API names what is wrong inside the config
        field = field if field in await _argument_names(tool, planner) else "config"
    return f"{field}: {text}" if field else text


async def _argument_names(tool: str, planner: PlannerClient) -> Collection[str]:
    try:
        (found,) = (each for each in make_tools(await planner.describe()) if each.name == tool)
    except (PlannerError, UnknownDescription):
        return ()
    return found.input_schema["properties"]


def _refuse(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text)], is_error=True)
