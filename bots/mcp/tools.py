"""The tools, read off the API's own description, so that what they announce is what the API takes and answers. Pure."""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from mcp.types import Tool, ToolAnnotations

PATHS = {name: f"/v1/{name}" for name in ("plan", "fit", "limits", "compare", "ask")}
"""Every tool by its name, and the path of the API that answers it."""

_REFERENCE = "#/components/schemas/"
_LOCAL_REFERENCE = "#/$defs/"

JsonSchema: TypeAlias = dict[str, Any]


class UnknownDescription(Exception):
    """The API's description of itself does not say what a tool needs."""


def make_tools(openapi: Mapping[str, Any]) -> list[Tool]:
    """Return the tools for the API that describes itself by the document `openapi`.

    A tool's arguments are the query parameters of its path, its result is the path's answer.

    Raises:
        UnknownDescription: a path, its parameters or its answer are not in the document.
    """
    try:
        return [_make_tool(name, openapi, openapi["paths"][path]["get"]) for name, path in PATHS.items()]
    except (KeyError, TypeError) as error:
        raise UnknownDescription(f"the API's description lacks {error}") from error


def _make_tool(name: str, openapi: Mapping[str, Any], operation: Mapping[str, Any]) -> Tool:
    parameters = cast("list[dict[str, Any]]", operation["parameters"])
    return Tool(
        name=name,
        title=operation["summary"].removesuffix(", for query parameters"),
        description=operation["description"],
        input_schema={
            "type": "object",
            "properties": {
                each["name"]: {"description": each["description"], **_schema_of(each)} for each in parameters
            },
            "required": [each["name"] for each in parameters if each.get("required")],
            "additionalProperties": False,
        },
        output_schema=_stand_alone(
            operation["responses"]["200"]["content"]["application/json"]["schema"], openapi["components"]["schemas"]
        ),
        annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
    )


def _schema_of(parameter: Mapping[str, Any]) -> JsonSchema:
    """Return a parameter's schema; one that is an object is written as JSON in a query, and an object here."""
    return parameter["schema"] if "schema" in parameter else parameter["content"]["application/json"]["schema"]


def _stand_alone(schema: JsonSchema, components: Mapping[str, JsonSchema]) -> JsonSchema:
    """Return `schema` with all components that it reaches inside it; its root is an object, as the protocol asks."""
    reached: dict[str, JsonSchema] = {}
    root = _localise(schema, components, reached)
    return {"type": "object", **root, "$defs": reached}


def _localise(part: Any, components: Mapping[str, JsonSchema], reached: dict[str, JsonSchema]) -> Any:  # noqa: ANN401 - any part of a JSON document
    if isinstance(part, list):
        return [_localise(each, components, reached) for each in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    schema = cast("JsonSchema", part)
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(_REFERENCE):
        name = reference.removeprefix(_REFERENCE)
        if name not in reached:
            reached[name] = {}  # named before it is filled: a component may reach itself
            reached[name] = _localise(components[name], components, reached)
        return {**schema, "$ref": _LOCAL_REFERENCE + name}
    return {key: _localise(value, components, reached) for key, value in schema.items()}
