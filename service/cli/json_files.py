"""Files of JSON that a command reads."""

from pathlib import Path
from typing import Any, cast

import msgspec

from service.cli.errors import BadInput


def read_object(file: Path) -> dict[str, Any]:
    """Return the object that `file` holds as JSON, such as a model's config.json; raises BadInput."""
    try:
        value: object = msgspec.json.decode(file.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise BadInput(f"{file}: {error}") from error
    if not isinstance(value, dict):
        raise BadInput(f"{file}: not one JSON object, as a config.json is")
    return cast("dict[str, Any]", value)
