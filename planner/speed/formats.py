"""What a weight format costs a step: the bytes it streams and the unit that multiplies it."""

from msgspec import Struct

from planner.facts import weight_size
from planner.kv_cache import KvCacheDtype
from planner.model import ModelSpec
from planner.speed.devices import Device
from planner.speed.engines import Generation
from planner.weight_format import WeightFormat

_EMBEDDING_BYTES = 2
# Ampere's matrix instructions, which llama.cpp is written in, feed the units of later data-centre GPUs in part.
_OLDER_INSTRUCTIONS = {"hbm_hopper": 0.62, "hbm_blackwell": 0.3}


class MeasuredFormat(Struct, frozen=True, kw_only=True):
    """A weight format as cases name it: stored bytes per parameter of the blocks, and of the output matrix."""

    group: str
    block_bytes_per_parameter: float
    head_bytes_per_parameter: float


# Scales included. Quantized checkpoints keep the output matrix in 16 bits; GGUF K-quants store it as Q6_K.
MEASURED_FORMATS = {
    "fp16": MeasuredFormat(group="bits16", block_bytes_per_parameter=2, head_bytes_per_parameter=2),
    "bf16": MeasuredFormat(group="bits16", block_bytes_per_parameter=2, head_bytes_per_parameter=2),
    "F16": MeasuredFormat(group="bits16", block_bytes_per_parameter=2, head_bytes_per_parameter=2),
    "fp8": MeasuredFormat(group="bits8", block_bytes_per_parameter=1, head_bytes_per_parameter=2),
    "w8a8": MeasuredFormat(group="int8", block_bytes_per_parameter=1, head_bytes_per_parameter=2),
    "w8a16": MeasuredFormat(group="weights8", block_bytes_per_parameter=1, head_bytes_per_parameter=2),
    "w4a16": MeasuredFormat(group="weights4", block_bytes_per_parameter=0.53, head_bytes_per_parameter=2),
    "nvfp4": MeasuredFormat(group="bits4", block_bytes_per_parameter=0.5625, head_bytes_per_parameter=2),
    "Q4_K_M": MeasuredFormat(group="gguf_k", block_bytes_per_parameter=0.6035, head_bytes_per_parameter=0.82),
    "Q5_K_M": MeasuredFormat(group="gguf_k", block_bytes_per_parameter=0.711, head_bytes_per_parameter=0.82),
    "Q6_K": MeasuredFormat(group="gguf_k", block_bytes_per_parameter=0.82, head_bytes_per_parameter=0.82),
    "Q4_0": MeasuredFormat(group="gguf_0", block_bytes_per_parameter=0.5625, head_bytes_per_parameter=0.82),
    "Q8_0": MeasuredFormat(group="gguf_0", block_bytes_per_parameter=1.0625, head_bytes_per_parameter=1.0625),
}

_GROUPS = {
    "bf16": "bits16",
    "fp16": "bits16",
    "fp8": "bits8",
    "mxfp8": "bits8",
    "int8": "int8",
    "w4a16": "weights4",
    "nvfp4": "bits4",
    "mxfp4": "bits4",
}
_GGUF_16_BIT = {"gguf_f16", "gguf_bf16"}
_GGUF_ROUND = ("q8_0", "q5_0", "q5_1", "q4_0", "q4_1", "iq4_nl", "mxfp4_moe")


def format_group(weight_format: WeightFormat) -> str | None:
    """Return the group of formats that run on the same kernels, None where no case of such kernels is calibrated."""
    if not weight_format.is_gguf:
        return _GROUPS.get(weight_format.family)
    if weight_format.weight_format in _GGUF_16_BIT:
        return "bits16"
    return "gguf_0" if weight_format.weight_format in _GGUF_ROUND else "gguf_k"


def cache_group(kv_cache_dtype: KvCacheDtype) -> str:
    """Return the group of KV cache dtypes that are read by the same kernels."""
    if kv_cache_dtype.kv_cache_dtype in {"fp16", "bf16"}:
        return "bits16"
    return kv_cache_dtype.kv_cache_dtype


def streamed_bytes(model: ModelSpec, weight_format: WeightFormat) -> float:
    """Return the weight bytes that one decode step reads: all that is stored but the input embedding table."""
    size = weight_size(model, weight_format)
    table = size.host_bytes or _EMBEDDING_BYTES * model.vocab_size * model.hidden_size
    return float(size.stored_bytes - (0 if model.tie_word_embeddings else table))


def running_group(device: Device, group: str) -> str:
    """Return the group whose kernels run: a format without a unit of its own is widened to 16 bits as it is read."""
    if group in {"bits8", "int8"}:
        unit = device.fp8_flops_per_second if group == "bits8" else device.int8_flops_per_second
        return group if unit else "weights8"
    if group == "bits4" and not device.fp4_flops_per_second:
        return "weights4"
    return group


def peak_flops_per_second(device: Device, generation: Generation, group: str) -> float:
    """Return the peak of the unit that multiplies weights of a running group.

    llama.cpp multiplies quantized weights in int8 and accumulates 16-bit products in 16 bits, which GeForce cards do at
    twice their FP32-accumulate rate.
    """
    sixteen = device.fp16_flops_per_second
    if generation.family == "llama_cpp":
        reached = _OLDER_INSTRUCTIONS.get(device.speed_class, 1.0)
        if group == "bits16":
            return 2 * sixteen if device.speed_class == "gddr_consumer" else reached * sixteen
        return reached * max(device.int8_flops_per_second or 0.0, sixteen)
    by_group = {
        "bits8": device.fp8_flops_per_second,
        "int8": device.int8_flops_per_second,
        "bits4": device.fp4_flops_per_second,
    }
    return by_group.get(group) or sixteen
