"""Answers as bytes: their headers, and the 304 for who has them already."""

from collections.abc import Mapping
from typing import Final

import msgspec
from litestar.response.base import ASGIResponse

from service.cache import Entry, Source, make_entry

# A price may change at any moment, so whoever keeps an answer asks before using it again; asking costs a 304. Answers
# depend on nothing but the request, so shared caches may keep them too.
CACHE_CONTROL: Final = "no-cache"

# RFC 9211. A computation shared with another request is `collapsed`; the cache of all processes is named in `detail`.
CACHE_STATUS: Final[Mapping[Source, str]] = {
    "memory": "r1plan; hit",
    "shared": "r1plan; hit; detail=shared",
    "coalesced": "r1plan; fwd=uri-miss; collapsed",
    "miss": "r1plan; fwd=uri-miss; stored",
}


def answer_entry(
    entry: Entry, *, if_none_match: str | None, source: Source | None = None, media_type: str = "application/json"
) -> ASGIResponse:
    """Return `entry` as a response: 304 where `if_none_match` names it, else its bytes."""
    headers = {"etag": entry.etag, "cache-control": CACHE_CONTROL}
    if source is not None:
        headers["cache-status"] = CACHE_STATUS[source]
    if is_match(if_none_match, entry.etag):
        return ASGIResponse(status_code=304, headers=headers)
    return ASGIResponse(body=entry.body, media_type=media_type, headers=headers)


def answer_value(value: object, *, if_none_match: str | None) -> ASGIResponse:
    """Return `value` as JSON, or 304 where `if_none_match` names just that."""
    return answer_entry(make_entry(msgspec.json.encode(value)), if_none_match=if_none_match)


def answer_fresh(value: object) -> ASGIResponse:
    """Return `value` as JSON that nobody may keep: the state of this moment."""
    return ASGIResponse(
        body=msgspec.json.encode(value), media_type="application/json", headers={"cache-control": "no-store"}
    )


def is_match(if_none_match: str | None, etag: str) -> bool:
    """Return whether an If-None-Match header names `etag`: by the weak comparison, as RFC 9110 has it."""
    if if_none_match is None:
        return False
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (etag, "*") for tag in tags)
