"""Tuples of one length, such as a compute capability, in the OpenAPI document: Litestar's own schema is not valid."""

from typing import Any

from litestar.openapi.spec import OpenAPIType, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition


class PairSchema(OpenAPISchemaPlugin):
    """Documents a tuple of one length and of one type as a list of that many items."""

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        """Return whether the field is such a tuple."""
        arguments = field_definition.args
        return field_definition.origin is tuple and len(arguments) > 1 and Ellipsis not in arguments

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:  # noqa: ANN401 - Litestar's own, not public
        """Return the list's schema."""
        size = len(field_definition.args)
        item = schema_creator.for_field_definition(field_definition.inner_types[0])
        return Schema(type=OpenAPIType.ARRAY, items=item, min_items=size, max_items=size)
