"""The buffers that llama.cpp (0c1e57098) allocates on one GPU that holds all layers, in closed form.

Written from src/llama-context.cpp, src/llama-kv-cache.cpp and ggml/src/ggml-cuda/fattn.cu and held against 5,000
allocations of llama.cpp's own scheduler over ggml-cuda's allocation rules; the coefficients of activations were found
on the two DeepSeek-R1 8B shapes.
"""

import functools
import math

from msgspec import Struct

from planner.kv_cache import KvCacheDtype
from planner.model import ModelSpec
from planner.units import round_up

CONTEXT_STEP = 256
DEFAULT_BATCH_TOKENS = 2048
DEFAULT_MICRO_BATCH_TOKENS = 512
_CUDA_ALIGNMENT = 128
_KEY_ROTATION_BYTES = 128 * 128 * 4
_VALUE_ROTATION_BYTES = 64 * 64 * 4


class Shape(Struct, frozen=True, kw_only=True):
    """What a server is started with: `n_ctx_seq` tokens for each of `n_seq` sequences, `n_ubatch` tokens a step."""

    n_ctx_seq: int
    n_seq: int
    n_ubatch: int = DEFAULT_MICRO_BATCH_TOKENS

    @property
    def n_ctx(self) -> int:
        """Tokens of the whole cache."""
        return self.n_ctx_seq * self.n_seq


def compute_buffer_bytes(model: ModelSpec, kv_cache_dtype: KvCacheDtype, shape: Shape) -> int:
    """Return the compute buffer with flash attention on and a split cache, keys and values of one type.

    The step's tokens are rounded up to a multiple of the sequences, which dips where the sequences divide them; the
    largest rounding of any smaller number of sequences is taken, so that more sequences never need less.
    """
    tokens = _largest_padded_tokens(min(shape.n_ctx, DEFAULT_BATCH_TOKENS, shape.n_ubatch), shape.n_seq)
    outputs = min(shape.n_ctx, shape.n_ubatch, shape.n_seq)
    hidden, feed_forward = model.hidden_size, model.intermediate_size
    mask = _pad(2 * shape.n_ctx_seq * tokens)
    inputs = mask + 2 * _pad(8 * tokens) + _pad(4 * tokens) + _pad(4 * outputs)
    if kv_cache_dtype.bits_per_element < 16:  # noqa: PLR2004
        inputs += _KEY_ROTATION_BYTES + _VALUE_ROTATION_BYTES
    output_phase = 4 * outputs * (model.vocab_size + hidden)
    feed_forward_phase = inputs + 12 * tokens * (feed_forward + hidden)
    attention_phase = inputs + 16 * tokens * hidden + _half_copies_bytes(model, kv_cache_dtype, shape)
    return max(output_phase, feed_forward_phase, attention_phase)


def _half_copies_bytes(model: ModelSpec, kv_cache_dtype: KvCacheDtype, shape: Shape) -> int:
    """Return the fp16 copies of one layer's keys and values that flash attention makes of any other type."""
    if kv_cache_dtype.kv_cache_dtype == "fp16":
        return 0
    return 2 * shape.n_ctx * model.num_key_value_heads * model.head_dim * 2


def _pad(size: int) -> int:
    return round_up(size, _CUDA_ALIGNMENT)


@functools.cache
def _largest_padded_tokens(tokens: int, sequences: int) -> int:
    return max(sequences, *(math.ceil(tokens / n) * n for n in range(1, min(sequences, tokens) + 1)))
