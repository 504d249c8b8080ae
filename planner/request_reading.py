"""Turns what a caller sent (query, JSON, command line, question) into the canonical request."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import cast

from msgspec.structs import replace

from planner.engines.registry import ALL_ENGINES
from planner.errors import InvalidRequest, UnknownEngine, UnknownKvCacheDtype, UnknownWeightFormat
from planner.facts import kv_cache_dtypes, weight_formats
from planner.field_reading import read_fields
from planner.known_models import DATA_FILE_MODELS, KnownModels, name_of_config
from planner.load import DEFAULT_OUTPUT_TOKENS
from planner.model import ModelSpec
from planner.request import DEFAULT_CONTEXT, PlanRequest
from planner.request_fields import FIELDS


def read_plan_request(fields: Mapping[str, object], *, models: KnownModels = DATA_FILE_MODELS) -> PlanRequest:
    """Return the canonical request that `fields` describe; a value may be a string, a number or a list of them.

    It may name any of `models`. Raises InvalidRequest (an unknown field, a value that cannot be used) and its kinds (a
    model, weight format, KV cache dtype or engine that nobody knows, a config that no rule covers), always naming the
    field, what is allowed and the nearest valid value. Names that only an inventory knows (GPUs, providers, regions)
    are checked by the plan.
    """
    given = read_names(read_fields(fields, FIELDS), models=models)
    assumed = tuple(name for name in FIELDS if name in _ASSUMED and name not in given)
    if given.get("max_usd") is not None:
        given = {"pricing": _paid_once(given.get("pricing"))} | given
    request = PlanRequest(**given, assumed=assumed)  # pyright: ignore[reportArgumentType]  (each field was read by its own rule)
    return replace(request, context=settle_context(given, models.find(request.model, config=request.config)))


def _paid_once(pricing: object) -> tuple[str, ...]:
    """Return the pricing of a request with `max_usd`; buying where it names none."""
    if pricing is None:
        return ("buy",)
    if "buy" in (named := cast("tuple[str, ...]", pricing)):
        return named
    raise InvalidRequest(
        f"max_usd is the ceiling of what buying the GPUs costs, and pricing is {', '.join(named)}. Allowed: max_usd "
        "with pricing=buy; max_usd_per_hour and max_usd_per_month bound rentals.",
        code="invalid_max_usd",
        field="max_usd",
        allowed="with pricing=buy only",
    )


def read_names(given: Mapping[str, object], *, models: KnownModels) -> dict[str, object]:
    """Return `given` with the formats and engines in it spelt as the planner spells them, and its models known.

    A model that a config describes is given a name. Raises UnknownModel, UnknownWeightFormat, UnknownKvCacheDtype,
    UnknownEngine, and InvalidRequest where a config comes with several names.
    """
    read = {
        name: tuple(dict.fromkeys(_NAMES[name](item) for item in cast("tuple[str, ...]", value)))
        if name in _NAMES
        else value
        for name, value in given.items()
    }
    names = cast("tuple[str, ...]", read.get("model", ()))
    if "config" in read:
        return read | {"model": (name_of_config(cast("dict[str, object]", read["config"]), names),)}
    for name in names:
        models.resolve(name)
    return read


def settle_context(given: Mapping[str, object], models: Sequence[ModelSpec]) -> int:
    """Return the context that `given` asks for, in tokens; where it names none, 32,768 or what its load needs.

    What is assumed is no more than every one of `models` holds. Raises InvalidRequest (`invalid_context`) where one of
    them cannot hold what is asked for.
    """
    context, prompt, output = (
        cast("int | None", given.get(name)) for name in ("context", "prompt_tokens", "output_tokens")
    )
    if context is None:
        needed = (prompt or 0) + (output or DEFAULT_OUTPUT_TOKENS)
        return min(max(DEFAULT_CONTEXT, needed), *(model.max_position_embeddings for model in models))
    for model in models:
        most = model.max_position_embeddings
        if not 1 <= context <= most:
            allowed = f"1 to {most:,} tokens for {model.model_id}"
            raise InvalidRequest(
                f"context is {context:,}; allowed: {allowed}.",
                code="invalid_context",
                field="context",
                allowed=allowed,
                nearest=(most,),
            )
    return context


def check_as_of(as_of: dt.date, *, today: dt.date) -> None:
    """Raise InvalidRequest (`invalid_as_of`) for a day that has not come: nobody knows its prices."""
    if as_of > today:
        raise InvalidRequest(
            f"as_of is {as_of}, a day that has not come. Allowed: a day up to {today}.",
            code="invalid_as_of",
            field="as_of",
            allowed=f"a day up to {today}",
            nearest=(today.isoformat(),),
        )


_ASSUMED = ("context", "batch", "model", "pricing", "min_quality", "price_kind")
"""Fields whose default decides the answer: named in `assumed` when they were not given."""


def _read_weight_format(name: str) -> str:
    return _read_known(name, weight_formats(), UnknownWeightFormat, "weight_format")


def _read_kv_cache_dtype(name: str) -> str:
    return _read_known(name, kv_cache_dtypes(), UnknownKvCacheDtype, "kv_cache_dtype")


def _read_engine(name: str) -> str:
    return _read_known(name, ALL_ENGINES, UnknownEngine, "engine")


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
    "weight_format": _read_weight_format,
    "kv_cache_dtype": _read_kv_cache_dtype,
    "engine": _read_engine,
}
