"""Measured cases as lines of JSON: the settings, which a prediction may read, apart from what was observed.

The schema is that of tests/measured/README.md.
"""

import msgspec
from msgspec import Struct

from planner.errors import InvalidRequest


class EngineSettingsCase(Struct, frozen=True, kw_only=True):
    """The settings of one start of a serving engine, as its log printed them; null where unknown."""

    id: str
    engine: str
    config_group: str = ""
    engine_version: str | None = None
    engine_version_min: str | None = None
    engine_core: str | None = None
    model_id: str | None = None
    weight_format: str | None = None
    kv_dtype: str | None = None
    gpu_id: str | None = None
    gpu_candidates: tuple[str, ...] | None = None
    gpu_count: int | None = None
    tp: int | None = None
    pp: int | None = None
    total_gpu_memory_gib: float | None = None
    free_at_start_gib: float | None = None
    gpu_mem_util: float | None = None
    max_model_len: int | None = None
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    enforce_eager: bool | None = None
    block_size: int | None = None
    other_flags: object = None
    not_predictable: str | None = None
    used_for_overhead_fit: bool = False


class EngineObserved(Struct, frozen=True, kw_only=True):
    """What that start was observed to take."""

    outcome: str | None = None
    failure_class: str | None = None
    weights_gib: float | None = None
    kv_cache_gib: float | None = None
    kv_tokens: int | None = None
    compute_buffer_mib: float | None = None


class LlamaCppContextCase(Struct, frozen=True, kw_only=True):
    """The settings of one llama.cpp context."""

    key: str
    quant: str
    n_ctx_requested: int
    n_batch: int
    n_ubatch_requested: int
    n_seq_max: int
    kv_unified: bool
    type_k: str
    type_v: str
    flash_attn: str
    n_gpu_layers: int | None = None
    n_gpus: int = 1
    n_outputs_max: int | None = None
    offload_kqv: bool = True
    op_offload: bool = True
    imatrix: bool | None = None


class LlamaCppContextObserved(Struct, frozen=True, kw_only=True):
    """What llama.cpp allocated for that context, in bytes by device and part."""

    ok: bool = True
    buffers_bytes: dict[str, dict[str, int]] = {}
    kv_bytes: int | None = None
    output_buffer_bytes: int | None = None


class LlamaCppFileCase(Struct, frozen=True, kw_only=True):
    """One weight format of one model as llama-quantize makes it."""

    key: str
    quant: str
    imatrix: bool


class LlamaCppFileObserved(Struct, frozen=True, kw_only=True):
    """The exact bytes of that file's tensors, and of its buffers with all layers on one GPU."""

    tensor_bytes: int
    gpu_model_buffer_bytes_all_layers: int | None = None


class _Kind(Struct, frozen=True, kw_only=True):
    record: str | None = None


class Case(Struct, frozen=True, kw_only=True):
    """One line: settings and what was observed, of the same kind."""

    settings: EngineSettingsCase | LlamaCppContextCase | LlamaCppFileCase
    observed: EngineObserved | LlamaCppContextObserved | LlamaCppFileObserved


def read_case(line: bytes, *, number: int) -> Case:
    """Return the case on a line.

    Raises:
        InvalidRequest: the line is no case of the schema.
    """
    try:
        record = msgspec.json.decode(line, type=_Kind, strict=False).record
        if record == "context":
            return Case(
                settings=msgspec.json.decode(line, type=LlamaCppContextCase, strict=False),
                observed=msgspec.json.decode(line, type=LlamaCppContextObserved, strict=False),
            )
        if record == "model_file":
            return Case(
                settings=msgspec.json.decode(line, type=LlamaCppFileCase, strict=False),
                observed=msgspec.json.decode(line, type=LlamaCppFileObserved, strict=False),
            )
        return Case(
            settings=msgspec.json.decode(line, type=EngineSettingsCase, strict=False),
            observed=msgspec.json.decode(line, type=EngineObserved, strict=False),
        )
    except msgspec.MsgspecError as error:
        raise InvalidRequest(
            f"line {number} is no measured case: {error}",
            code="invalid_case",
            field=f"line {number}",
            allowed="one JSON object a line, in the schema of the measured cases",
        ) from error
