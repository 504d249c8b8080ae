"""Bodies read by a Struct, field by field, so that every field at fault is named at once; and their documentation."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import msgspec
from litestar.openapi.spec import OpenAPIType, Schema
from msgspec import Struct

from planner import suggest
from service.api.documentation import json_body, takes
from service.refusing import FieldError, refuse_fields

_Body = TypeVar("_Body", bound=Struct)
_JsonSchema = dict[str, Any]
_MAX_SHOWN: Final = 80
_CAPITAL: Final = re.compile("(?=[A-Z])")


def read_struct(body: Mapping[str, object], kind: type[_Body]) -> _Body:
    """Return `body` as a `kind`.

    Raises:
        Refusal: 400 with all fields that are unknown, missing or not what they must be.
    """
    return kind(**_read(body, kind, required=True))


def read_some(body: Mapping[str, object], kind: type[Struct]) -> dict[str, Any]:
    """Return the fields of a `kind` that `body` gives, each as it would be in the Struct; raises as `read_struct`."""
    return _read(body, kind, required=False)


def takes_struct(
    kind: type[Struct], *, opt: Mapping[str, object], is_partial: bool = False, one_of: Sequence[Schema] = ()
) -> dict[str, Any]:
    """Return the handler arguments of a route whose body is a `kind`, or some fields of one; `opt` as everywhere.

    `one_of` are schemas of which it meets exactly one: how its fields hang together.
    """
    schema = _schema_of(kind)
    properties = {name: _to_openapi(field) for name, field in schema["properties"].items()}
    if is_partial:
        for field in properties.values():
            field.default = None
    required: list[str] = [] if is_partial else schema.get("required", [])
    return takes({}, opt=opt, body=json_body(properties, required=required, one_of=one_of))


def _read(body: Mapping[str, object], kind: type[Struct], *, required: bool) -> dict[str, Any]:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in body.items():
        if name not in fields:
            errors.append(_unknown(name, fields))
            continue
        try:
            values[name] = _in_utc(msgspec.convert(_whole(value), fields[name].type))
        except (msgspec.ValidationError, OverflowError):
            errors.append(_at_fault(name, value, schema=_schema_of(kind)["properties"][name]))
    missing = [name for name, field in fields.items() if required and field.required and name not in body]
    for name in missing:
        allowed = _in_words(_schema_of(kind)["properties"][name])
        errors.append(FieldError(field=name, detail=f"{name} is missing. Allowed: {allowed}.", allowed=allowed))
    if errors:
        raise refuse_fields(errors)
    return values


def _whole(value: object) -> object:
    """Return `value` with 8.0 as 8, which is the same number in JSON Schema."""
    if isinstance(value, list):
        return [_whole(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in cast("dict[str, object]", value).items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _in_utc(value: object) -> object:
    """Return `value`, a moment in UTC; raises OverflowError for one that lies before or after all of UTC's years."""
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value


def _unknown(name: str, known: Mapping[str, object]) -> FieldError:
    nearest = suggest(name, {each: each for each in known})
    return FieldError(
        field=name[:_MAX_SHOWN],
        detail=f"Unknown field {name[:_MAX_SHOWN]!r}. Nearest: {', '.join(nearest)}.",
        allowed=", ".join(known),
        nearest=tuple(nearest),
    )


def _at_fault(name: str, value: object, *, schema: _JsonSchema) -> FieldError:
    shown = msgspec.json.encode(value).decode()[:_MAX_SHOWN]
    allowed = _in_words(schema)
    return FieldError(
        field=name,
        detail=f"{name} is {shown}. Allowed: {allowed}.",
        allowed=allowed,
        nearest=_nearest(value, schema),
    )


def _nearest(value: object, schema: _JsonSchema) -> tuple[str | float, ...]:
    found: list[str | float] = []
    for each in schema.get("anyOf", [schema]):
        if "enum" in each and isinstance(value, str):
            found += suggest(value, {word: word for word in each["enum"]})
        if "minimum" in each and isinstance(value, int | float) and not isinstance(value, bool):
            if value < each["minimum"]:
                found.append(each["minimum"])
            elif value > each["maximum"]:
                found.append(each["maximum"])
    return tuple(found)


def _in_words(schema: _JsonSchema) -> str:
    match schema:
        case {"anyOf": choices}:
            words = " or ".join(map(_in_words, choices))
        case {"enum": choices}:
            words = f"one of {', '.join(map(repr, choices))}"
        case {"type": "array", "maxItems": most, "items": item}:
            size = f"exactly {most}" if "minItems" in schema else f"up to {most}"
            words = f"a list of {size}, each {_in_words(item)}"
        case {"type": "integer", "minimum": least, "maximum": most}:
            words = f"a whole number from {least} to {most}"
        case {"type": "number", "minimum": least, "maximum": most}:
            words = f"a number from {least} to {most}"
        case {"type": "string", "format": "date"}:
            words = "a date such as 2026-05-24"
        case {"type": "string", "format": "date-time"}:
            words = "a moment with its time zone such as 2026-12-01T09:00:00Z, in UTC of the years 1 to 9999"
        case {"type": "object", "maxProperties": most, "additionalProperties": value}:
            words = f"an object of {schema.get('minProperties', 0)} to {most} names, each with {_in_words(value)}"
        case {"type": "string", "maxLength": most, "pattern": pattern}:
            example = f", such as {schema['examples'][0]!r}" if "examples" in schema else ""
            words = f"text of {schema.get('minLength', 0)} to {most} characters that matches {pattern}{example}"
        case _:
            words = "true or false" if schema["type"] == "boolean" else str(schema["type"])
    return words


def _schema_of(kind: type[Struct]) -> _JsonSchema:
    (components,) = msgspec.json.schema_components([kind])[1].values()
    return components


def _to_openapi(schema: _JsonSchema) -> Schema:
    members: dict[str, Any] = {_CAPITAL.sub("_", key).lower(): value for key, value in schema.items()}
    if "type" in members:
        members["type"] = OpenAPIType(members["type"])
    if "items" in members:
        members["items"] = _to_openapi(members["items"])
    for name in ("additional_properties", "property_names"):
        if name in members:
            members[name] = _to_openapi(members[name])
    if "any_of" in members:
        members["any_of"] = [_to_openapi(each) for each in members["any_of"]]
    return Schema(**members)
