"""Measured starts of vLLM: the pool predicted from the settings that the log printed."""

import math
from collections.abc import Mapping

from planner.accuracy.cases import EngineSettingsCase
from planner.accuracy.names import FLOAT32, read_kv_cache_dtype, read_weight_format
from planner.accuracy.prediction import Prediction, Skip
from planner.engines.versions import parse_version
from planner.engines.vllm_budget import BLOCK_TOKENS, Start, VllmSettings, profile
from planner.engines.vllm_rules import NEWEST, OLDEST, Runner, choose_runner
from planner.errors import InvalidRequest
from planner.facts import kv_cache_dtypes, models, weight_formats, weight_size
from planner.gpu import Gpu
from planner.model import ModelSpec
from planner.tensors import count_parameters
from planner.units import divide_up, gib_to_bytes

_SIXTEEN_BIT = {"bf16", "fp16", "fp32"}
_V0_CHUNKED_ABOVE = 32768
_COLD_OR_WARM = 0.5
"""No log says whether its compile cache was cold, so half of what a cold one costs is taken."""


def predict(case: EngineSettingsCase, gpus: Mapping[str, Gpu]) -> Prediction | Skip:
    """Return what vLLM's own accounting gives for `case`, or why no prediction is made."""
    model = models().get(case.model_id or "")
    weight = read_weight_format(case.weight_format, is_gguf=False)
    gpu = card_of(case, gpus)
    if model is None or weight is None or gpu is None or case.max_model_len is None or case.gpu_mem_util is None:
        return "a setting is missing: model, weight format, card, context or utilization"
    name = read_kv_cache_dtype(case.kv_dtype)
    dtype = FLOAT32 if name == "f32" else kv_cache_dtypes().get(name)
    if dtype is None:
        return "the KV cache dtype is not known"
    try:
        version = parse_version(case.engine_version_min or case.engine_version or "")
    except InvalidRequest:
        return "the version is not known"
    if version < OLDEST or version[:2] > parse_version(NEWEST)[:2]:
        return "the version has no rules"
    start = Start(
        version=version,
        runner=_runner(
            case,
            choose_runner(
                version, model=model, max_model_len=case.max_model_len, is_quantized=weight not in _SIXTEEN_BIT
            ),
        ),
        model=model,
        model_bytes=_model_bytes(model, weight),
        kv_cache_dtype=dtype,
        gpu=gpu,
        total_bytes=gib_to_bytes(case.total_gpu_memory_gib) if case.total_gpu_memory_gib else gpu.memory_bytes,
        max_model_len=case.max_model_len,
        value_bytes=4 if weight == "fp32" else 2,
        first_start_share=_COLD_OR_WARM,
        settings=VllmSettings(
            tensor_parallel_size=case.tp or 1,
            pipeline_parallel_size=case.pp or 1,
            gpu_memory_utilization=case.gpu_mem_util,
            max_num_seqs=case.max_num_seqs,
            max_num_batched_tokens=case.max_num_batched_tokens,
            enforce_eager=bool(case.enforce_eager),
            block_size=case.block_size,
        ),
    )
    found = profile(start)
    block = case.block_size or BLOCK_TOKENS
    page = found.bytes_per_token * block
    return Prediction(
        weights_bytes=found.weights_bytes,
        pool_bytes=found.kv_cache_bytes,
        smallest_pool_bytes=min(found.kv_cache_bytes, math.ceil((found.kv_tokens + block) * found.bytes_per_token)),
        kv_tokens=found.kv_tokens,
        bytes_per_token=found.bytes_per_token,
        request_bytes=math.ceil(divide_up(case.max_model_len, block) * page),
    )


def card_of(case: EngineSettingsCase, gpus: Mapping[str, Gpu]) -> Gpu | None:
    """Return the case's GPU; where the log does not tell the variant, the first that it may be."""
    names = [case.gpu_id] if case.gpu_id else list(case.gpu_candidates or ())
    return next((gpus[name] for name in names if name in gpus), None)


def _runner(case: EngineSettingsCase, default: Runner) -> Runner:
    """Return what profiled memory: the log tells V0 from V1, and V1's first runner from its second."""
    core = (case.engine_core or "").casefold()
    if core.startswith("v0"):
        return "v0_chunked" if (case.max_model_len or 0) > _V0_CHUNKED_ABOVE else "v0"
    if "runner v1" in core:
        return "v1"
    if "runner v2" in core:
        return "v2"
    return "v1" if core.startswith("v1") and default.startswith("v0") else default


def _model_bytes(model: ModelSpec, weight: str) -> int:
    if weight == "fp32":
        return 4 * count_parameters(model)
    return weight_size(model, weight_formats()[weight]).stored_bytes
