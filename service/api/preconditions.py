"""Writes that meet what their sender has seen: the strong ETag of a thing, and If-Match (RFC 9110, RFC 6585).

A thing's ETag is that of its JSON, the same that a GET of it bears, so it changes with every change of the thing.
A handler reads the thing in the transaction of its change, after `hold_revision`, and calls `check_if_match`.
"""

from http import HTTPStatus
from typing import Annotated, TypeAlias

import msgspec
from litestar.params import HeaderParameter

from service.cache import make_entry
from service.refusing import Refusal

IfMatch: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description="The ETag of a GET of this resource, or `*` for whatever is there. Without it: 428.",
    ),
]
"""The annotation of a handler's parameter for the header; its default is None."""


def etag_of(thing: object) -> str:
    """Return the strong ETag of a thing as its JSON stands now."""
    return make_entry(msgspec.json.encode(thing)).etag


def check_if_match(if_match: str | None, thing: object) -> None:
    """Let a write pass whose If-Match names the `thing` as it is now, or `*`: any state of it.

    Raises:
        Refusal: 428 without an If-Match, 412 where it names another state; the detail says which ETag is the one now.
    """
    etag = etag_of(thing)
    if if_match is None:
        raise Refusal(
            "If-Match is missing, so a change that somebody else made meanwhile could be overwritten. Allowed: the"
            " ETag that a GET of this resource answers with, or * for whatever is there.",
            status=HTTPStatus.PRECONDITION_REQUIRED,
            code="precondition_required",
            field="if-match",
            allowed="an ETag that a GET of this resource answered with, or *",
        )
    # The strong comparison: a weak tag matches nothing.
    if not {tag.strip() for tag in if_match.split(",")} & {etag, "*"}:
        raise Refusal(
            f"This was changed since you read it: it is {etag} now. Read it again and decide anew.",
            status=HTTPStatus.PRECONDITION_FAILED,
            code="precondition_failed",
            field="if-match",
            allowed=etag,
            nearest=(etag,),
        )
