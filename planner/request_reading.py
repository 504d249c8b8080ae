"""Turns what a caller sent (query, JSON, command line, question) into the canonical request."""

import math
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias, cast

from planner.engines.registry import ENGINES
from planner.errors import InvalidRequest, UnknownEngine, UnknownKvCacheDtype, UnknownWeightFormat, suggest
from planner.facts import kv_cache_dtypes, models, resolve_model, weight_formats
from planner.request import PlanRequest
from planner.request_fields import FIELDS, Field
from planner.units import parse_tokens

Value: TypeAlias = int | float | str


def read_plan_request(fields: Mapping[str, object]) -> PlanRequest:
    """Return the canonical request that `fields` describe; a value may be a string, a number or a list of them.

    Null and an empty list count as not given. Raises InvalidRequest (an unknown field, a value that cannot be used) and its kinds
    (a model, weight format, KV cache dtype or engine that nobody knows), always naming the field, what is allowed and
    the nearest valid value. Names that only an inventory knows (GPUs, providers, regions) are checked by the plan.
    """
    given: dict[str, object] = {}
    for name, raw in fields.items():
        field = FIELDS.get(name)
        if field is None:
            _refuse_field(name)
        if raw is not None and not (field.repeats and raw in ([], ())):
            given[name] = read_field(name, field, raw)
    for name, read_name in _NAMES.items():
        if name in given:
            given[name] = tuple(dict.fromkeys(read_name(value) for value in cast("tuple[str, ...]", given[name])))
    request = PlanRequest(**given)  # pyright: ignore[reportArgumentType]  (each field was read by its own rule)
    _check_context(request)
    assumed = tuple(name for name in FIELDS if name in _ASSUMED and name not in given)
    return _with_assumed(request, assumed)


_ASSUMED = ("context", "batch", "model", "pricing", "min_quality", "price_kind")
"""Fields whose default decides the answer: named in `assumed` when they were not given."""


def _with_assumed(request: PlanRequest, assumed: tuple[str, ...]) -> PlanRequest:
    fields = {name: getattr(request, name) for name in FIELDS}
    return PlanRequest(**fields, assumed=assumed)


def _refuse_field(name: str) -> NoReturn:
    nearest = suggest(name, {field: field for field in FIELDS})
    hint = f" Nearest: {', '.join(nearest)}." if nearest else ""
    raise InvalidRequest(
        f"Unknown field {name[:80]!r}.{hint}",
        code="unknown_field",
        field=name[:80],
        allowed=", ".join(FIELDS),
        nearest=nearest,
    )


def read_field(name: str, field: Field, raw: object) -> object:
    """Return the value of one field (a tuple where it repeats); raises InvalidRequest, its code `invalid_<name>`."""
    if not isinstance(raw, list | tuple):
        value = _read_value(name, field, raw)
        return (value,) if field.repeats else value
    read = tuple(dict.fromkeys(_read_value(name, field, item) for item in cast("Sequence[object]", raw)))
    if field.repeats:
        return read
    if len(read) != 1:
        _refuse(name, field, f"{name} must be given once, not {len(read)} times")
    return read[0]


def _read_value(name: str, field: Field, raw: object) -> Value:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        _refuse(name, field, f"{name} must be a {_noun(field)}, not {_describe(raw)}")
    if field.kind == "text":
        return _read_text(name, field, raw)
    number = _read_number(field, raw)
    if number is None or (field.kind != "number" and number != int(number)):
        _refuse(name, field, f"{name} must be a {_noun(field)}, not {_describe(raw)}")
    if number < field.least or (field.kind == "number" and number == 0):
        _refuse(name, field, f"{name} is too small: {_describe(raw)}", nearest=_nearest_bound(field, number))
    if field.most is not None and number > field.most:
        _refuse(name, field, f"{name} is too large: {_describe(raw)}", nearest=_nearest_bound(field, number))
    return number if field.kind == "number" else int(number)


def _read_number(field: Field, raw: str | float) -> float | None:
    if isinstance(raw, str):
        tokens = parse_tokens(raw) if field.kind == "tokens" else None
        try:
            number = tokens if tokens is not None else float(raw)
        except ValueError:
            return None
        if tokens is None and field.kind != "number" and not raw.strip().lstrip("+-").isdecimal():
            return None
    else:
        number = raw
    return number if -math.inf < number < math.inf else None


def _read_text(name: str, field: Field, raw: str | float) -> str:
    text = str(raw).strip()
    if not text:
        _refuse(name, field, f"{name} is empty")
    if not field.choices:
        return text
    word = text.casefold().replace("-", "_")
    if word not in field.choices:
        nearest = suggest(text, {choice: choice for choice in field.choices})
        _refuse(name, field, f"{name} cannot be {text[:80]!r}", nearest=nearest)
    return word


def _refuse(name: str, field: Field, message: str, *, nearest: Sequence[Value] = ()) -> NoReturn:
    allowed = _allowed(field)
    hint = f" Nearest: {', '.join(str(value) for value in nearest)}." if nearest else ""
    raise InvalidRequest(
        f"{message}. Allowed: {allowed}.{hint}", code=f"invalid_{name}", field=name, allowed=allowed, nearest=nearest
    )


def _allowed(field: Field) -> str:
    if field.choices:
        return ", ".join(field.choices)
    if field.kind == "text":
        return "a name"
    if field.kind == "tokens":
        return f'a whole number of tokens from 1 to {_largest_context():,} ("32k" is 32,768)'
    least = "above 0" if field.kind == "number" else f"from {field.least:,.0f}"
    most = f" to {field.most:,.0f}" if field.most is not None else ""
    return f"a {_noun(field)} {least}{most}"


def _noun(field: Field) -> str:
    return {"tokens": "whole number", "integer": "whole number", "number": "number", "text": "word"}[field.kind]


def _describe(raw: object) -> str:
    if isinstance(raw, str | int | float):
        return repr(raw)[:80]
    return "null" if raw is None else {"dict": "an object", "list": "a list"}.get(type(raw).__name__, "that")


def _nearest_bound(field: Field, number: float) -> tuple[Value, ...]:
    if number < field.least:
        return (int(field.least),)
    return () if field.kind == "number" or field.most is None else (int(field.most),)


def _read_model(name: str) -> str:
    resolve_model(name)
    return name


def _read_weight_format(name: str) -> str:
    return _read_known(name, weight_formats(), UnknownWeightFormat, "weight_format")


def _read_kv_cache_dtype(name: str) -> str:
    return _read_known(name, kv_cache_dtypes(), UnknownKvCacheDtype, "kv_cache_dtype")


def _read_engine(name: str) -> str:
    return _read_known(name, ENGINES, UnknownEngine, "engine")


def _read_known(
    name: str,
    known: Mapping[str, object],
    error: type[UnknownWeightFormat | UnknownKvCacheDtype | UnknownEngine],
    field: str,
) -> str:
    spellings = {_plain(identifier): identifier for identifier in known}
    identifier = spellings.get(_plain(name))
    if identifier is None:
        raise error(name, known={identifier: identifier for identifier in known}, field=field)
    return identifier


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


_NAMES = {
    "model": _read_model,
    "weight_format": _read_weight_format,
    "kv_cache_dtype": _read_kv_cache_dtype,
    "engine": _read_engine,
}


def _largest_context() -> int:
    return max(model.max_position_embeddings for model in models().values())


def _check_context(request: PlanRequest) -> None:
    for name in request.model:
        for model_id in resolve_model(name).model_ids:
            most = models()[model_id].max_position_embeddings
            if not 1 <= request.context <= most:
                allowed = f"1 to {most:,} tokens for {model_id}"
                raise InvalidRequest(
                    f"context is {request.context:,}; allowed: {allowed}.",
                    code="invalid_context",
                    field="context",
                    allowed=allowed,
                    nearest=(most,),
                )
