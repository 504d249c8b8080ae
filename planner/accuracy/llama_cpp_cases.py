"""Measured buffers of llama.cpp: every one predicted from the settings of its context."""

from msgspec import Struct

from planner.accuracy.cases import (
    EngineSettingsCase,
    LlamaCppContextCase,
    LlamaCppContextObserved,
    LlamaCppFileCase,
    LlamaCppFileObserved,
)
from planner.accuracy.names import FLOAT32, read_kv_cache_dtype, read_weight_format
from planner.accuracy.prediction import Prediction, Skip
from planner.engines.llama_cpp_buffers import CacheTypes, LlamaCppSettings, cache_bytes, output_bytes, shape_of
from planner.engines.llama_cpp_offload import buffers, is_all_on_gpus
from planner.facts import gguf_mixes, kv_cache_dtypes, models
from planner.gguf_sizes import gguf_size
from planner.kv_cache import KvCacheDtype

_MODELS = {"llama8b": "deepseek-r1-distill-llama-8b", "qwen8b": "deepseek-r1-0528-qwen3-8b"}
_FLOATS = {"f16": "gguf_f16", "bf16": "gguf_bf16"}


class Part(Struct, frozen=True, kw_only=True):
    """One buffer as predicted and as observed, in bytes; `is_bound` where only an upper bound is promised."""

    part: str
    predicted_bytes: int
    observed_bytes: int
    is_bound: bool = False


def compare_file(case: LlamaCppFileCase, observed: LlamaCppFileObserved) -> list[Part] | Skip:
    """Compare a file's tensors, and the buffer of a GPU that holds all its layers."""
    model, mix = models().get(_MODELS.get(case.key, case.key)), gguf_mixes().get(_format_id(case.quant))
    if model is None or mix is None:
        return "the model or its mix is not known"
    size = gguf_size(model, mix, imatrix=case.imatrix)
    parts = [Part(part="model", predicted_bytes=size.stored_bytes, observed_bytes=observed.tensor_bytes)]
    if observed.gpu_model_buffer_bytes_all_layers is not None:
        on_gpu = size.stored_bytes - size.host_only_bytes
        parts.append(
            Part(part="model", predicted_bytes=on_gpu, observed_bytes=observed.gpu_model_buffer_bytes_all_layers)
        )
    return parts


def compare_context(case: LlamaCppContextCase, observed: LlamaCppContextObserved) -> list[Part] | Skip:
    """Compare a context's buffers: each GPU's model and compute buffer, the cache, the output.

    Compute buffers are compared one by one where GPUs hold everything; with a part of the layers on a GPU the sum of
    all that is on GPUs is compared with its bound. A context on the CPU alone has its cache and output compared.
    """
    model, mix = models().get(_MODELS.get(case.key, case.key)), gguf_mixes().get(_format_id(case.quant))
    if model is None or mix is None:
        return "the model or its mix is not known"
    if not observed.ok:
        return "llama.cpp refused the context"
    settings = LlamaCppSettings(
        n_ctx=case.n_ctx_requested,
        n_seq_max=case.n_seq_max,
        n_batch=case.n_batch,
        n_ubatch=case.n_ubatch_requested,
        n_outputs_max=case.n_outputs_max or 0,
        kv_unified=case.kv_unified,
        flash_attn=case.flash_attn != "off",
        n_gpu_layers=None if (case.n_gpu_layers or 0) < 0 else case.n_gpu_layers,
        n_gpus=max(1, case.n_gpus),
        offload_kqv=case.offload_kqv,
        op_offload=case.op_offload,
    )
    types = CacheTypes(keys=_cache_type(case.type_k), values=_cache_type(case.type_v))
    layers = model.num_hidden_layers
    parts: list[Part] = []
    if observed.kv_bytes is not None:
        whole = cache_bytes(model, types, tokens=shape_of(settings).n_ctx, layers=layers)
        parts.append(Part(part="kv", predicted_bytes=whole, observed_bytes=observed.kv_bytes))
    if observed.output_buffer_bytes is not None:
        rows = output_bytes(model, settings)
        parts.append(Part(part="output", predicted_bytes=rows, observed_bytes=observed.output_buffer_bytes))
    if case.n_gpus == 0:
        return parts
    found = buffers(model, gguf_size(model, mix, imatrix=bool(case.imatrix)), types, settings)
    devices = [observed.buffers_bytes.get(f"CUDA{gpu}", {}) for gpu in range(case.n_gpus)]
    for gpu, device in enumerate(devices):
        parts.append(Part(part="model", predicted_bytes=found.model_bytes[gpu], observed_bytes=device.get("model", 0)))
        if is_all_on_gpus(layers, settings):
            parts.append(
                Part(part="compute", predicted_bytes=found.compute_bytes[gpu], observed_bytes=device.get("compute", 0))
            )
    if not is_all_on_gpus(layers, settings):
        predicted = sum(found.model_bytes) + sum(found.kv_cache_bytes) + sum(found.compute_bytes)
        held = sum(sum(device.values()) for device in devices)
        parts.append(Part(part="partial_sum", predicted_bytes=predicted, observed_bytes=held, is_bound=True))
    return parts


def predict_log(case: EngineSettingsCase) -> Prediction | Skip:
    """Return the cache and the weights of a llama.cpp or Ollama log; older builds' compute buffers have other rules."""
    model = models().get(case.model_id or "")
    name = read_kv_cache_dtype(case.kv_dtype)
    if model is None or case.max_model_len is None or name not in kv_cache_dtypes():
        return "a setting is missing: model, context or KV cache dtype"
    dtype = kv_cache_dtypes()[name]
    shape = shape_of(LlamaCppSettings(n_ctx=case.max_model_len, kv_unified=True))
    cache = cache_bytes(model, CacheTypes(keys=dtype, values=dtype), tokens=shape.n_ctx, layers=model.num_hidden_layers)
    mix = gguf_mixes().get(read_weight_format(case.weight_format, is_gguf=True) or "")
    size = None if mix is None else gguf_size(model, mix, imatrix=False)
    return Prediction(
        weights_bytes=None if size is None else size.stored_bytes - size.host_only_bytes,
        pool_bytes=cache,
        smallest_pool_bytes=cache,
        kv_tokens=shape.n_ctx,
        bytes_per_token=cache / shape.n_ctx,
        request_bytes=None,
    )


def _format_id(quant: str) -> str:
    name = quant.casefold()
    return _FLOATS.get(name, name)


def _cache_type(name: str) -> KvCacheDtype:
    return FLOAT32 if name == "f32" else kv_cache_dtypes()[read_kv_cache_dtype(name)]
