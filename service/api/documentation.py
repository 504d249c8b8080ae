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

from planner import Field
from service.problems import PROBLEM_JSON, Problem

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
    fields: Mapping[str, Field], *, required: Sequence[str] = (), objects: Mapping[str, Schema] | None = None
) -> dict[str, Any]:
    """Return the handler arguments of a route whose body is one JSON object of `fields`; null is as good as absent.

    `required` are the fields that it cannot do without, `objects` the schemas of those that are objects.
    """
    properties = {name: _body_schema(field) for name, field in fields.items()}
    for name, schema in (objects or {}).items():
        properties[name] = Schema(one_of=[schema, _NULL], description=fields[name].description)
    for name in required:
        properties[name] = _value_schema(fields[name])
    body = RequestBody(
        required=True,
        description="One JSON object of at most 64 KiB, in UTF-8.",
        content={
            "application/json": OpenAPIMediaType(
                schema=Schema(
                    type=OpenAPIType.OBJECT,
                    properties=cast("dict[str, Reference | Schema]", properties),
                    required=list(required),
                    additional_properties=False,
                )
            )
        },
    )

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            self.request_body = body

    return {"operation_class": Documented}


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


def _value_schema(field: Field) -> Schema:
    schema = Schema(type=_TYPES[field.kind], examples=None if field.example is None else [field.example])
    if field.kind == "object":
        return Schema(type=OpenAPIType.OBJECT, additional_properties=True)
    if field.kind == "text" and not field.choices:
        schema.pattern = r"\S"
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
            pattern="^[1-9][0-9]?k$",
            examples=["32k"],
        )
        return Schema(one_of=[schema, words])
    return schema


def _parameter(name: str, field: Field, *, required: bool) -> Parameter:
    parameter = Parameter(name=name, param_in="query", description=_describe(field), required=required)
    value = _value_schema(field)
    if field.kind == "object":
        parameter.content = {"application/json": OpenAPIMediaType(schema=value)}
        return parameter
    parameter.schema = Schema(type=OpenAPIType.ARRAY, items=value) if field.repeats else value
    parameter.example = [field.example] if field.repeats else field.example
    return parameter


def _complete(parameter: Parameter | Reference) -> None:
    """Add what Litestar's annotations cannot say: a header that is answered with 428 where it is missing."""
    if isinstance(parameter, Parameter) and parameter.name == "If-Match":
        parameter.required = True
        parameter.schema = Schema(type=OpenAPIType.STRING, pattern=r'^(\*|"[!#-~]+")$')
        parameter.example = "*"


def body_schema_of(fields: Mapping[str, Field]) -> Schema:
    """Return the schema of one JSON object of some of `fields`."""
    return Schema(
        type=OpenAPIType.OBJECT,
        properties={name: _body_schema(field) for name, field in fields.items()},
        additional_properties=False,
    )


def _body_schema(field: Field) -> Schema:
    value = _value_schema(field)
    several = [Schema(type=OpenAPIType.ARRAY, items=value)] if field.repeats else []
    return Schema(one_of=[value, *several, _NULL], description=field.description)
