"""What vLLM 0.33 runs on which GPU (wheel: layers/quantization, kernels/linear, v1/attention/backends)."""

from planner.engines import Support
from planner.engines.gpu_support import capability_of, check_weight_format, dotted, join, refuse
from planner.facts import engine_facts
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype
from planner.weight_format import WeightFormat

FP8_KV_NATIVE = (8, 9)
KV_OTHER_THAN_FP16 = (8, 0)
SIXTEEN_BIT = {"fp16": "half", "bf16": "bfloat16"}
_NVFP4_KV_NATIVE_MAJOR = 10
_AMD_FORMATS = {"bf16", "fp16", "int8", "w4a16", "w4a16_g64", "awq", "gptq"}
_AMD_FP8_TARGETS = {"gfx942", "gfx950", "gfx1200", "gfx1201"}
_AMD_FP8_KV_TARGETS = {"gfx942", "gfx950"}
_INTEL_FORMATS = {"bf16", "fp16"}
_INT8_CUTLASS_BELOW = (10, 0)


def check(weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
    """Say whether vLLM runs this weight format with this cache on that GPU."""
    if "vllm" not in kv_cache_dtype.engines:
        return refuse(f"vllm has no {kv_cache_dtype.kv_cache_dtype} KV cache")
    if weight_format.family in {"gguf", "bitsandbytes"}:
        plugin = "vllm-gguf-plugin" if weight_format.is_gguf else "vllm-bnb-plugin"
        return refuse(f"vllm loads {weight_format.weight_format} weights only by the separate {plugin}")
    if gpu.vendor == "nvidia":
        weights = _with_int8_note(check_weight_format(engine_facts()["vllm"], weight_format, gpu), weight_format, gpu)
        joined = join(weights, _check_kv_on_nvidia(kv_cache_dtype, gpu))
    else:
        joined = join(_check_other_vendor(weight_format, gpu), _check_kv_on_other_vendor(kv_cache_dtype, gpu))
    return join(joined, _check_same_sixteen_bit(weight_format, kv_cache_dtype))


def needs_flashinfer(kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> bool:
    """Return whether the attention backend must be named: below 8.9 only FlashInfer reads an fp8 cache."""
    capability = gpu.compute_capability
    if capability is None:
        return False
    if kv_cache_dtype.kv_cache_dtype == "nvfp4":
        return True
    return kv_cache_dtype.kv_cache_dtype == "fp8" and capability < FP8_KV_NATIVE


def _with_int8_note(support: Support, weight_format: WeightFormat, gpu: Gpu) -> Support:
    if weight_format.weight_format != "int8" or not support.runs or gpu.compute_capability is None:
        return support
    if gpu.compute_capability < _INT8_CUTLASS_BELOW:
        return support
    note = f"int8 on {gpu.name}: no CUTLASS int8 kernel on Blackwell, vLLM falls back to Triton"
    return Support(runs=True, native=False, note=note)


def _check_kv_on_nvidia(kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
    name = kv_cache_dtype.kv_cache_dtype
    capability = capability_of(gpu)
    if name != "fp16" and capability < KV_OTHER_THAN_FP16:
        lowest = dotted(KV_OTHER_THAN_FP16)
        return refuse(f"a {name} KV cache needs compute capability {lowest}, {gpu.name} has {dotted(capability)}")
    if name == "nvfp4" and capability[0] != _NVFP4_KV_NATIVE_MAJOR:
        return refuse(f"a nvfp4 KV cache needs compute capability 10, {gpu.name} has {dotted(capability)}")
    note = ""
    if name == "fp8" and capability < FP8_KV_NATIVE:
        note = f"fp8 KV cache on {gpu.name} only by the FlashInfer backend"
    return Support(runs=True, native=not note, note=note)


def _check_other_vendor(weight_format: WeightFormat, gpu: Gpu) -> Support:
    facts = engine_facts()["vllm"]
    name = weight_format.weight_format
    if gpu.vendor == "amd":
        runs = name in _AMD_FORMATS or (name in {"fp8", "fp8_static"} and gpu.gfx_target in _AMD_FP8_TARGETS)
        on_gpu = gpu.gfx_target in facts.amd
    elif gpu.gpu_id.startswith("gaudi"):
        runs, on_gpu = name == "bf16", facts.gaudi
    else:
        runs, on_gpu = name in _INTEL_FORMATS, gpu.gpu_id in facts.intel
    if not on_gpu:
        return refuse(f"vllm does not run on {gpu.name}")
    if not runs:
        return refuse(f"vllm has no kernel on record for {name} on {gpu.name}")
    return Support(runs=True, measured=False, note=f"no measured memory case of vllm on {gpu.vendor}: modelled")


def _check_kv_on_other_vendor(kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
    name = kv_cache_dtype.kv_cache_dtype
    if name in SIXTEEN_BIT or (name == "fp8" and gpu.gfx_target in _AMD_FP8_KV_TARGETS):
        return Support(runs=True)
    return refuse(f"vllm has no kernel on record for a {name} KV cache on {gpu.name}")


def _check_same_sixteen_bit(weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype) -> Support:
    weight, cache = weight_format.weight_format, kv_cache_dtype.kv_cache_dtype
    if weight in SIXTEEN_BIT and cache in SIXTEEN_BIT and weight != cache:
        note = f"vLLM keeps a 16-bit cache in the model's own type: {weight} here, the same bytes as {cache}"
        return Support(runs=True, native=False, note=note)
    return Support(runs=True)
