"""Our own list of offers as JSON: an array of offers, an object with one under "offers", or one offer a line."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

import msgspec

from service.inventory.importers.errors import NotACatalogue
from service.inventory.importers.findings import KEY_IN_A_ROW, Finding, Refused
from service.inventory.importers.numbers import Unreadable
from service.inventory.importers.own_fields import FLAG_SEPARATOR, OPTIONAL, REQUIRED, read_own_fields
from service.key_format import holds_key

WHAT: Final = "list of offers in JSON"
_T = TypeVar("_T")
_FIELDS: Final = frozenset((*REQUIRED, *OPTIONAL))
# Nested deeper than the parser's stack holds, JSON is a RecursionError.
_NO_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Wrapped(msgspec.Struct):
    offers: list[msgspec.Raw]


def read_own_json(lines: Iterable[bytes]) -> Iterator[Finding]:
    """Yield the machines of the list, in the file's order; the file is held in memory, its offers one by one.

    Raises:
        NotACatalogue: it is no JSON, or no list of offers.
    """
    data = b"".join(lines).removeprefix(b"\xef\xbb\xbf")
    for line, raw in _split(data):
        yield _read(raw, line=line)


def _split(data: bytes) -> Iterator[tuple[int, bytes]]:
    if not data.lstrip().startswith(b"{"):
        yield from _with_lines(data, _decode(data, type_=list[msgspec.Raw]))
        return
    try:
        keys = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).keys()
    except _NO_JSON:
        # No one object, so each line should be one.
        yield from ((number, line) for number, line in enumerate(data.splitlines(), start=1) if line.strip())
        return
    if "provider" in keys:
        yield 1, data
    else:
        yield from _with_lines(data, _decode(data, type_=_Wrapped).offers)


def _decode(data: bytes, *, type_: type[_T]) -> _T:
    try:
        return msgspec.json.decode(data, type=type_)
    except _NO_JSON as error:
        raise NotACatalogue(
            f"This is no {WHAT}: {_say(error)}. Needed is an array of offers, or an object with one under 'offers'."
        ) from error


def _with_lines(data: bytes, offers: Iterable[msgspec.Raw]) -> Iterator[tuple[int, bytes]]:
    place, line = 0, 1
    for raw in offers:
        # The pieces stand in the file in this order, so each is looked for behind the one before it.
        text = bytes(raw)
        found = data.index(text, place)
        line += data.count(b"\n", place, found)
        place = found
        yield line, text


def _read(raw: bytes, *, line: int) -> Finding:
    if holds_key(raw.decode("latin-1")):
        return Refused(line=line, reason=KEY_IN_A_ROW)
    try:
        values = msgspec.json.decode(raw, type=dict[str, Any])
        fields = {name: _to_text(value) for name, value in values.items() if value is not None}
    except _NO_JSON as error:
        return Refused(line=line, reason=f"no JSON object: {_say(error)}")
    machine = tuple(fields.get(name, "") for name in ("provider", "instance_type", "region"))
    where = (machine[0], machine[1], machine[2]) if machine[0] and machine[1] else None
    unknown = sorted(fields.keys() - _FIELDS)
    if unknown:
        return Refused(line=line, reason=f"unknown field {unknown[0][:40]!r}", machine=where)
    try:
        return read_own_fields(fields, line=line)
    except Unreadable as error:
        return Refused(line=line, reason=str(error), machine=where)


def _say(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _to_text(value: object) -> str:
    if isinstance(value, list):
        return FLAG_SEPARATOR.join(str(each) for each in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value).strip()
