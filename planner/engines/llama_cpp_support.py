"""What llama.cpp runs on which GPU (common/arg.cpp, ggml/src/ggml-cuda/fattn.cu at 0c1e57098)."""

from planner.engines import Support
from planner.engines.gpu_support import capability_of, check_weight_format, dotted, join, refuse
from planner.facts import EngineFacts, engine_facts
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype
from planner.weight_format import WeightFormat

_COMPILED_FLASH_ATTENTION = {"fp16", "bf16", "q8_0", "q4_0"}
_NO_FLASH_ATTENTION = {"iq4_nl"}
_SIXTEEN_BIT = {"fp16", "bf16"}


def check(
    engine: str, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu, *, flash_attn: bool
) -> Support:
    """Say whether `engine` (llama.cpp or Ollama) runs this weight format with this cache on that GPU."""
    facts = engine_facts()[engine]
    if not weight_format.is_gguf:
        return refuse(f"{engine} loads GGUF weights only, not {weight_format.weight_format}")
    if kv_cache_dtype.kv_cache_dtype not in _SIXTEEN_BIT and not flash_attn:
        return refuse(f"{engine} quantizes the KV cache only with flash attention")
    return join(_check_gpu(facts, weight_format, gpu), _check_kv(facts, kv_cache_dtype, gpu))


def _check_kv(facts: EngineFacts, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
    cache = kv_cache_dtype.kv_cache_dtype
    if facts.engine not in kv_cache_dtype.engines:
        return refuse(f"{facts.engine} has no {cache} KV cache")
    if cache in _NO_FLASH_ATTENTION:
        return refuse(f"{facts.engine} has no GPU flash attention for a {cache} KV cache")
    if cache == "bf16" and gpu.vendor == "nvidia" and capability_of(gpu) < facts.bf16_min_compute_capability:
        return refuse(f"a bf16 KV cache needs compute capability 8.0, {gpu.name} has {dotted(capability_of(gpu))}")
    if cache not in _COMPILED_FLASH_ATTENTION:
        note = f"a {cache} KV cache is read through an fp16 copy unless built with GGML_CUDA_FA_QUANTS=all"
        return Support(runs=True, native=False, note=note)
    return Support(runs=True)


def _check_gpu(facts: EngineFacts, weight_format: WeightFormat, gpu: Gpu) -> Support:
    if gpu.vendor == "nvidia":
        return check_weight_format(facts, weight_format, gpu)
    note = f"no measured memory case of {facts.engine} on {gpu.vendor}: modelled"
    if gpu.gfx_target is not None and gpu.gfx_target.startswith(facts.amd):
        return Support(runs=True, measured=False, note=note)
    if gpu.gpu_id in facts.intel:
        return Support(runs=True, measured=False, note=note)
    return refuse(f"{facts.engine} does not run on {gpu.name}")
