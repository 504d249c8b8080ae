"""For operations: is the bot alive, does it hear Discord, and its figures."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bots.metrics import CONTENT_TYPE, Metrics


@asynccontextmanager
async def serve_health(
    *, host: str, port: int | None, is_ready: Callable[[], bool], metrics: Metrics
) -> AsyncGenerator[None]:
    """Answer `/health/live`, `/health/ready` (503 while Discord is not heard) and `/metrics` inside the block.

    Without a `port` nothing listens. Raises OSError where the port cannot be listened on.
    """
    if port is None:
        yield
        return

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def ready(_: web.Request) -> web.Response:
        return web.json_response({"status": "ready"}) if is_ready() else _not_ready()

    async def figures(_: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    application = web.Application()
    application.add_routes(
        [web.get("/health/live", live), web.get("/health/ready", ready), web.get("/metrics", figures)]
    )
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()


def _not_ready() -> web.Response:
    return web.json_response({"status": "not connected to Discord"}, status=503)
