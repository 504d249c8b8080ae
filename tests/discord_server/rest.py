"""The REST API: finds the route, checks who asks and what, keeps a record, and answers as Discord does."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.discord_server.body import read_body
from tests.discord_server.exchange import Answer, Exchange
from tests.discord_server.openapi import OpenApi
from tests.discord_server.routes.application import ApplicationRoutes
from tests.discord_server.routes.channels import ChannelRoutes
from tests.discord_server.routes.gateway import GatewayRoutes
from tests.discord_server.routes.interactions import InteractionRoutes
from tests.discord_server.rules.attachments import attachment_problems
from tests.discord_server.rules.problem import Problem, as_discord_error
from tests.discord_server.rules.requests import request_problems
from tests.discord_server.world import World

_Handler = Callable[[Exchange], Awaitable[Answer]]

COMMANDS = "/applications/{application_id}/commands"
GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = f"{FOLLOW_UP}/messages/@original"
MESSAGES = "/channels/{channel_id}/messages"
# the token in the path stands for the bot there
BY_TOKEN = ("/interactions/", "/webhooks/")

_OK, _NO_CONTENT, _BAD_REQUEST, _TOO_MANY = 200, 204, 400, 429


class Rest:
    """The routes and the record of what went over them.

    `refused` holds what Discord would have rejected and what the stand-in stumbled over, `own_faults` where its answers
    differ from Discord's schema, `postponed` the requests that are still to be answered with a 429.
    """

    def __init__(
        self,
        world: World,
        *,
        openapi: OpenApi | None,
        application: ApplicationRoutes,
        interactions: InteractionRoutes,
        channels: ChannelRoutes,
        gateway: GatewayRoutes,
    ) -> None:
        self._world = world
        self._openapi = openapi
        self.exchanges: list[Exchange] = []
        self.refused: list[Exchange] = []
        self.own_faults: list[tuple[str, str, Problem]] = []
        self.postponed: list[tuple[str, str]] = []
        table: list[tuple[str, str, _Handler]] = [
            ("GET", "/users/@me", application.show_me),
            ("GET", "/oauth2/applications/@me", application.show_application),
            ("GET", "/gateway/bot", gateway.show),
            ("GET", COMMANDS, application.list_commands),
            ("PUT", COMMANDS, application.replace_commands),
            ("GET", GUILD_COMMANDS, application.list_commands),
            ("PUT", GUILD_COMMANDS, application.replace_commands),
            ("POST", CALLBACK, interactions.answer),
            ("GET", ORIGINAL, interactions.show_original),
            ("PATCH", ORIGINAL, interactions.edit_original),
            ("DELETE", ORIGINAL, interactions.delete_original),
            ("POST", FOLLOW_UP, interactions.follow_up),
            ("POST", MESSAGES, channels.send),
            ("PATCH", MESSAGES + "/{message_id}", channels.edit),
            ("POST", "/channels/{channel_id}/typing", channels.show_typing),
        ]
        self._routes = [(method, template, _pattern(template), handler) for method, template, handler in table]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request of the bot."""
        exchange = Exchange(
            method=request.method, path="/" + request.match_info["tail"], query=dict(request.query.items())
        )
        self.exchanges.append(exchange)
        handler = self._find(exchange)
        if handler is None:
            answer = Answer(status=404, body={"message": "404: Not Found", "code": 0})
        elif (exchange.method, exchange.template) in self.postponed:
            self.postponed.remove((exchange.method, exchange.template))
            exchange.status = _TOO_MANY
            return _too_many_requests()
        else:
            answer = await self._answer(exchange, request, handler)
        exchange.status = answer.status
        if answer.status >= _BAD_REQUEST:
            exchange.why = json.dumps(answer.body)
            self.refused.append(exchange)
        elif self._openapi is not None and answer.body is not None:
            faults = self._openapi.answer_problems(exchange.method, exchange.template, answer.status, answer.body)
            self.own_faults += [(exchange.method, exchange.template, fault) for fault in faults]
        return _respond(answer)

    def find(self, template: str) -> list[Exchange]:
        """Return the requests to one route that were answered."""
        return [exchange for exchange in self.exchanges if exchange.template == template and exchange.status]

    def take_refused(self) -> list[Exchange]:
        """Return what was refused, and forget it: what a test provoked is not held against it."""
        taken, self.refused = self.refused, []
        return taken

    async def _answer(self, exchange: Exchange, request: web.Request, handler: _Handler) -> Answer:
        try:
            return await self._read_and_check(exchange, request) or await handler(exchange)
        except Exception as error:  # noqa: BLE001 - whatever it was, it must not pass for an answer
            return Answer(status=500, body={"message": f"the stand-in stumbled: {error!r}", "code": 0})

    def _find(self, exchange: Exchange) -> _Handler | None:
        for method, template, pattern, handler in self._routes:
            found = pattern.fullmatch(exchange.path)
            if found and method == exchange.method:
                exchange.template, exchange.parameters = template, found.groupdict()
                return handler
        return None

    async def _read_and_check(self, exchange: Exchange, request: web.Request) -> Answer | None:
        """Read the body; return the refusal, if Discord would not even look further."""
        is_bot = request.headers.get("Authorization") == f"Bot {self._world.token}"
        if not exchange.template.startswith(BY_TOKEN) and not is_bot:
            return Answer(status=401, body={"message": "401: Unauthorized", "code": 0})
        body = await read_body(request)
        exchange.body, exchange.files = body.value, body.files
        if body.refusal is not None or body.value is None:
            return body.refusal
        names = [file.name for file in body.files]
        problems = request_problems(
            exchange.method, exchange.template, body.value, openapi=self._openapi
        ) or attachment_problems(body.value, names=names)
        return Answer(status=400, body=as_discord_error(problems)) if problems else None


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


def _respond(answer: Answer) -> web.Response:
    headers = {
        "Via": "1.1 google",
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset-After": "1.0",
        "X-RateLimit-Reset": f"{time.time() + 1:.3f}",
        "X-RateLimit-Bucket": "stand-in",
    }
    if answer.status == _NO_CONTENT:
        return web.Response(status=answer.status, headers=headers)
    # discord.py compares the header with exactly this text: no charset may follow
    headers["Content-Type"] = "application/json"
    return web.Response(status=answer.status, body=json.dumps(answer.body).encode(), headers=headers)


def _too_many_requests(*, retry_after_seconds: float = 0.2) -> web.Response:
    body = {"message": "You are being rate limited.", "retry_after": retry_after_seconds, "global": False}
    # without Via it reads as a ban by the network in front of Discord, and discord.py gives up
    headers = {"Via": "1.1 google", "X-RateLimit-Scope": "user", "Content-Type": "application/json"}
    return web.Response(status=_TOO_MANY, body=json.dumps(body).encode(), headers=headers)
