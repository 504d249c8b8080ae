"""The one table from what goes wrong to what is answered: RFC 9457 problems.

A problem's `code` is the machine's word for it and stays; `detail` is for people and may change. `type` is always
"about:blank": a problem means no more than its status and its code say.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.response import Response
from litestar.types import HTTPScope, Send
from msgspec import Struct
from msgspec.structs import replace

from planner import InvalidRequest, UnknownName
from service.inventory.errors import (
    GpuNotFound,
    GpusTaken,
    IdempotencyKeyReused,
    InvalidCursor,
    InventoryError,
    InventoryUnavailable,
    JobNotFound,
    NodeNotFound,
    OfferNotFound,
    ProviderNotFound,
    ReservationNotFound,
    ReservationOver,
    StillInUse,
)
from service.key_format import strike_out_keys

PROBLEM_JSON = "application/problem+json"
MAX_BODY_BYTES = 64 * 1024
RETRY_AFTER_SECONDS = 5
_404, _409 = HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT

_log = logging.getLogger(__name__)


class FieldError(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One field of a body at fault, told as a problem tells it."""

    field: str
    detail: str
    allowed: str
    nearest: tuple[str | float, ...] = ()


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An RFC 9457 problem; `field`, `allowed` and `nearest` are there where they are known.

    `field` is the request's field, query parameter or path parameter at fault, `allowed` says in words what would be
    accepted, `nearest` the accepted values nearest to the one given, `examples` requests that work. `errors` names
    every field of a body that cannot be used, the first one being `field`; `there` is what a write is in conflict with.
    """

    # By a factory, so that it is not left out as a default is.
    type: str = msgspec.field(default_factory=lambda: "about:blank")
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    allowed: str | None = None
    nearest: tuple[str | float, ...] = ()
    examples: tuple[str, ...] = ()
    errors: tuple[FieldError, ...] = ()
    there: dict[str, Any] | None = None


class Refusal(Exception):
    """What the API itself refuses, before a use case has seen it; a handler raises it with the status to answer."""

    def __init__(
        self,
        detail: str,
        *,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        code: str,
        field: str | None = None,
        allowed: str | None = None,
        nearest: tuple[str | float, ...] = (),
        examples: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the problem's members, and the `headers` that go with it."""
        super().__init__(detail)
        self.headers = headers or {}
        self.problem = _problem(
            status, detail, code=code, field=field, allowed=allowed, nearest=nearest, examples=examples
        )


def refuse_fields(errors: Sequence[FieldError]) -> Refusal:
    """Return the 400 for a body that has at least one field at fault."""
    first = errors[0]
    detail = first.detail
    if len(errors) > 1:
        detail = f"{len(errors)} fields cannot be used: {', '.join(each.field for each in errors)}. {first.detail}"
    refusal = Refusal(detail, code="invalid_fields", field=first.field, allowed=first.allowed, nearest=first.nearest)
    refusal.problem = replace(refusal.problem, errors=tuple(errors))
    return refusal


def conflict(detail: str, *, code: str, there: Struct | None = None) -> Refusal:
    """Return the 409 for a write that what is `there` stands against."""
    refusal = Refusal(detail, status=HTTPStatus.CONFLICT, code=code)
    refusal.problem = replace(refusal.problem, there=msgspec.to_builtins(there))
    return refusal


def not_found(error: UnknownName, *, field: str) -> Refusal:
    """Return the 404 for a path that names something unknown, with the nearest known names."""
    return Refusal(
        error.message,
        status=HTTPStatus.NOT_FOUND,
        code=error.code,
        field=field,
        allowed=error.allowed,
        nearest=error.nearest,
    )


def _problem(
    status: HTTPStatus | int,
    detail: str,
    *,
    code: str,
    field: str | None = None,
    allowed: str | None = None,
    nearest: tuple[str | float, ...] = (),
    examples: tuple[str, ...] = (),
) -> Problem:
    return Problem(
        title=HTTPStatus(status).phrase,
        status=int(status),
        detail=detail,
        code=code,
        field=field or None,
        allowed=allowed or None,
        nearest=nearest,
        examples=examples,
    )


def _refused(error: Refusal) -> Problem:
    return error.problem


def _invalid_request(error: InvalidRequest) -> Problem:
    return _problem(
        HTTPStatus.BAD_REQUEST,
        error.message,
        code=error.code,
        field=error.field,
        allowed=error.allowed,
        nearest=error.nearest,
    )


def _invalid_cursor(error: InvalidCursor) -> Problem:
    return _problem(
        HTTPStatus.BAD_REQUEST,
        str(error),
        code="invalid_cursor",
        field="cursor",
        allowed="a next_cursor that this list gave out, or none for the first page",
    )


def _refused_by_inventory(
    status: HTTPStatus, code: str, field: str | None = None, allowed: str | None = None
) -> Callable[[InventoryError], Problem]:
    return lambda error: _problem(status, str(error), code=code, field=field, allowed=allowed)


def _unavailable(_: InventoryUnavailable) -> Problem:
    return _problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"The inventory database cannot be reached. Try again in {RETRY_AFTER_SECONDS} seconds.",
        code="inventory_unavailable",
    )


def _http(error: HTTPException) -> Problem:
    status = error.status_code
    if status == HTTPStatus.NOT_FOUND:
        return _problem(status, "There is nothing at this path. The paths are listed at /schema.", code="not_found")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("allow", "")
        return _problem(
            status,
            f"This path does not take that method. Allowed: {allowed}.",
            code="method_not_allowed",
            allowed=allowed,
        )
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        allowed = f"up to {MAX_BODY_BYTES:,} bytes"
        return _problem(status, f"The body is too large. Allowed: {allowed}.", code="body_too_large", allowed=allowed)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _problem(status, error.detail or HTTPStatus(status).description, code="bad_request")
    return _internal(error)


def _internal(_: Exception) -> Problem:
    return _problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong inside the service; it was logged.",
        code="internal_error",
    )


_TABLE: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (Refusal, _refused),
    (InvalidRequest, _invalid_request),
    (InvalidCursor, _invalid_cursor),
    (InventoryUnavailable, _unavailable),
    (OfferNotFound, _refused_by_inventory(_404, "unknown_offer", "offer_id", "an offer_id that /v1/offers lists")),
    (JobNotFound, _refused_by_inventory(_404, "unknown_import", "import_id")),
    (GpuNotFound, _refused_by_inventory(_404, "unknown_gpu", "gpu_id")),
    (ProviderNotFound, _refused_by_inventory(_404, "unknown_provider", "name")),
    (NodeNotFound, _refused_by_inventory(_404, "unknown_node", "node")),
    (ReservationNotFound, _refused_by_inventory(_404, "unknown_reservation", "reservation_id")),
    (StillInUse, _refused_by_inventory(_409, "still_in_use")),
    (GpusTaken, _refused_by_inventory(_409, "gpus_taken")),
    (ReservationOver, _refused_by_inventory(_409, "reservation_over")),
    (
        IdempotencyKeyReused,
        _refused_by_inventory(
            HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused", "idempotency-key", "a key not used before"
        ),
    ),
    (InventoryError, _internal),
    (HTTPException, _http),
    (Exception, _internal),
)
"""The first row whose exception type fits says what is answered."""


def problem_of(error: Exception) -> Problem:
    """Return the problem that `error` is answered with."""
    return next(make(error) for kind, make in _TABLE if isinstance(error, kind))


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Return the response to a request that raised `error`; what the service is to blame for is logged."""
    problem = problem_of(error)
    _log_problem(problem, error, method=request.method, path=request.url.path)
    return problem_response(problem, headers=_headers_of(error, problem))


async def send_problem(error: Exception, scope: HTTPScope, send: Send) -> None:
    """Answer a request that raised `error` before it reached Litestar."""
    problem = problem_of(error)
    _log_problem(problem, error, method=scope["method"], path=scope["path"])
    headers = {"content-type": PROBLEM_JSON, **_headers(problem), **_headers_of(error, problem)}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": encoded})
    await send({"type": "http.response.body", "body": _encode(problem), "more_body": False})


def problem_response(problem: Problem, *, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """Return `problem` as a response that no cache keeps."""
    return Response(
        _encode(problem),
        status_code=problem.status,
        media_type=PROBLEM_JSON,
        headers={**_headers(problem), **(headers or {})},
    )


def _encode(problem: Problem) -> bytes:
    # A refusal repeats what it refuses, and somebody may have put a key there.
    return strike_out_keys(msgspec.json.encode(problem).decode()).encode()


def _headers_of(error: Exception, problem: Problem) -> Mapping[str, str]:
    if isinstance(error, Refusal):
        return error.headers
    return {"allow": problem.allowed or ""} if isinstance(error, MethodNotAllowedException) else {}


def _headers(problem: Problem) -> dict[str, str]:
    headers = {"cache-control": "no-store"}
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    return headers


def _log_problem(problem: Problem, error: Exception, *, method: str, path: str) -> None:
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        _log.warning("unavailable path=%r reason=%s", path, error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("failed method=%s path=%r", method, path, exc_info=error)
