"""Run the MCP server until its client goes or it is told to stop: `python -m bots.mcp`, or `r1plan mcp`."""

import argparse
import asyncio
import os
import sys

import uvicorn
from mcp.server.stdio import stdio_server

from bots.client import PlannerClient
from bots.logs import start_logging
from bots.mcp.server import make_server
from bots.settings import ApiSettings, InvalidSetting, read_api_settings

WRONG_SETTING = 2
MOST_PORT = 65_535


def main() -> int:
    """Serve over standard input and output, or over streamable HTTP with --http; return the exit status."""
    parser = argparse.ArgumentParser(prog="r1plan mcp", description=__doc__)
    parser.add_argument("--http", action="store_true", help="serve streamable HTTP at /mcp instead of standard input")
    parser.add_argument("--host", default="127.0.0.1", help="where --http listens (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="the port of --http (default: %(default)s)")
    arguments = parser.parse_args()
    if not 1 <= arguments.port <= MOST_PORT:
        sys.stderr.write(f"r1plan mcp: --port is {arguments.port}: give a number from 1 to {MOST_PORT}\n")
        return WRONG_SETTING
    try:
        settings = read_api_settings(os.environ)
    except InvalidSetting as error:
        sys.stderr.write(f"r1plan mcp: {error}\n")
        return WRONG_SETTING
    # Standard output belongs to the protocol; lines of the log go to standard error.
    start_logging(settings.log_level, secrets=[settings.api_key])
    if arguments.http:
        asyncio.run(_serve_http(settings, host=arguments.host, port=arguments.port))
    else:
        asyncio.run(_serve_stdio(settings))
    return 0


async def _serve_stdio(settings: ApiSettings) -> None:
    async with PlannerClient(settings.api_url, key=settings.api_key) as planner, stdio_server() as (incoming, outgoing):
        server = make_server(planner)
        await server.run(incoming, outgoing, server.create_initialization_options())


async def _serve_http(settings: ApiSettings, *, host: str, port: int) -> None:
    async with PlannerClient(settings.api_url, key=settings.api_key) as planner:
        # No call depends on an earlier one: any replica may answer it, and nothing is lost at a restart.
        app = make_server(planner).streamable_http_app(host=host, stateless_http=True, json_response=True)
        await uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_config=None, lifespan="on")).serve()


if __name__ == "__main__":
    sys.exit(main())
