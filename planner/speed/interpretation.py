"""From a measured case's settings to what the roofline needs: which GPU, engine, model and format it ran."""

from planner.facts import models
from planner.speed.cases import Case
from planner.speed.devices import Device, measured_device
from planner.speed.engines import Generation, measured_generation
from planner.speed.formats import MEASURED_FORMATS, running_group
from planner.speed.parallelism import parallelism
from planner.speed.settings import Point
from planner.tensors import block_elements, embedding_elements

_MODELS = {
    "llama3-8b": "llama-3-8b",
    "qwen3-8b": "qwen3-8b",
    "mistral-7b": "mistral-7b-v0.3",
    "llama2-7b": "llama-2-7b",
    "qwen2.5-7b": "qwen2.5-7b",
}
_CACHE_BYTES = {"fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "q8_0": 1.0625, "q4_0": 0.5625}
_DEFAULT_CACHE = "fp16"
_VLLM_RESERVED_BYTES = 2.5e9
_TENSORRT_RESERVED_BYTES = 3e9


def interpret(case: Case) -> Point | str:
    """Return the point of a case, or the reason why its settings cannot be predicted from."""
    device = measured_device(case.gpu)
    if isinstance(device, str):
        return device
    generation = measured_generation(case.engine_family, case.engine_version)
    if isinstance(generation, str):
        return generation
    return _point(case, device, generation)


def cache_capacity_tokens(point: Point) -> float:
    """Return how many tokens the engine's KV cache holds at that engine's defaults, over all GPUs that share it."""
    gpus = point.parallelism.split
    memory = gpus * point.device.memory_bytes
    embedding = 2.0 * embedding_elements(point.model)
    if point.generation.family == "tensorrt_llm":
        free = 0.95 * (0.97 * memory - point.weight_bytes - embedding - gpus * _TENSORRT_RESERVED_BYTES)
    else:
        free = 0.9 * 0.985 * memory - point.weight_bytes - embedding - gpus * _VLLM_RESERVED_BYTES
    return max(0.0, free) / point.cache_bytes_per_token


def _point(case: Case, device: Device, generation: Generation) -> Point | str:
    size = case.tp or 1
    if case.gpu_count != size:
        if not generation.splits_layers:
            return "several copies of the model, or GPUs of which only some are used"
        size = case.gpu_count
    model_id = _MODELS.get(case.model_arch)
    if model_id is None:
        return "model that the facts do not describe"
    weight_format = MEASURED_FORMATS.get(case.weight_format)
    if weight_format is None:
        return "weight format that is not calibrated"
    cache = case.kv_dtype or _DEFAULT_CACHE
    if cache not in _CACHE_BYTES:
        return "KV cache dtype that is not calibrated"
    if cache == "fp8" and device.fp8_flops_per_second is None:
        return "fp8 KV cache emulated on a GPU without fp8"
    model = models()[model_id]
    head = embedding_elements(model)
    return Point(
        generation=generation,
        device=device,
        model=model,
        format_group=running_group(device, weight_format.group),
        weight_bytes=block_elements(model) * weight_format.block_bytes_per_parameter
        + head * weight_format.head_bytes_per_parameter,
        cache_group="bits16" if _CACHE_BYTES[cache] == _CACHE_BYTES[_DEFAULT_CACHE] else cache,
        cache_bytes_per_token=model.kv_elements_per_token * _CACHE_BYTES[cache],
        parallelism=parallelism(generation, device, model, tensor_parallel_size=size),
        build=f"{generation.name} {case.engine_version or ''}",
    )
