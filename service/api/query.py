"""Query strings: read strictly, every parameter known and spelt in UTF-8."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

from planner import Field, InvalidRequest, read_field, suggest
from service.refusing import FieldError, Refusal, refuse_fields

MAX_PARAMETERS = 200


def read_query(query: bytes, *, known: Collection[str]) -> dict[str, list[str]]:
    """Return every parameter of the raw query string `query` with its values, in the order they came.

    Raises:
        Refusal: a parameter that is not `known`, more than MAX_PARAMETERS of them, or bytes that are not UTF-8.
    """
    try:
        pairs = parse_qsl(query.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise Refusal("The query string is not UTF-8.", code="invalid_encoding") from None
    except ValueError:
        raise Refusal(
            f"The query string has more than {MAX_PARAMETERS} parameters.", code="too_many_parameters"
        ) from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in known:
            raise unknown_parameter(name, known=known)
        values.setdefault(name, []).append(value)
    return values


def unknown_parameter(name: str, *, known: Collection[str]) -> Refusal:
    """Return the refusal of a query parameter that the path does not know."""
    nearest = suggest(name, {each: each for each in known})
    hint = f" Nearest: {', '.join(nearest)}." if nearest else ""
    takes = ", ".join(known) if known else "none"
    return Refusal(
        f"Unknown query parameter {name[:80]!r}.{hint}",
        code="unknown_parameter",
        field=name[:80],
        allowed=takes,
        nearest=tuple(nearest),
    )


def read_fields(query: bytes, *, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the values of the raw query string `query` by the table `fields`; only what was given is there.

    Raises:
        Refusal: as `read_query`, and for several values that their fields do not take.
        InvalidRequest: one value that its field does not take.
    """
    given: dict[str, Any] = {}
    errors: list[InvalidRequest] = []
    for name, value in read_query(query, known=fields).items():
        try:
            given[name] = read_field(name, fields[name], value)
        except InvalidRequest as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise refuse_fields(
            [
                FieldError(field=error.field, detail=error.message, allowed=error.allowed, nearest=error.nearest)
                for error in errors
            ]
        )
    return given
