"""What is measured or predicted: engines, GPUs, formats and models as arrays that broadcast against each other."""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from planner.model import ModelSpec
from planner.speed.devices import Device
from planner.speed.engines import Generation
from planner.speed.formats import peak_flops_per_second
from planner.speed.parallelism import ALONE, Parallelism
from planner.tensors import block_elements, embedding_elements

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.object_]

_TYPICAL_BANDWIDTH = 1e12
_TYPICAL_RICHNESS = 200.0


class Point(Struct, frozen=True, kw_only=True):
    """One engine on one GPU with one model in one format: `weight_bytes` are what a decode step reads in all.

    `format_group` and `cache_group` name formats that run on the same kernels.
    """

    generation: Generation
    device: Device
    model: ModelSpec
    format_group: str
    weight_bytes: float
    cache_group: str
    cache_bytes_per_token: float
    build: str = ""
    parallelism: Parallelism = ALONE


class Settings(Struct, frozen=True, kw_only=True):
    """Points as arrays of one shape, or of shapes that broadcast.

    `labels` name what a coefficient may depend on, `slopes` are quantities that it may grow or shrink with
    (logarithms). `attention_flops` are those of one new token over one token of context in all layers, `chunk_tokens`
    the most prompt tokens of one forward pass, `score_heads` the attention scores that each pair of tokens sends
    through memory, and up to `vector_kernel_sequences` a step multiplies sequence by sequence. Weights, cache and
    arithmetic are split over `split` GPUs, which then exchange `exchanges` times a step.
    """

    labels: dict[str, Labels]
    slopes: dict[str, Floats]
    bandwidth_bytes_per_second: Floats
    peak_flops_per_second: Floats
    attention_peak_flops_per_second: Floats
    weight_bytes: Floats
    block_parameters: Floats
    head_parameters: Floats
    attention_flops: Floats
    cache_bytes_per_token: Floats
    chunk_tokens: Floats
    score_heads: Floats
    vector_kernel_sequences: Floats
    split: Floats
    exchanges: Floats
    exchange_seconds: Floats
    exchange_seconds_per_token: Floats


def stack(points: Sequence[Point]) -> Settings:
    """Return the points as arrays of one dimension."""

    def numbers(values: Sequence[float]) -> Floats:
        return np.array(values, dtype=np.float64)

    def words(values: Sequence[str]) -> Labels:
        return np.array(values, dtype=np.object_)

    return Settings(
        labels={
            "engine": words([point.generation.name for point in points]),
            "build": words([point.build for point in points]),
            "host": words([point.generation.host for point in points]),
            "family": words([point.generation.family for point in points]),
            "gpu": words([point.device.gpu_id for point in points]),
            "speed_class": words([point.device.speed_class for point in points]),
            "architecture": words([point.device.architecture for point in points]),
            "format": words([point.format_group for point in points]),
            "gpu_count": words([str(point.parallelism.gpu_count) for point in points]),
            "cache": words([point.cache_group for point in points]),
        },
        slopes=slopes([point.device for point in points]),
        bandwidth_bytes_per_second=numbers([point.device.bandwidth_bytes_per_second for point in points]),
        peak_flops_per_second=numbers(
            [peak_flops_per_second(point.device, point.generation, point.format_group) for point in points]
        ),
        attention_peak_flops_per_second=numbers([point.device.fp16_flops_per_second for point in points]),
        weight_bytes=numbers([point.weight_bytes for point in points]),
        block_parameters=numbers([block_elements(point.model) for point in points]),
        head_parameters=numbers([embedding_elements(point.model) for point in points]),
        attention_flops=numbers([attention_flops(point.model) for point in points]),
        cache_bytes_per_token=numbers([point.cache_bytes_per_token for point in points]),
        chunk_tokens=numbers([point.generation.prefill_chunk_tokens for point in points]),
        score_heads=numbers([score_heads(point.generation, point.model) for point in points]),
        vector_kernel_sequences=numbers([point.generation.vector_kernel_sequences for point in points]),
        split=numbers([point.parallelism.split for point in points]),
        exchanges=numbers([point.parallelism.exchanges for point in points]),
        exchange_seconds=numbers([point.parallelism.exchange_seconds for point in points]),
        exchange_seconds_per_token=numbers([point.parallelism.exchange_seconds_per_token for point in points]),
    )


def slopes(devices: Sequence[Device]) -> dict[str, Floats]:
    """Return the quantities that coefficients may grow or shrink with, as logarithms, one entry a GPU.

    `power` is watts per teraflop: a unit that its power cannot feed runs below its peak. `richness` is arithmetic per
    byte of bandwidth: many cores leave each of them little of a small step to do.
    """
    return {
        "power": np.array([_power(device) for device in devices], dtype=np.float64),
        "bandwidth": np.log([device.bandwidth_bytes_per_second / _TYPICAL_BANDWIDTH for device in devices]),
        "richness": np.log(
            [device.fp16_flops_per_second / device.bandwidth_bytes_per_second / _TYPICAL_RICHNESS for device in devices]
        ),
    }


def score_heads(generation: Generation, model: ModelSpec) -> float:
    """Return how many attention scores each pair of tokens sends through memory: none with flash attention."""
    if generation.flash_attention:
        return 0.0
    return float(model.num_hidden_layers * model.num_attention_heads)


def _power(device: Device) -> float:
    if device.power_watts is None:
        return 0.0
    return math.log(device.power_watts * 1e12 / device.fp16_flops_per_second)


def attention_flops(model: ModelSpec) -> float:
    """Return the operations of one token's attention over one token of context, in all layers and heads."""
    return 4.0 * model.num_hidden_layers * model.num_attention_heads * model.head_dim
