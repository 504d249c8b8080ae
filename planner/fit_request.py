"""What is asked of a fit: a machine and what should run on it."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from planner.engine_fields import ENGINE_FIELDS
from planner.errors import InvalidRequest
from planner.field_reading import read_fields
from planner.known_models import DATA_FILE_MODELS, KnownModels
from planner.request import DEFAULT_CONTEXT, DEFAULT_MODEL
from planner.request_fields import FIELDS, MOST_BYTES, Field
from planner.request_reading import read_names, settle_context


class FitRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fit request as understood; `assumed` names the fields that were not given and decide the answer.

    The machine is named by exactly one of `gpu` (ids, aliases or families), `instance_type` (as an offer names it),
    `memory_bytes` (what a program sees) or `vram_gb` (the number on the box); a comparison takes GPUs and instance
    types together. Weight format and engine left open are
    chosen as a plan would; a KV cache left open is what every engine does by default, 16 bits an element.
    `engine_settings` are the engine's own options.
    """

    context: int = DEFAULT_CONTEXT
    batch: int = 1
    model: tuple[str, ...] = (DEFAULT_MODEL,)
    config: dict[str, object] | None = None
    weight_format: tuple[str, ...] = ()
    weight_bits: tuple[int, ...] = ()
    kv_cache_dtype: tuple[str, ...] = ("fp16",)
    engine: tuple[str, ...] = ()
    engine_version: str | None = None
    gpu: tuple[str, ...] = ()
    instance_type: tuple[str, ...] = ()
    memory_bytes: int | None = None
    vram_gb: float | None = None
    gpu_count: int = 1
    tensor_parallel_size: tuple[int, ...] = ()
    min_quality: str = "near_lossless"
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    engine_settings: dict[str, int | float | bool] = {}
    assumed: tuple[str, ...] = ()


_SHARED = ("context", "batch", "model", "config", "weight_format", "weight_bits", "kv_cache_dtype", "engine")
_ENGINE_OPTIONS = {name: field for options in ENGINE_FIELDS.values() for name, field in options.items()}

MACHINE_FIELDS: dict[str, Field] = {
    "gpu": Field(kind="text", repeats=True, example="rtx-4090", description="GPU id, alias or family."),
    "instance_type": Field(
        kind="text", repeats=True, example="g6.xlarge", description="A provider's machine, with all its GPUs."
    ),
    "memory_bytes": Field(
        kind="integer",
        least=1,
        most=MOST_BYTES,
        example=25_254_407_700,
        description="A GPU's memory as a program sees it.",
    ),
    "vram_gb": Field(kind="number", least=1, most=16_384, example=24, description="A GPU's memory as the box says."),
    "gpu_count": Field(kind="integer", least=1, most=64, example=1, description="GPUs of the machine."),
}
"""How a request names a machine."""

LOAD_FIELDS = {name: FIELDS[name] for name in ("prompt_tokens", "output_tokens")}
"""What speed is figured for."""

FIT_FIELDS: dict[str, Field] = {
    **{name: FIELDS[name] for name in _SHARED},
    "engine_version": Field(kind="text", example="0.33.0", description="The engine's version, the newest by default."),
    **MACHINE_FIELDS,
    "tensor_parallel_size": FIELDS["tensor_parallel_size"],
    "min_quality": FIELDS["min_quality"],
    **LOAD_FIELDS,
    **_ENGINE_OPTIONS,
}
"""Every field of a fit request by its name on the wire."""

MEMORY_FIELDS: dict[str, Field] = {
    name: field
    for name, field in FIT_FIELDS.items()
    if name not in {*MACHINE_FIELDS, *LOAD_FIELDS, "tensor_parallel_size"}
}
"""Every field of a memory request: a fit without a machine and its speed."""

NAMES_OF_A_MACHINE = ("gpu", "instance_type", "memory_bytes", "vram_gb")
"""The fields of which exactly one names the machine of a fit."""

_COMPARABLE = frozenset({"gpu", "instance_type"})
_ASSUMED = ("context", "batch", "model", "kv_cache_dtype", "min_quality")


def read_fit_request(fields: Mapping[str, object], *, models: KnownModels = DATA_FILE_MODELS) -> FitRequest:
    """Return the canonical fit request that `fields` describe, which may name any of `models`.

    Raises InvalidRequest: as for a plan, and `invalid_machine` where none or several ways name the machine,
    `invalid_engine_settings` where options of several engines are mixed, or of another than the one asked for.
    """
    given = read_names(read_fields(fields, FIT_FIELDS), models=models)
    machines = _named_machines(given)
    if len(machines) != 1:
        raise _wrong_machines(machines, "A machine is named by exactly one of")
    return _make_request(given, models)


def read_compare_request(fields: Mapping[str, object], *, models: KnownModels = DATA_FILE_MODELS) -> FitRequest:
    """Return the canonical request that `fields` describe, whose machines are GPUs, instance types, or both.

    Raises InvalidRequest: as for a fit.
    """
    given = read_names(read_fields(fields, FIT_FIELDS), models=models)
    machines = _named_machines(given)
    if not machines or (len(machines) > 1 and not _COMPARABLE.issuperset(machines)):
        raise _wrong_machines(machines, "Machines to compare are named by gpu and instance_type, or by one of")
    return _make_request(given, models)


def _named_machines(given: Mapping[str, object]) -> list[str]:
    return [name for name in NAMES_OF_A_MACHINE if name in given]


def _wrong_machines(machines: list[str], words: str) -> InvalidRequest:
    return InvalidRequest(
        f"{words} {', '.join(NAMES_OF_A_MACHINE)}; given: {', '.join(machines) or 'none'}.",
        code="invalid_machine",
        field=machines[1] if machines else "gpu",
        allowed=", ".join(NAMES_OF_A_MACHINE),
        nearest=machines[:1] or ("gpu",),
    )


def read_memory_request(fields: Mapping[str, object], *, models: KnownModels = DATA_FILE_MODELS) -> FitRequest:
    """Return the canonical request that `fields` describe, without a machine; a cache left open is every dtype.

    Raises InvalidRequest: as for a fit.
    """
    given = read_names(read_fields(fields, MEMORY_FIELDS), models=models)
    return _make_request(given, models, kv_cache_dtype=())


def _make_request(given: dict[str, object], models: KnownModels, **defaults: object) -> FitRequest:
    settings = {name: given.pop(name) for name in list(given) if name in _ENGINE_OPTIONS}
    if settings:
        given["engine"] = (_engine_of(settings, given.get("engine")),)
        given["engine_settings"] = settings
    assumed = tuple(name for name in _ASSUMED if name not in given)
    request = msgspec.convert({**defaults, **given, "assumed": assumed}, FitRequest)
    return replace(request, context=settle_context(given, models.find(request.model, config=request.config)))


def _engine_of(settings: Mapping[str, object], asked: object) -> str:
    """Return the one engine that all `settings` belong to."""
    owners = [engine for engine, options in ENGINE_FIELDS.items() if settings.keys() <= options.keys()]
    wanted = [engine for engine in owners if not isinstance(asked, tuple) or engine in asked]
    if len(wanted) == 1:
        return wanted[0]
    engines = asked if isinstance(asked, tuple) else tuple(ENGINE_FIELDS)  # pyright: ignore[reportUnknownVariableType]
    allowed = "; ".join(f"{engine}: {', '.join(ENGINE_FIELDS[str(engine)])}" for engine in engines)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    name = next(iter(settings))
    raise InvalidRequest(
        f"The options {', '.join(settings)} are not all options of one engine that is asked for.",
        code="invalid_engine_settings",
        field=name,
        allowed=allowed,
    )
