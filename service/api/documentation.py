"""What OpenAPI says about routes whose input is read from a table of fields."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)

from planner import Field, engine_facts, kv_cache_dtypes, weight_formats
from service.inventory.fleet.idempotency import KEY_PATTERN
from service.problems import PROBLEM_JSON
from service.refusing import Problem

_NULL = Schema(type=OpenAPIType.NULL)
_TYPES = {
    "tokens": OpenAPIType.INTEGER,
    "integer": OpenAPIType.INTEGER,
    "number": OpenAPIType.NUMBER,
    "text": OpenAPIType.STRING,
    "boolean": OpenAPIType.BOOLEAN,
    "date": OpenAPIType.STRING,
    "object": OpenAPIType.OBJECT,
    "moment": OpenAPIType.STRING,
}

_IDS: Mapping[str, Collection[str]] = {
    "weight_format": weight_formats(),
    "kv_cache_dtype": kv_cache_dtypes(),
    "engine": engine_facts(),
}
"""The names that the planner's facts hold; other spellings of them are taken too."""


def takes(
    fields: Mapping[str, Field],
    *,
    media_types: Collection[str] = (),
    opt: Mapping[str, object] | None = None,
    body: RequestBody | None = None,
    required: Collection[str] = (),
) -> dict[str, Any]:
    """Return the handler arguments of a route whose query parameters are `fields`: documented, all others refused.

    `media_types` are those of an answer that is no JSON, `opt` is what else the route says of itself, `body` what
    it takes beside the query, `required` the parameters that it cannot do without.
    """
    parameters = [_parameter(name, field, required=name in required) for name, field in fields.items()]

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            own = self.parameters or []
            for parameter in own:
                _complete(parameter)
            self.parameters = [*own, *parameters]
            self.request_body = body
            success = (self.responses or {}).get("200")
            if media_types and isinstance(success, OpenAPIResponse):
                file = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, description="The bytes of a file."))
                success.content = dict.fromkeys(media_types, file)

    return {"opt": {**(opt or {}), "query": tuple(fields)}, "operation_class": Documented}


def takes_body(
    fields: Mapping[str, Field],
    *,
    required: Sequence[str] = (),
    one_of: Sequence[str] = (),
    objects: Mapping[str, Schema] | None = None,
) -> dict[str, Any]:
    """Return the handler arguments of a route whose body is one JSON object of `fields`; null is as good as absent.

    `required` are the fields that it cannot do without, `one_of` those of which it takes exactly one, `objects` the
    schemas of those that are objects.
    """
    properties = {name: _body_schema(name, field) for name, field in fields.items()}
    for name, schema in (objects or {}).items():
        properties[name] = Schema(one_of=[schema, _NULL], description=fields[name].description)
    for name in (*required, *one_of):
        properties[name] = _body_schema(name, fields[name], is_given=True)
    body = json_body(properties, required=required, one_of=[Schema(required=[name]) for name in one_of])

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            self.request_body = body

    return {"operation_class": Documented}


def json_body(
    properties: Mapping[str, Schema], *, required: Sequence[str], one_of: Sequence[Schema] = ()
) -> RequestBody:
    """Return the documentation of a body that is one JSON object of these `properties` and no others.

    It must meet exactly one schema of `one_of`, where there are any.
    """
    schema = Schema(
        type=OpenAPIType.OBJECT,
        properties=cast("dict[str, Reference | Schema]", properties),
        required=list(required),
        additional_properties=False,
        one_of=list(one_of) or None,
    )
    return RequestBody(
        required=True,
        description="One JSON object of at most 64 KiB, in UTF-8.",
        content={"application/json": OpenAPIMediaType(schema=schema)},
    )


def problems(*statuses: HTTPStatus) -> dict[int, ResponseSpec]:
    """Return the documentation of the problems that a route answers with, beside the 500 that any may."""
    return {
        int(status): ResponseSpec(
            data_container=Problem,
            description=_PROBLEM_DESCRIPTIONS[status],
            media_type=PROBLEM_JSON,  # pyright: ignore[reportArgumentType]  (Litestar takes any text, its annotation none)
            generate_examples=False,
        )
        for status in (*statuses, HTTPStatus.INTERNAL_SERVER_ERROR)
    }


def answers(kind: Any, description: str) -> dict[int, ResponseSpec]:  # noqa: ANN401 - a type or a union of types
    """Return the documentation of a route's JSON answer, and of the 304 that a matching If-None-Match gets."""
    return {
        200: ResponseSpec(data_container=kind, description=description, generate_examples=False),
        304: ResponseSpec(data_container=None, description="What If-None-Match names is still the answer."),
    }


_PROBLEM_DESCRIPTIONS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be used: `code` says why, `field` names the field.",
    HTTPStatus.UNAUTHORIZED: "This needs a key, or the key sent cannot be used: `code` says which.",
    HTTPStatus.FORBIDDEN: "The key sent lacks the scope that `WWW-Authenticate` names.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests in this minute; `Retry-After` says when to try again.",
    HTTPStatus.NOT_FOUND: "Nothing bears that name: `nearest` holds the nearest names.",
    HTTPStatus.CONFLICT: "Something stands against this: `there` is what, where it can be shown.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The Idempotency-Key came with another request before.",
    HTTPStatus.PRECONDITION_FAILED: "If-Match names a state that is past: `allowed` is the ETag of now.",
    HTTPStatus.PRECONDITION_REQUIRED: "If-Match is missing.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than `allowed`.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of no type that is taken here: `allowed` is one.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong inside the service.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The inventory database cannot be reached; `Retry-After` says when to try again.",
}


def _describe(field: Field) -> str:
    return f"{field.description} May be given several times." if field.repeats else field.description


def _value_schema(name: str, field: Field) -> Schema:
    schema = Schema(type=_TYPES[field.kind], examples=None if field.example is None else [field.example])
    if field.kind == "object":
        return Schema(type=OpenAPIType.OBJECT, additional_properties=True)
    if name in _IDS:
        schema.enum = list(_IDS[name])
    elif field.kind == "text" and not field.choices:
        schema.pattern = r"^[^\x00]*[^\x00\s][^\x00]*$"
    if field.kind == "moment":
        schema.format = OpenAPIFormat.DATE_TIME
    if field.choices:
        schema.enum = list(field.choices)
    if field.kind == "date":
        schema.format = OpenAPIFormat.DATE
    if field.kind == "number":
        schema.exclusive_minimum = None if field.least else 0
        schema.minimum = field.least or None
        schema.maximum = field.most
    if field.kind in {"tokens", "integer"}:
        schema.minimum = field.least
        schema.maximum = field.most
    if field.kind == "tokens":
        words = Schema(
            type=OpenAPIType.STRING,
            description="As people write it: 32k is 32,768.",
            pattern="^([1-9][0-9]?|1[01][0-9]|12[0-8])[kK]$",
            examples=["32k"],
        )
        return Schema(one_of=[schema, words])
    return schema


def _parameter(name: str, field: Field, *, required: bool) -> Parameter:
    parameter = Parameter(name=name, param_in="query", description=_describe(field), required=required)
    value = _value_schema(name, field)
    if field.kind == "object":
        parameter.content = {"application/json": OpenAPIMediaType(schema=value)}
        return parameter
    parameter.schema = _several(value, field) if field.repeats else value
    parameter.example = [field.example] if field.repeats else field.example
    return parameter


_PATH_PARAMETERS: Mapping[str, tuple[str, str | int]] = {
    "gpu_id": ("A GPU's identifier, as `/v1/gpus` lists it.", "l4"),
    "model_id": ("A model's identifier or alias.", "deepseek-r1-8b"),
    "offer_id": ("An offer's identifier, as `/v1/offers` lists it.", "aws:p4d.24xlarge:us-west-2:on_demand"),
    "name": ("A provider's name.", "aws"),
    "node": ("A node's name.", "gpu-01"),
    "reservation_id": ("A reservation's identifier, as making it answered.", "20311201t090000z-0123456789ab"),
    "import_id": ("An import's number, as handing it in answered.", 1),
}
"""What each part of a path names, and one that may be there."""


def _complete(parameter: Parameter | Reference) -> None:
    """Add what Litestar's annotations cannot say: what a path's part is, and that a missing If-Match means 428."""
    if not isinstance(parameter, Parameter):
        return
    if parameter.param_in == "path":
        parameter.description, parameter.example = _PATH_PARAMETERS[parameter.name]
    if parameter.name == "If-Match":
        parameter.required = True
        parameter.schema = Schema(type=OpenAPIType.STRING, pattern=r'^(\*|"[!#-~]+")$')
        parameter.example = "*"
    if parameter.name == "Idempotency-Key":
        parameter.schema = Schema(type=OpenAPIType.STRING, pattern=f'^"?{KEY_PATTERN}"?$')


def body_schema_of(fields: Mapping[str, Field]) -> Schema:
    """Return the schema of one JSON object of some of `fields`."""
    return Schema(
        type=OpenAPIType.OBJECT,
        properties={name: _body_schema(name, field) for name, field in fields.items()},
        additional_properties=False,
    )


def _body_schema(name: str, field: Field, *, is_given: bool = False) -> Schema:
    """Return the schema of a body's field; one that `is_given` is neither null nor an empty list, which mean absent."""
    value = _value_schema(name, field)
    choices = [value]
    if field.repeats:
        choices.append(_several(value, field, least=1 if is_given else None))
    if not is_given:
        choices.append(_NULL)
    if len(choices) == 1:
        value.description = field.description
        return value
    return Schema(one_of=list(choices), description=field.description)


def _several(value: Schema, field: Field, *, least: int | None = None) -> Schema:
    return Schema(type=OpenAPIType.ARRAY, items=value, min_items=least, max_items=field.most_values)
