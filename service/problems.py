"""The one table from what goes wrong to what is answered: RFC 9457 problems."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.response import Response
from litestar.types import HTTPScope, Send

from planner import InvalidRequest
from service.inventory.errors import (
    AlreadyThere,
    GpuNotFound,
    GpusTaken,
    IdempotencyKeyReused,
    InvalidCursor,
    InvalidEntry,
    InventoryError,
    InventoryUnavailable,
    JobNotFound,
    KeyInTheOpen,
    NodeNotFound,
    OfferNotFound,
    ProviderNotFound,
    ReservationNotFound,
    ReservationOver,
    StillInUse,
)
from service.key_format import strike_out_keys
from service.refusing import Problem, Refusal, conflict, make_problem, refuse_fields, to_field_errors

PROBLEM_JSON = "application/problem+json"
MAX_BODY_BYTES = 64 * 1024
RETRY_AFTER_SECONDS = 5
_404, _409 = HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT

_log = logging.getLogger(__name__)


def _refused(error: Refusal) -> Problem:
    return error.problem


def _invalid_request(error: InvalidRequest) -> Problem:
    return make_problem(
        HTTPStatus.BAD_REQUEST,
        error.message,
        code=error.code,
        field=error.field,
        allowed=error.allowed,
        nearest=error.nearest,
    )


def _invalid_entry(error: InvalidEntry) -> Problem:
    return refuse_fields(to_field_errors(error)).problem


def _already_there(error: AlreadyThere) -> Problem:
    return conflict(str(error), code="already_there", there=error.there).problem


def _invalid_cursor(error: InvalidCursor) -> Problem:
    return make_problem(
        HTTPStatus.BAD_REQUEST,
        str(error),
        code="invalid_cursor",
        field="cursor",
        allowed="a next_cursor that this list gave out, or none for the first page",
    )


def _refused_by_inventory(
    status: HTTPStatus, code: str, field: str | None = None, allowed: str | None = None
) -> Callable[[InventoryError], Problem]:
    return lambda error: make_problem(status, str(error), code=code, field=field, allowed=allowed)


def _unavailable(_: InventoryUnavailable) -> Problem:
    return make_problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"The inventory database cannot be reached. Try again in {RETRY_AFTER_SECONDS} seconds.",
        code="inventory_unavailable",
    )


def _http(error: HTTPException) -> Problem:
    status = error.status_code
    if status == HTTPStatus.NOT_FOUND:
        return make_problem(status, "There is nothing at this path. The paths are listed at /schema.", code="not_found")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        methods = (error.headers or {}).get("allow", "").split(", ")
        # HEAD is answered as GET is.
        allowed = ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))
        return make_problem(
            status,
            f"This path does not take that method. Allowed: {allowed}.",
            code="method_not_allowed",
            allowed=allowed,
        )
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        allowed = f"up to {MAX_BODY_BYTES:,} bytes"
        return make_problem(
            status, f"The body is too large. Allowed: {allowed}.", code="body_too_large", allowed=allowed
        )
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return make_problem(status, error.detail or HTTPStatus(status).description, code="bad_request")
    return _internal(error)


def _internal(_: Exception) -> Problem:
    return make_problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong inside the service; it was logged.",
        code="internal_error",
    )


_TABLE: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (Refusal, _refused),
    (InvalidRequest, _invalid_request),
    (InvalidCursor, _invalid_cursor),
    (InvalidEntry, _invalid_entry),
    (InventoryUnavailable, _unavailable),
    (OfferNotFound, _refused_by_inventory(_404, "unknown_offer", "offer_id", "an offer_id that /v1/offers lists")),
    (JobNotFound, _refused_by_inventory(_404, "unknown_import", "import_id")),
    (GpuNotFound, _refused_by_inventory(_404, "unknown_gpu", "gpu_id")),
    (ProviderNotFound, _refused_by_inventory(_404, "unknown_provider", "name")),
    (NodeNotFound, _refused_by_inventory(_404, "unknown_node", "node")),
    (ReservationNotFound, _refused_by_inventory(_404, "unknown_reservation", "reservation_id")),
    (
        KeyInTheOpen,
        _refused_by_inventory(
            HTTPStatus.BAD_REQUEST, "key_in_the_open", "authorization", "a key in the Authorization header only"
        ),
    ),
    (AlreadyThere, _already_there),
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
