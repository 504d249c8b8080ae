"""What the API refuses, as RFC 9457 problems.

A problem's `code` is the machine's word for it and stays; `detail` is for people and may change. `type` is always
"about:blank": a problem means no more than its status and its code say.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from planner import UnknownName
from service.inventory.errors import InvalidEntries, InvalidEntry


class FieldError(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One field of a request at fault, told as a problem tells it; one name of an object is `field.name`."""

    field: str
    detail: str
    allowed: str = ""
    nearest: tuple[str | float, ...] = ()


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An RFC 9457 problem; `field`, `allowed` and `nearest` are there where they are known.

    `field` is the request's field, query parameter or path parameter at fault, `allowed` says in words what would be
    accepted, `nearest` the accepted values nearest to the one given, `examples` requests that work. `errors` names
    every field of a request that cannot be used, the first one being `field`; `there` is what stands against a write.
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
        self.problem = make_problem(
            status, detail, code=code, field=field, allowed=allowed, nearest=nearest, examples=examples
        )


def refuse_fields(errors: Sequence[FieldError]) -> Refusal:
    """Return the 400 for a request that has at least one field at fault."""
    first = errors[0]
    detail = first.detail
    if len(errors) > 1:
        detail = f"{len(errors)} fields cannot be used: {', '.join(each.field for each in errors)}. {first.detail}"
    refusal = Refusal(detail, code="invalid_fields", field=first.field, allowed=first.allowed, nearest=first.nearest)
    refusal.problem = replace(refusal.problem, errors=tuple(errors))
    return refusal


def to_field_errors(*entries: InvalidEntry) -> list[FieldError]:
    """Return what the inventory cannot hold, each field at fault by itself."""
    every = [one for entry in entries for one in (entry.entries if isinstance(entry, InvalidEntries) else (entry,))]
    return [
        FieldError(field=one.field or "body", detail=str(one), allowed=one.allowed, nearest=one.nearest)
        for one in every
    ]


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


def make_problem(
    status: HTTPStatus | int,
    detail: str,
    *,
    code: str,
    field: str | None = None,
    allowed: str | None = None,
    nearest: tuple[str | float, ...] = (),
    examples: tuple[str, ...] = (),
) -> Problem:
    """Return the problem of a status; what is empty is left out of it."""
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
