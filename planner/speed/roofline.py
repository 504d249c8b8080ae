"""The roofline: the seconds of a decode step and of a prompt, from peaks and coefficients.

A step reads all weights and its sequences' KV cache over the memory bus and multiplies each sequence's token with all
weights; reading and multiplying weights overlap. A prompt multiplies all its tokens at once and attends to itself.
"""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from planner.speed.effects import CEILING, COEFFICIENTS
from planner.speed.settings import Floats, Settings

_MILLI = 1e-3
_MICRO = 1e-6


class Physics(Struct, frozen=True, kw_only=True):
    """Coefficients in natural units, as arrays that broadcast against the settings."""

    step_overhead_seconds: Floats
    weight_reading: Floats
    cache_reading: Floats
    cache_floor_sequences: Floats
    prefill_arithmetic: Floats
    decode_arithmetic: Floats
    vector_arithmetic: Floats
    score_bytes: Floats
    attention_arithmetic: Floats
    sequence_overhead_seconds: Floats
    request_overhead_seconds: Floats
    first_token_overhead_seconds: Floats
    first_token_delay_steps: Floats
    prefill_floor_tokens: Floats
    overlap: Floats
    prefill_overlap: Floats


def physics(scaled: Mapping[str, Floats]) -> Physics:
    """Return natural values of `scaled` coefficients (logarithms, and log-odds for efficiencies)."""
    natural = {
        name: _share(scaled[name]) if coefficient.is_efficiency else np.exp(scaled[name])
        for name, coefficient in COEFFICIENTS.items()
        if not coefficient.is_shift
    }
    return Physics(
        step_overhead_seconds=natural["step_overhead_ms"] * _MILLI,
        weight_reading=natural["weight_reading"],
        cache_reading=natural["cache_reading"],
        cache_floor_sequences=natural["cache_floor_sequences"],
        prefill_arithmetic=natural["prefill_arithmetic"],
        decode_arithmetic=_share(scaled["prefill_arithmetic"] + scaled["decode_arithmetic_shift"]),
        vector_arithmetic=natural["vector_arithmetic"],
        score_bytes=natural["score_bytes"],
        attention_arithmetic=natural["attention_arithmetic"],
        sequence_overhead_seconds=natural["sequence_overhead_us"] * _MICRO,
        request_overhead_seconds=natural["request_overhead_ms"] * _MILLI,
        first_token_overhead_seconds=natural["first_token_overhead_ms"] * _MILLI,
        first_token_delay_steps=natural["first_token_delay_steps"],
        prefill_floor_tokens=natural["prefill_floor_tokens"],
        overlap=natural["overlap"],
        prefill_overlap=natural["prefill_overlap"],
    )


def step_seconds(settings: Settings, values: Physics, *, batch: Floats, depth: Floats) -> Floats:
    """Return the seconds of one decode step of `batch` sequences that hold `depth` tokens each on average."""
    bandwidth = settings.split * settings.bandwidth_bytes_per_second
    reading = settings.weight_bytes / (bandwidth * values.weight_reading)
    flops = 2.0 * batch * (settings.block_parameters + settings.head_parameters)
    one_by_one = np.minimum(batch, settings.vector_kernel_sequences) / batch
    longest = np.maximum(1.0 / values.decode_arithmetic, one_by_one / values.vector_arithmetic)
    multiplying = flops / (settings.split * settings.peak_flops_per_second) * longest
    cached = (batch + values.cache_floor_sequences) * depth * settings.cache_bytes_per_token
    return (
        values.step_overhead_seconds
        + _overlapped(reading, multiplying, values.overlap)
        + cached / (bandwidth * values.cache_reading)
        + batch * values.sequence_overhead_seconds
        + _exchanging(settings, passes=np.ones_like(batch), tokens=batch)
    )


def prompt_seconds(settings: Settings, values: Physics, *, tokens: Floats) -> Floats:
    """Return the seconds of one prompt alone on the GPU, without what comes before it."""
    passes = np.maximum(1.0, tokens / settings.chunk_tokens)
    return _prompt(settings, values, tokens=tokens, counted=tokens + values.prefill_floor_tokens, passes=passes)


def further_prompt_seconds(settings: Settings, values: Physics, *, tokens: Floats) -> Floats:
    """Return the seconds that one more prompt adds where many are worked on together."""
    return _prompt(settings, values, tokens=tokens, counted=tokens, passes=tokens / settings.chunk_tokens)


def _prompt(settings: Settings, values: Physics, *, tokens: Floats, counted: Floats, passes: Floats) -> Floats:
    bandwidth = settings.split * settings.bandwidth_bytes_per_second
    reading = passes * settings.weight_bytes / (bandwidth * values.weight_reading)
    flops = 2.0 * counted * settings.block_parameters
    multiplying = flops / (settings.split * settings.peak_flops_per_second * values.prefill_arithmetic)
    attending = 0.5 * tokens * tokens * settings.attention_flops
    scores = tokens * tokens * settings.score_heads * values.score_bytes
    return (
        _overlapped(reading, multiplying, values.prefill_overlap)
        + attending / (settings.split * settings.attention_peak_flops_per_second * values.attention_arithmetic)
        + scores / bandwidth
        + _exchanging(settings, passes=passes, tokens=tokens)
    )


def _exchanging(settings: Settings, *, passes: Floats, tokens: Floats) -> Floats:
    """Return the seconds in which GPUs exchange partial results of `tokens` tokens in `passes` forward passes."""
    return settings.exchanges * (passes * settings.exchange_seconds + tokens * settings.exchange_seconds_per_token)


def _overlapped(one: Floats, other: Floats, overlap: Floats) -> Floats:
    """Return the time of two activities that overlap: never less than the longer, never more than both."""
    longer = np.maximum(one, other)
    ratio = np.divide(np.minimum(one, other), longer, out=np.zeros_like(longer), where=longer > 0)
    exponent = 1.0 + overlap
    return longer * (1.0 + ratio**exponent) ** (1.0 / exponent)


def _share(log_odds: Floats) -> Floats:
    return CEILING / (1.0 + np.exp(-log_odds))
