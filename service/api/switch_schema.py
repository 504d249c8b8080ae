"""Options that are numbers or switches, in the OpenAPI document: Litestar's own schema takes a whole number twice."""

from typing import Any, Final

from litestar.openapi.spec import OpenAPIType, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

_NUMBER_OR_SWITCH: Final = (int, float, bool)


class SwitchSchema(OpenAPISchemaPlugin):
    """Documents options by name, each a whole number, any number or a switch, as numbers or switches by name."""

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        """Return whether the field is such a mapping."""
        if field_definition.origin is not dict:
            return False
        kinds = field_definition.inner_types[1].args
        return len(kinds) == len(_NUMBER_OR_SWITCH) and all(kind in kinds for kind in _NUMBER_OR_SWITCH)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:  # noqa: ANN401 - Litestar's own, not public
        """Return the object's schema."""
        del field_definition, schema_creator
        either = Schema(any_of=[Schema(type=OpenAPIType.NUMBER), Schema(type=OpenAPIType.BOOLEAN)])
        return Schema(type=OpenAPIType.OBJECT, additional_properties=either)
