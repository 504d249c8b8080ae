"""Turns what a caller sent (query, JSON, command line, question) into the canonical request."""

from collections.abc import Mapping
from typing import cast

from planner.engines.registry import ENGINES
from planner.errors import InvalidRequest, UnknownEngine, UnknownKvCacheDtype, UnknownWeightFormat
from planner.facts import kv_cache_dtypes, models, resolve_model, weight_formats
from planner.field_reading import read_fields
from planner.request import PlanRequest
from planner.request_fields import FIELDS


def read_plan_request(fields: Mapping[str, object]) -> PlanRequest:
    """Return the canonical request that `fields` describe; a value may be a string, a number or a list of them.

    Raises InvalidRequest (an unknown field, a value that cannot be used) and its kinds (a model, weight format, KV
    cache dtype or engine that nobody knows), always naming the field, what is allowed and the nearest valid value.
    Names that only an inventory knows (GPUs, providers, regions) are checked by the plan.
    """
    given = read_fields(fields, FIELDS)
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
