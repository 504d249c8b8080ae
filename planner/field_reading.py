"""Reads the fields of a request by a table that says what each may hold."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias, cast

import msgspec

from planner.errors import InvalidRequest, suggest
from planner.facts import models
from planner.request_fields import Field
from planner.units import parse_tokens

Value: TypeAlias = int | float | str


def read_fields(fields: Mapping[str, object], table: Mapping[str, Field]) -> dict[str, object]:
    """Return the values of `fields` as `table` has them; a value may be a string, a number or a list of them.

    Null and an empty list count as not given. Raises InvalidRequest for a field that is not in the table
    (`unknown_field`) and for a value that the table does not allow (`invalid_<name>`).
    """
    given: dict[str, object] = {}
    for name, raw in fields.items():
        field = table.get(name)
        if field is None:
            _refuse_field(name, table)
        if raw is not None and not (field.repeats and raw in ([], ())):
            given[name] = read_field(name, field, raw)
    return given


def _refuse_field(name: str, table: Mapping[str, Field]) -> NoReturn:
    nearest = suggest(name, {field: field for field in table})
    hint = f" Nearest: {', '.join(nearest)}." if nearest else ""
    raise InvalidRequest(
        f"Unknown field {name[:80]!r}.{hint}",
        code="unknown_field",
        field=name[:80],
        allowed=", ".join(table),
        nearest=nearest,
    )


def read_field(name: str, field: Field, raw: object) -> object:
    """Return the value of one field (a tuple where it repeats); raises InvalidRequest, its code `invalid_<name>`."""
    if field.kind == "object":
        return _read_object(name, field, raw)
    if not isinstance(raw, list | tuple):
        value = _read_value(name, field, raw)
        return (value,) if field.repeats else value
    read = tuple(dict.fromkeys(_read_value(name, field, item) for item in cast("Sequence[object]", raw)))
    if field.repeats:
        if field.most_values is not None and len(read) > field.most_values:
            _refuse(name, field, f"{name} is given {len(read)} times, and {field.most_values} are the most")
        return read
    if len(read) != 1:
        _refuse(name, field, f"{name} must be given once, not {len(read)} times")
    return read[0]


def _read_object(name: str, field: Field, raw: object) -> dict[str, object]:
    """Read an object, or the one text that holds it as JSON."""
    items = cast("Sequence[object]", raw) if isinstance(raw, list | tuple) else (raw,)
    value: object = items[0] if len(items) == 1 else items
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError) as error:
            _refuse(name, field, f"{name} is not JSON: {error}")
    if not isinstance(value, dict):
        _refuse(name, field, f"{name} must be one object, not {_describe(cast('object', value))}")
    return cast("dict[str, object]", value)


def _read_value(name: str, field: Field, raw: object) -> Value | dt.date:
    if field.kind == "boolean":
        return _read_boolean(name, field, raw)
    if field.kind == "date":
        return _read_date(name, field, raw)
    if field.kind == "moment":
        return _read_moment(name, field, raw)
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        _refuse(name, field, f"{name} must be a {_noun(field)}, not {_describe(raw)}")
    if field.kind == "text":
        if not isinstance(raw, str):
            # JSON's 0.10 is 0.1, and no version.
            _refuse(name, field, f"{name} must be text, not the number {_describe(raw)}", nearest=(str(raw),))
        return _read_text(name, field, raw)
    number = _read_number(field, raw)
    if number is None or (field.kind != "number" and number != int(number)):
        _refuse(name, field, f"{name} must be a {_noun(field)}, not {_describe(raw)}")
    if number < field.least or (field.kind == "number" and number == 0):
        _refuse(name, field, f"{name} is too small: {_describe(raw)}", nearest=_nearest_bound(field, number))
    if field.most is not None and number > field.most:
        _refuse(name, field, f"{name} is too large: {_describe(raw)}", nearest=_nearest_bound(field, number))
    return number if field.kind == "number" else int(number)


def _read_boolean(name: str, field: Field, raw: object) -> bool:
    words = {"true": True, "1": True, "false": False, "0": False}
    value = words.get(str(raw).strip().casefold()) if isinstance(raw, bool | str) else None
    if value is None:
        _refuse(name, field, f"{name} must be true or false, not {_describe(raw)}")
    return value


def _read_date(name: str, field: Field, raw: object) -> dt.date:
    text = str(raw).strip()
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        date = None
    # Python reads more ways to write a day than people agree on.
    if date is None or date.isoformat() != text:
        _refuse(name, field, f"{name} must be a {_noun(field)}, not {_describe(raw)}")
    return date


def _read_moment(name: str, field: Field, raw: object) -> dt.datetime:
    """Read a moment: in UTC where it names no time zone, midnight where it is a day."""
    try:
        # A moment that was read before comes again where a question goes on from an earlier one.
        moment = dt.datetime.fromisoformat(str(raw).strip() if isinstance(raw, str | dt.datetime) else "")
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        _refuse(name, field, f"{name} must be a {_noun(field)}, not {_describe(raw)}")


def _read_number(field: Field, raw: str | float) -> float | None:
    if isinstance(raw, str):
        tokens = parse_tokens(raw) if field.kind == "tokens" else None
        try:
            number = tokens if tokens is not None else float(raw)
        except ValueError:
            return None
        if tokens is None and field.kind != "number" and not raw.strip().lstrip("+-").isdecimal():
            return None
    else:
        number = raw
    return number if -math.inf < number < math.inf else None


def _read_text(name: str, field: Field, raw: str) -> str:
    text = raw.strip()
    if not text:
        _refuse(name, field, f"{name} is empty")
    if "\0" in text:
        # PostgreSQL holds none, so that nothing there can be called so.
        _refuse(name, field, f"{name} holds a NUL character")
    if not field.choices:
        return text
    word = text.casefold().replace("-", "_")
    if word not in field.choices:
        nearest = suggest(text, {choice: choice for choice in field.choices})
        _refuse(name, field, f"{name} cannot be {text[:80]!r}", nearest=nearest)
    return word


def _refuse(name: str, field: Field, message: str, *, nearest: Sequence[Value] = ()) -> NoReturn:
    allowed = _allowed(field)
    hint = f" Nearest: {', '.join(str(value) for value in nearest)}." if nearest else ""
    raise InvalidRequest(
        f"{message}. Allowed: {allowed}.{hint}", code=f"invalid_{name}", field=name, allowed=allowed, nearest=nearest
    )


def _allowed(field: Field) -> str:
    if field.most_values is not None:
        return f"up to {field.most_values} times {_allowed_once(field)}"
    return _allowed_once(field)


def _allowed_once(field: Field) -> str:
    if field.choices or field.allowed:
        return field.allowed or ", ".join(field.choices)
    if field.kind in _ALLOWED_OF_KIND:
        return _ALLOWED_OF_KIND[field.kind]
    if field.kind == "tokens":
        return f'a whole number of tokens from 1 to {_largest_context():,} ("32k" is 32,768)'
    least = "above 0" if field.kind == "number" and not field.least else f"from {field.least:,g}"
    most = f" to {field.most:,.0f}" if field.most is not None else ""
    return f"a {_noun(field)} {least}{most}"


_ALLOWED_OF_KIND = {
    "text": "a name",
    "boolean": "true or false",
    "date": "a day such as 2026-03-01",
    "object": "a JSON object",
    "moment": "a moment in ISO 8601 such as 2026-12-01T09:00Z; without a time zone it is UTC",
}
_NOUNS = {
    "tokens": "whole number",
    "integer": "whole number",
    "number": "number",
    "text": "word",
    "boolean": "truth",
    "date": "day",
    "moment": "moment",
}


def _noun(field: Field) -> str:
    return _NOUNS[field.kind]


def _describe(raw: object) -> str:
    if isinstance(raw, str | int | float):
        return repr(raw)[:80]
    return "null" if raw is None else {"dict": "an object", "list": "a list"}.get(type(raw).__name__, "that")


def _nearest_bound(field: Field, number: float) -> tuple[Value, ...]:
    bound = field.least if number <= field.least else field.most
    # A number must be above its least, which is none itself.
    if bound is None or (bound == 0 and field.kind == "number"):
        return ()
    return (int(bound) if bound == int(bound) else bound,)


def _largest_context() -> int:
    return max(model.max_position_embeddings for model in models().values())
