"""Measured starts of SGLang and TensorRT-LLM."""

import re
from collections.abc import Mapping

from planner.accuracy.cases import EngineSettingsCase
from planner.accuracy.names import read_kv_cache_dtype, read_weight_format
from planner.accuracy.prediction import Prediction, Skip
from planner.accuracy.vllm_cases import card_of
from planner.engines.cuda_context import context_bytes
from planner.engines.sglang_budget import SglangSettings, default_mem_fraction_static
from planner.engines.tensorrt_llm import DEFAULT_FRACTION, DEFAULT_MAX_NUM_TOKENS, RUNTIME_BYTES, activation_bytes
from planner.engines.versions import parse_version
from planner.engines.vllm_budget import block_bytes, rotary_cache_bytes
from planner.errors import InvalidRequest
from planner.facts import kv_cache_dtypes, models, weight_formats, weight_size
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype
from planner.model import ModelSpec
from planner.units import GIB, divide_up, gib_to_bytes

_BLOCK_TOKENS = 32


def predict_sglang(case: EngineSettingsCase, gpus: Mapping[str, Gpu]) -> Prediction | Skip:
    """Return SGLang's pool from its static share and the free memory before loading, or why not."""
    settings = _model_and_formats(case)
    if settings is None:
        return "a setting is missing: model or formats"
    model, weights, dtype = settings
    gpu = card_of(case, gpus)
    if case.free_at_start_gib is not None:
        free = gib_to_bytes(case.free_at_start_gib)
    elif gpu is not None:
        free = gpu.memory_bytes - context_bytes(gpu)
    else:
        return "a setting is missing: the free memory before loading, or the card"
    total = gpu.memory_bytes if gpu is not None else free
    share = case.gpu_mem_util or _fraction_in(case.other_flags) or _default_share(case, total)
    if share is None:
        return "the version is not known"
    per_token = block_bytes(model, dtype, block=1, tensor_parallel_size=case.tp or 1, stages=1)
    held = divide_up(weights, case.tp or 1) + rotary_cache_bytes(model)
    pool = int(free * share) - held
    return _prediction(pool, weights=held, per_token=per_token)


def predict_tensorrt_llm(case: EngineSettingsCase, gpus: Mapping[str, Gpu]) -> Prediction | Skip:
    """Return the PyTorch backend's pool: a share of what is free after weights and a dummy run."""
    settings, gpu = _model_and_formats(case), card_of(case, gpus)
    if settings is None or gpu is None:
        return "a setting is missing: model, formats or card"
    model, weights, dtype = settings
    size = case.tp or 1
    total = gib_to_bytes(case.total_gpu_memory_gib) if case.total_gpu_memory_gib else gpu.memory_bytes
    tokens = case.max_num_batched_tokens or DEFAULT_MAX_NUM_TOKENS
    held = divide_up(weights, size)
    peak = (
        context_bytes(gpu)
        + RUNTIME_BYTES
        + held
        + activation_bytes(model, tokens=tokens, batch=1, tensor_parallel_size=size)
    )
    pool = int((total - peak) * (case.gpu_mem_util or DEFAULT_FRACTION))
    per_block = block_bytes(model, dtype, block=_BLOCK_TOKENS, tensor_parallel_size=size, stages=1)
    return _prediction(pool, weights=held, per_token=per_block / _BLOCK_TOKENS)


def _prediction(pool: int, *, weights: int, per_token: float) -> Prediction:
    """Return a pool; neither engine checks a context against it when it starts."""
    return Prediction(
        weights_bytes=weights,
        pool_bytes=pool,
        smallest_pool_bytes=pool,
        kv_tokens=max(0, int(pool / per_token)),
        bytes_per_token=per_token,
        request_bytes=None,
    )


def _model_and_formats(case: EngineSettingsCase) -> tuple[ModelSpec, int, KvCacheDtype] | None:
    model = models().get(case.model_id or "")
    weight = weight_formats().get(read_weight_format(case.weight_format, is_gguf=False) or "")
    dtype = kv_cache_dtypes().get(read_kv_cache_dtype(case.kv_dtype))
    if model is None or weight is None or dtype is None:
        return None
    return model, weight_size(model, weight).stored_bytes, dtype


def _fraction_in(flags: object) -> float | None:
    match = re.search(r"mem_fraction_static=([\d.]+)", str(flags))
    return None if match is None else float(match[1])


def _default_share(case: EngineSettingsCase, total_bytes: int) -> float | None:
    try:
        version = parse_version(case.engine_version_min or case.engine_version or "")
    except InvalidRequest:
        return None
    settings = SglangSettings(chunked_prefill_size=case.max_num_batched_tokens)
    rounded = max(total_bytes, GIB)
    return default_mem_fraction_static(version, rounded, settings, tensor_parallel_size=case.tp or 1)
