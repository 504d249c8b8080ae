"""The parameters of an upload: read together, so that a refusal names all that cannot be used."""

import datetime as dt
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from planner import Field, InvalidRequest, read_field
from service.api.query import read_query, unknown_parameter
from service.inventory.entries import EARLIEST, check_date
from service.inventory.errors import InvalidEntry
from service.inventory.importers.catalogue import MAX_REFUSED
from service.inventory.importers.difference import FEW_OFFERS
from service.inventory.importers.formats import FORMATS
from service.problems import problem_of
from service.refusing import FieldError, Refusal, refuse_fields

_MAX_NAME: Final = 64
_NAMES: Final = ("name", "provider", "provider_kind")
IMPORT_FIELDS: Final[dict[str, Field]] = {
    "format": Field(kind="text", choices=tuple(FORMATS), example="csv", description="The catalogue's format; needed."),
    "name": Field(kind="text", example="contracts", description="The name of our own list; needed for csv and json."),
    "provider": Field(kind="text", example="aws", description="Whose catalogue it is; needed for one file of others."),
    "provider_kind": Field(kind="text", example="cloud", description="The kind of a provider that is new here."),
    "as_of": Field(kind="date", example="2026-05-01", description="The day that the prices are of; today otherwise."),
    "dry_run": Field(kind="boolean", example=True, description="Report what would change, and change nothing."),
    "max_refused": Field(
        kind="integer", most=1_000_000, example=MAX_REFUSED, description="Most rows that may be unreadable."
    ),
    "max_vanished": Field(
        kind="integer",
        most=100,
        example=50,
        description=f"Most offers of the catalogue that may vanish, in per cent; of {FEW_OFFERS} or fewer all may.",
    ),
}


def read_import_fields(query: bytes) -> dict[str, Any]:
    """Return what the raw query string of an upload gives.

    Raises:
        Refusal: what cannot be used: one parameter as on every path, of several each in `errors`.
    """
    # Whatever is named is let through here, so that an unknown name hides no other fault.
    named = [name for name, _ in parse_qsl(query.decode(errors="replace"), keep_blank_values=True)]
    values = read_query(query, known=named)
    given: dict[str, Any] = {}
    faults: list[Exception] = []
    for name, value in values.items():
        try:
            given[name] = _read(name, value)
        except (Refusal, InvalidRequest) as fault:
            faults.append(fault)
    if "format" not in values:
        faults.append(missing("format", ", ".join(FORMATS)))
    elif "format" in given and FORMATS[given["format"]].is_own and "name" not in values:
        faults.append(missing("name", "the list's name, by which a later import knows it, such as contracts"))
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise refuse_fields([_to_error(fault) for fault in faults])
    return given


def missing(field: str, allowed: str) -> Refusal:
    """Return the refusal of an upload that lacks a parameter."""
    return Refusal(f"{field} is missing. Allowed: {allowed}.", code=f"invalid_{field}", field=field, allowed=allowed)


def _read(name: str, values: list[str]) -> object:
    if name not in IMPORT_FIELDS:
        raise unknown_parameter(name, known=IMPORT_FIELDS)
    value = read_field(name, IMPORT_FIELDS[name], values)
    if name in _NAMES and not (str(value).isprintable() and len(str(value)) <= _MAX_NAME):
        allowed = f"up to {_MAX_NAME} printable characters"
        raise Refusal(f"{name} is no name. Allowed: {allowed}.", code=f"invalid_{name}", field=name, allowed=allowed)
    if name == "as_of":
        try:
            check_date(cast("dt.date", value))
        except InvalidEntry as error:
            raise Refusal(
                str(error), code="invalid_as_of", field="as_of", allowed=f"a day from {EARLIEST} to today"
            ) from error
    return value


def _to_error(fault: Exception) -> FieldError:
    problem = problem_of(fault)
    return FieldError(
        field=problem.field or "", detail=problem.detail, allowed=problem.allowed or "", nearest=problem.nearest
    )
