"""Bodies read by a Struct, field by field, so that every field at fault is named at once; and their documentation."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec
from litestar.openapi.spec import OpenAPIType, Schema
from msgspec import Struct
from msgspec.structs import asdict

from planner import suggest
from service.api.documentation import json_body, takes
from service.refusing import FieldError

_JsonSchema = dict[str, Any]
_MAX_SHOWN: Final = 80
_CAPITAL: Final = re.compile("(?=[A-Z])")


class Given(Struct, frozen=True, kw_only=True):
    """What a body gives of a Struct: `values` as they would be in it, and `errors` for all that cannot be read.

    Of an object the names that can be read are among the values.
    """

    values: dict[str, Any]
    errors: list[FieldError]

    def over(self, thing: Struct) -> dict[str, Any]:
        """Return the fields of `thing` with these values in their place, those left out that cannot be read."""
        unread = {error.field for error in self.errors}
        return {name: value for name, value in (asdict(thing) | self.values).items() if name not in unread}


def read_whole(body: Mapping[str, object], kind: type[Struct]) -> Given:
    """Return what `body` gives of a `kind`, and what it leaves out as it is then."""
    given = read_some(body, kind)
    for field in msgspec.structs.fields(kind):
        if field.name not in body and not field.required:
            is_made = field.default is msgspec.NODEFAULT
            given.values[field.name] = field.default_factory() if is_made else field.default
        elif field.name not in body:
            allowed = _in_words(_schema_of(kind)["properties"][field.name])
            detail = f"{field.name} is missing. Allowed: {allowed}."
            given.errors.append(FieldError(field=field.name, detail=detail, allowed=allowed))
    return given


def read_some(body: Mapping[str, object], kind: type[Struct]) -> Given:
    """Return what `body` gives of a `kind`; fields that it leaves out are not missed."""
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    given = Given(values={}, errors=[])
    for name, value in body.items():
        if name not in fields:
            given.errors.append(_unknown(name, fields))
            continue
        try:
            given.values[name] = _read_value(value, fields[name].type)
        except (msgspec.ValidationError, OverflowError):
            schema = _schema_of(kind)["properties"][name]
            members = _read_members(name, value, fields[name].type, schema=schema)
            given.values.update(members.values)
            given.errors.extend(members.errors or [_at_fault(name, value, schema=schema)])
    return given


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


def _read_members(name: str, value: object, kind: Any, *, schema: _JsonSchema) -> Given:  # noqa: ANN401 - a type
    """Return what the field `name`, an object, gives: the members that can be read, and what is wrong with others."""
    members: dict[str, object] = {}
    errors: list[FieldError] = []
    if not isinstance(value, dict) or "additionalProperties" not in schema:
        return Given(values={}, errors=[])
    for key, each in cast("dict[str, object]", value).items():
        try:
            members |= cast("dict[str, object]", _read_value({key: each}, kind))
        except msgspec.ValidationError:
            errors.append(_member_at_fault(name, key[:_MAX_SHOWN], each, schema=schema))
    return Given(values={name: members} if errors and members else {}, errors=errors)


def _read_value(value: object, kind: Any) -> object:  # noqa: ANN401 - a type, annotated or of several
    """Return `value` as a `kind`, a moment in UTC; raises OverflowError for one that UTC does not have."""
    read: object = msgspec.convert(_whole(value), kind)
    return read.astimezone(dt.UTC) if isinstance(read, dt.datetime) else read


def _whole(value: object) -> object:
    """Return `value` with 8.0 as 8, which is the same number in JSON Schema."""
    if isinstance(value, list):
        return [_whole(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in cast("dict[str, object]", value).items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unknown(name: str, known: Mapping[str, object]) -> FieldError:
    nearest = suggest(name, {each: each for each in known})
    return FieldError(
        field=name[:_MAX_SHOWN],
        detail=f"Unknown field {name[:_MAX_SHOWN]!r}. Nearest: {', '.join(nearest)}.",
        allowed=", ".join(known),
        nearest=tuple(nearest),
    )


def _at_fault(name: str, value: object, *, schema: _JsonSchema) -> FieldError:
    allowed = _in_words(schema)
    return FieldError(
        field=name,
        detail=f"{name} is {_show(value)}. Allowed: {allowed}.",
        allowed=allowed,
        nearest=_nearest(value, schema),
    )


def _show(value: object) -> str:
    return msgspec.json.encode(value).decode()[:_MAX_SHOWN]


def _member_at_fault(name: str, key: str, value: object, *, schema: _JsonSchema) -> FieldError:
    of_value = schema["additionalProperties"]
    allowed = f"{_in_words(of_value)} for a name that is {_in_words(schema['propertyNames'])}"
    return FieldError(
        field=f"{name}.{key}",
        detail=f"{name} has {_show(value)} for {key!r}. Allowed: {allowed}.",
        allowed=allowed,
        nearest=_nearest(value, of_value),
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
        if "pattern" in each and isinstance(value, str):
            found += _respelt(value.strip(), each)
    return tuple(found)


def _respelt(text: str, schema: _JsonSchema) -> list[str]:
    """Return `text` as `schema` takes it, where only blanks and capitals are in the way."""
    fitting = range(schema.get("minLength", 0), schema["maxLength"] + 1)
    spellings = dict.fromkeys((text, text.lower(), text.upper(), "-".join(text.lower().split())))
    return [each for each in spellings if len(each) in fitting and re.search(schema["pattern"], each)][:1]


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
        case {"maxLength": most, "description": spelling}:
            example = f", such as {schema['examples'][0]!r}" if "examples" in schema else ""
            words = f"text of {schema.get('minLength', 0)} to {most:,} characters: {spelling}{example}"
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
