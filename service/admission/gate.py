"""The gate before every answer, the remembered ones included: who asks, and how often."""

from typing import Final
from urllib.parse import unquote

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from service.admission.addresses import find_address, origin_of
from service.admission.caller import READER, STRANGER, Caller
from service.admission.keyring import Keyring
from service.admission.rate import RateCounter, Standing
from service.admission.refusals import key_in_the_open, not_bearer, too_many_requests
from service.inventory.api_keys import ApiKey
from service.inventory.errors import InventoryUnavailable
from service.key_format import holds_key
from service.metrics import REFUSED
from service.problems import send_problem
from service.refusing import Refusal
from service.settings import Settings

_HEALTH: Final = "/health/"


class Gate:
    """An ASGI application that lets a request pass with its `Caller` in `scope["auth"]`, or refuses it.

    What the caller may do is the route's to say (`require_scope`); here is decided who it is, and whether it asks too
    often. Each answer says in RateLimit-Limit, -Remaining and -Reset (draft-ietf-httpapi-ratelimit-headers-06, the last
    with these three fields, which clients know) where the caller stands. Health checks pass uncounted.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, keyring: Keyring, counter: RateCounter) -> None:
        """Stand before `app`."""
        self._app = app
        self._settings = settings
        self._keyring = keyring
        self._counter = counter
        self._anybody = STRANGER if settings.requires_key_to_read else READER

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it (the server's lifespan events pass untouched)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["auth"] = self._anybody
        if scope["path"].startswith(_HEALTH):
            await self._app(scope, receive, send)
            return
        key: ApiKey | None = None
        refusal: Refusal | InventoryUnavailable | None = None
        try:
            key = await self._identify(scope)
        except (Refusal, InventoryUnavailable) as error:
            refusal = error
        # Who tries keys out is counted as who has none.
        standing = self._count(scope) if key is None else self._count_key(key)
        if standing is not None:
            send = _telling(standing, send)
            if standing.is_exceeded:
                refusal = too_many_requests(standing)
        if refusal is not None:
            scope["path_template"] = REFUSED
            await send_problem(refusal, scope, send)
            return
        if key is not None:
            scope["auth"] = Caller(key_name=key.name, scope=key.scope)
        await self._app(scope, receive, send)

    async def _identify(self, scope: HTTPScope) -> ApiKey | None:
        if holds_key(scope["path"]) or holds_key(unquote(scope["query_string"].decode("latin-1"))):
            raise key_in_the_open()
        authorization = _header(scope, b"authorization")
        if authorization is None:
            return None
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise not_bearer()
        return await self._keyring.identify(token.strip())

    def _count(self, scope: HTTPScope) -> Standing | None:
        address = "" if scope["client"] is None else scope["client"][0]
        trusted = self._settings.trusted_proxies
        if trusted:
            address = find_address(address, forwarded_for=_header(scope, b"x-forwarded-for"), trusted=trusted)
        origin, rates = origin_of(address), self._settings.rates
        limit = rates.on_loopback if origin.is_loopback else rates.per_address
        return self._counter.count(origin.name, limit=limit) if limit else None

    def _count_key(self, key: ApiKey) -> Standing | None:
        limit = key.requests_per_minute or self._settings.rates.per_key
        return self._counter.count(f"key:{key.name}", limit=limit) if limit else None


def _header(scope: HTTPScope, name: bytes) -> str | None:
    """Return a header's value; several of one name are one list (RFC 9110, 5.3)."""
    values = [value for each, value in scope["headers"] if each == name]
    return b",".join(values).decode("latin-1") if values else None


def _telling(standing: Standing, send: Send) -> Send:
    fields = (
        (b"ratelimit-limit", b"%d" % standing.limit),
        (b"ratelimit-remaining", b"%d" % max(standing.remaining, 0)),
        (b"ratelimit-reset", b"%d" % standing.reset_seconds),
    )

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *fields]
        await send(message)

    return tell
