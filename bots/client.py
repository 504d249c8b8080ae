"""The only door to the r1plan API."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

import aiohttp
import msgspec

from bots.answers import AskAnswer, AskedAnswer, Problem
from bots.deployments import Engine, Gpu, KvCacheDtype, Model, Node, Offer, WeightFormat
from bots.settings import Secret

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 10.0
MOST_PAGES = 50

_Answer = TypeVar("_Answer")
Parameters: TypeAlias = Sequence[tuple[str, str]]


class PlannerError(Exception):
    """The API gave no answer that can be shown."""


class PlannerUnreachable(PlannerError):
    """Nothing answers at the API's address."""


class PlannerSlow(PlannerError):
    """The API took the connection but did not answer in time; `seconds` is how long was waited."""

    def __init__(self, *, seconds: float) -> None:
        """Say how long was waited."""
        super().__init__(f"no answer within {seconds:g} s")
        self.seconds = seconds


class PlannerRefused(PlannerError):
    """The API refused the request; `problem` says what was wrong with it."""

    def __init__(self, problem: Problem, *, status: int) -> None:
        """Keep the problem as the API wrote it, and the HTTP status.

        The error's own text, which ends up in logs, has none of the API's sentences: they quote what people wrote.
        """
        super().__init__(f"status={status} code={problem.code} field={problem.field}")
        self.problem = problem
        self.status = status


class PlannerGivenUp(PlannerError):
    """The API was not waited for any longer, because this program ends."""


class PlannerUnreadable(PlannerError):
    """The API answered with something that is neither an answer nor a problem."""


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    items: list[msgspec.Raw]
    next_cursor: str | None = None


class _Formats(msgspec.Struct, frozen=True, kw_only=True):
    kv_cache_dtypes: list[KvCacheDtype] = []


class PlannerClient:
    """A connection pool to one r1plan API; use it as an async context manager.

    Every method raises `PlannerUnreachable`, `PlannerSlow`, `PlannerRefused` or `PlannerUnreadable`; after `give_up`,
    `PlannerGivenUp`.
    """

    def __init__(
        self,
        api_url: str,
        *,
        key: Secret | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """Talk to the API at `api_url` (no trailing slash), as the owner of `key` where there is one.

        Nothing is opened before the context is entered.
        """
        self._api_url = api_url
        self._headers = {"Accept": "application/json"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key.reveal()}"
        self._total_seconds = total_seconds
        self._timeout = aiohttp.ClientTimeout(total=total_seconds, connect=connect_seconds)
        self._session: aiohttp.ClientSession | None = None
        self._calls: set[asyncio.Timeout] = set()
        self._is_given_up = False

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection pool."""
        if self._session is not None:
            await self._session.close()

    def give_up(self) -> None:
        """Wait for no answer any longer: calls under way and those still to come raise `PlannerGivenUp`."""
        calls = () if self._is_given_up else self._calls
        self._is_given_up = True
        for call in calls:
            call.reschedule(asyncio.get_running_loop().time())

    async def answer(self, task: str, parameters: Parameters) -> AskedAnswer:
        """Return the answer of `/v1/` and `task` (plan, fit, limits, compare, memory) to its query parameters."""
        return decode(await self.fetch(f"/v1/{task}", parameters), AskedAnswer)

    async def chart(self, parameters: Parameters) -> bytes:
        """Return the picture, a PNG, of the plan for these query parameters: price against speed."""
        return await self.fetch("/v1/plan/chart", parameters)

    async def ask(self, question: str, *, previous: Mapping[str, object] | None = None) -> AskAnswer:
        """Return the API's reading of `question` and its answer.

        `previous` is the intent and the request that an earlier question led to; this one then changes it.
        """
        if previous is None:
            return decode(await self.fetch("/v1/ask", [("q", question)]), AskAnswer)
        body = {"question": question, "previous": previous}
        return decode(await self._request("POST", "/v1/ask", json=body), AskAnswer)

    async def gpus(self, parameters: Parameters = ()) -> list[Gpu]:
        """Return every GPU of the inventory that the query parameters let through."""
        return await self._items("/v1/gpus", Gpu, parameters)

    async def models(self) -> list[Model]:
        """Return every model that can be planned for."""
        return await self._items("/v1/models", Model)

    async def weight_formats(self) -> list[WeightFormat]:
        """Return every weight format that the planner knows."""
        return await self._items("/v1/weight-formats", WeightFormat)

    async def kv_cache_dtypes(self) -> list[KvCacheDtype]:
        """Return every element type of a KV cache that the planner knows."""
        return decode(await self.fetch("/v1/weight-formats"), _Formats).kv_cache_dtypes

    async def engines(self) -> list[Engine]:
        """Return every serving engine that the planner knows."""
        return await self._items("/v1/engines", Engine)

    async def offers(self) -> list[Offer]:
        """Return every offer of the inventory."""
        return await self._items("/v1/offers", Offer)

    async def has_offers_in(self, region: str) -> bool:
        """Return whether anything is offered in a region, country or continent of any name that the API knows."""
        page = decode(await self.fetch("/v1/offers", [("region", region), ("limit", "1")]), _Page)
        return bool(page.items)

    async def nodes(self) -> list[Node]:
        """Return every machine of one's own in the inventory."""
        return await self._items("/v1/inventory/nodes", Node)

    async def describe(self) -> dict[str, Any]:
        """Return the API's description of itself: an OpenAPI document."""
        return decode(await self.fetch("/schema/openapi.json"), dict[str, Any])

    async def fetch(self, path: str, parameters: Parameters = ()) -> bytes:
        """Return what `path` answers to its query parameters, as the API wrote it."""
        return await self._request("GET", path, params=parameters)

    async def _items(self, path: str, kind: type[_Answer], parameters: Parameters = ()) -> list[_Answer]:
        items: list[_Answer] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            turned = [] if cursor is None else [("cursor", cursor)]
            page = decode(await self.fetch(path, [*parameters, *turned]), _Page)
            items += [decode(item, kind) for item in page.items]
            if page.next_cursor is None or not page.items:
                break
            cursor = page.next_cursor
        return items

    async def _request(
        self, method: str, path: str, *, params: Parameters = (), json: Mapping[str, object] | None = None
    ) -> bytes:
        if self._session is None:
            message = "enter the client's context before calling it"
            raise RuntimeError(message)
        try:
            async with (
                self._until_given_up(),
                self._session.request(method, self._api_url + path, params=params, json=json) as response,
            ):
                body = await response.read()
        except aiohttp.ConnectionTimeoutError as error:
            raise PlannerUnreachable(str(error)) from error
        except TimeoutError as error:
            raise PlannerSlow(seconds=self._total_seconds) from error
        except (aiohttp.ClientConnectionError, aiohttp.InvalidURL) as error:
            raise PlannerUnreachable(str(error)) from error
        except aiohttp.ClientError as error:
            raise PlannerUnreadable(str(error)) from error
        if response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
            # every path here is one that r1plan has
            raise PlannerUnreadable(f"{path} is answered with status {response.status}")
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise PlannerRefused(_read_problem(body, content_type=response.content_type), status=response.status)
        return body

    @asynccontextmanager
    async def _until_given_up(self) -> AsyncGenerator[None]:
        """Break the block off as soon as `give_up` is called."""
        if self._is_given_up:
            raise PlannerGivenUp
        call = asyncio.timeout(None)
        try:
            async with call:
                self._calls.add(call)
                yield
        except TimeoutError as error:
            if call.expired():
                raise PlannerGivenUp from error
            raise
        finally:
            self._calls.discard(call)


def decode(body: bytes | msgspec.Raw, kind: type[_Answer]) -> _Answer:
    """Return an answer's body as `kind`; raises PlannerUnreadable where it is none."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlannerUnreadable(str(error)) from error


def _read_problem(body: bytes, *, content_type: str) -> Problem:
    """Return the problem in `body`; a proxy's page or a broken body becomes a problem without words."""
    if content_type not in ("application/problem+json", "application/json"):
        return Problem()
    try:
        return msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Problem()
