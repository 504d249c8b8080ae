"""The MCP server: lists the tools, and passes a call of one on to the API."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, cast

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
from bots.mcp.texts import describe, describe_error
from bots.mcp.tools import PATHS, UnknownDescription, make_tools

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
            raise MCPError(INTERNAL_ERROR, _sentence(error)) from error
        except UnknownDescription as error:
            raise MCPError(INTERNAL_ERROR, f"API and MCP server may be of different versions: {error}.") from error

    async def call_tool(_: ServerRequestContext[Any], call: CallToolRequestParams) -> CallToolResult:
        path = PATHS.get(call.name)
        if path is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {call.name[:80]!r}. There are {', '.join(PATHS)}.")
        try:
            body = await planner.fetch(path, _to_query(call.arguments or {}))
            text = describe(call.name, body)
        except PlannerError as error:
            return CallToolResult(content=[TextContent(text=_sentence(error))], is_error=True)
        return CallToolResult(content=[TextContent(text=text)], structured_content=json.loads(body))

    return Server(
        "r1plan",
        version=version("r1plan"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _to_query(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return `arguments` as query parameters: one for each value of a list; null is as good as not given."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, values in arguments.items()
        for value in (cast("list[Any]", values) if isinstance(values, list) else [values])
        if value is not None
    ]


def _sentence(error: PlannerError) -> str:
    text = describe_error(error)
    if isinstance(error, PlannerRefused) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR and error.problem.field:
        return f"{error.problem.field}: {text}"
    return text
