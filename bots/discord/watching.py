"""What Discord does not take, counted where discord.py sends it: much of that it sends again without a word."""

from http import HTTPStatus
from types import SimpleNamespace

import aiohttp

from bots.metrics import Metrics


def watch_discord(metrics: Metrics) -> aiohttp.TraceConfig:
    """Return what tells `metrics` about the requests of a client of discord.py, as its `http_trace`."""

    async def note(_: aiohttp.ClientSession, __: SimpleNamespace, ended: aiohttp.TraceRequestEndParams) -> None:
        if ended.response.status >= HTTPStatus.BAD_REQUEST:
            metrics.count_discord_error(ended.response.status)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(note)
    return trace
