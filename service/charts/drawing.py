"""Draws a Vega-Lite specification as a picture: no browser, no network, fonts included."""

import re
from typing import Any, Final, Literal, TypeAlias

import msgspec
import vl_convert

PictureFormat: TypeAlias = Literal["png", "svg"]

SCALE: Final = 1.5
"""Pixels of a PNG for each of the specification's: sharp enough on a dense display, at two thirds of what 2 takes."""

MEDIA_TYPES: Final[dict[PictureFormat, str]] = {"png": "image/png", "svg": "image/svg+xml"}

DRAWING_VERSION: Final = f"{vl_convert.get_vega_version()}/{SCALE}"
"""What a picture depends on beside its specification."""


_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 has no place for: the drawing program dies of one, and a request's words may hold it."""


class DrawingFailed(Exception):
    """The specification cannot be drawn."""


def draw(spec: bytes, picture_format: PictureFormat) -> bytes:
    """Return the picture of a Vega-Lite specification as JSON, in the bytes of that format.

    The first in a process takes most of a second and the next ones a tenth, and no other Python thread runs meanwhile:
    who serves others draws in a process of its own. Raises DrawingFailed.
    """
    try:
        parsed = _drawable(msgspec.json.decode(spec, type=dict[str, object]))
        # An empty list of addresses that may be read from: the data are inside.
        if picture_format == "svg":
            return vl_convert.vegalite_to_svg(parsed, allowed_base_urls=[]).encode()
        return vl_convert.vegalite_to_png(parsed, scale=SCALE, allowed_base_urls=[])
    except ValueError as error:
        raise DrawingFailed(str(error)) from error


def _drawable(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the same with every character that cannot be drawn replaced by the sign for one."""
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value)
    if isinstance(value, list):
        return [_drawable(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {name: _drawable(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value
