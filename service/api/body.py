"""JSON bodies: read strictly, one object of known size in UTF-8."""

from http import HTTPStatus
from typing import Any, Final, cast

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from service.admission.refusals import key_in_the_open
from service.key_format import holds_key
from service.refusing import Refusal

_JSON = "application/json"
_MOST_LEVELS: Final = 64
"""Lists and objects within each other: far more than any field or config.json has, far fewer than Python follows."""


async def read_json_object(request: Request[Any, Any, Any]) -> dict[str, object]:
    """Return the request's body, which must be one JSON object.

    Raises:
        Refusal: another content type, broken JSON, bytes that are not UTF-8, JSON that is no object, or a key in it.
        RequestEntityTooLarge: the body is larger than the application allows.
    """
    _check_content_type(request.headers.get("content-type"))
    try:
        body = await request.body()
    except InternalServerException as error:
        # What Litestar says of a client that went away before it had sent everything: no fault of the service.
        raise _refuse("The body ends before its length", code="incomplete_body") from error
    if not body.strip():
        raise _refuse("The body is empty")
    if holds_key(body.decode("latin-1")):
        raise key_in_the_open()
    try:
        # msgspec checks UTF-8 inside strings only where it must; this one look covers all of it.
        text = body.decode("utf-8")
        value: object = msgspec.json.decode(text)
    except UnicodeDecodeError as error:
        raise _refuse(f"The body is not UTF-8 at byte {error.start}", code="invalid_encoding") from None
    except msgspec.DecodeError as error:
        raise _refuse(f"The body is not JSON: {error}") from None
    except RecursionError:
        raise _too_deep() from None
    if not isinstance(value, dict):
        raise _refuse(f"The body is JSON, but {_NOUNS.get(type(value), 'a number')}")
    if _is_deeper(cast("object", value), than=_MOST_LEVELS):
        raise _too_deep()
    # JSON may spell a letter in other ways.
    if "\\" in text and holds_key(msgspec.json.encode(value).decode()):
        raise key_in_the_open()
    return cast("dict[str, object]", value)


def _is_deeper(value: object, *, than: int) -> bool:
    if isinstance(value, dict):
        inner = cast("dict[str, object]", value).values()
    elif isinstance(value, list):
        inner = cast("list[object]", value)
    else:
        return False
    return than == 0 or any(_is_deeper(each, than=than - 1) for each in inner)


_NOUNS: dict[type, str] = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}


def _too_deep() -> Refusal:
    return _refuse(f"The body is nested too deeply; {_MOST_LEVELS} levels are the most")


def _refuse(what: str, *, code: str = "invalid_json") -> Refusal:
    allowed = "one JSON object, its fields as /schema lists them"
    return Refusal(f"{what}. Allowed: {allowed}.", code=code, field="body", allowed=allowed)


def _check_content_type(content_type: str | None) -> None:
    if content_type is None:
        return
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"') if "charset" in parameters.lower() else ""
    if media_type.strip().lower() != _JSON or charset not in ("", "utf-8"):
        raise Refusal(
            f"The body is said to be {content_type[:80]!r}. Allowed: {_JSON} in UTF-8.",
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            code="unsupported_media_type",
            field="content-type",
            allowed=_JSON,
        )
