"""The buffers that llama.cpp (0c1e57098) allocates where GPUs hold all layers, in closed form.

Written from src/llama-context.cpp, src/llama-kv-cache.cpp and ggml/src/ggml-cuda/fattn.cu, and held against thousands
of allocations of llama.cpp's own scheduler over ggml-cuda's allocation rules; the coefficients of activations were
found on the two DeepSeek-R1 8B shapes.
"""

from msgspec import Struct

from planner.errors import InvalidRequest
from planner.kv_cache import KvCacheDtype
from planner.model import ModelSpec
from planner.units import round_up

CONTEXT_STEP = 256
CUDA_ALIGNMENT = 128
HOST_ALIGNMENT = 32
_PIPELINE_COPIES = 4
_KEY_ROTATION_BYTES = 128 * 128 * 4
_VALUE_ROTATION_BYTES = 64 * 64 * 4
_SIXTEEN_BIT = 16


class LlamaCppSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of llama.cpp that change memory, spelt as its context parameters spell them.

    `n_ctx` are the tokens of all sequences together. `n_outputs_max` is how many rows of logits a step may ask for: 0
    (a library's default) is a whole micro-batch, llama-server sets it to its slots. `n_gpu_layers` counts the output
    matrix as a layer; null is all.
    """

    n_ctx: int
    n_seq_max: int = 1
    n_batch: int = 2048
    n_ubatch: int = 512
    n_outputs_max: int = 0
    kv_unified: bool = False
    flash_attn: bool = True
    n_gpu_layers: int | None = None
    n_gpus: int = 1
    offload_kqv: bool = True
    op_offload: bool = True


class Shape(Struct, frozen=True, kw_only=True):
    """What llama.cpp makes of the settings: tokens of the cache, of one sequence, of a step, and rows of logits."""

    n_ctx: int
    n_ctx_seq: int
    tokens: int
    outputs: int
    flash_attn: bool


def shape_of(settings: LlamaCppSettings) -> Shape:
    """Return the shape of a context: contexts are multiples of 256, a step one of the sequences.

    Raises:
        InvalidRequest: there are more sequences than tokens, which llama.cpp refuses.
    """
    n_ctx = round_up(settings.n_ctx, CONTEXT_STEP)
    if n_ctx < settings.n_seq_max:
        raise InvalidRequest(
            f"a context of {settings.n_ctx} tokens cannot hold {settings.n_seq_max} sequences",
            code="invalid_context",
            field="n_ctx",
            allowed=f"at least {settings.n_seq_max}",
            nearest=(settings.n_seq_max,),
        )
    n_ctx_seq = n_ctx
    if not settings.kv_unified:
        n_ctx_seq = round_up(n_ctx // settings.n_seq_max, CONTEXT_STEP)
        n_ctx = n_ctx_seq * settings.n_seq_max
    n_batch = min(settings.n_ctx, settings.n_batch)
    step = min(n_ctx, n_batch, settings.n_ubatch)
    return Shape(
        n_ctx=n_ctx,
        n_ctx_seq=n_ctx_seq,
        tokens=round_up(step, settings.n_seq_max),
        outputs=min(step, settings.n_outputs_max or n_batch),
        flash_attn=settings.flash_attn,
    )


class CacheTypes(Struct, frozen=True, kw_only=True):
    """The element types of keys and values."""

    keys: KvCacheDtype
    values: KvCacheDtype

    @property
    def only_keys_quantized(self) -> bool:
        """Whether keys are quantized and values are not."""
        return _is_quantized(self.keys) and not _is_quantized(self.values)


def cache_bytes(model: ModelSpec, types: CacheTypes, *, tokens: int, layers: int) -> int:
    """Return the bytes of `tokens` tokens in `layers` layers; both types' blocks divide a row."""
    row = model.num_key_value_heads * model.head_dim
    return round(layers * tokens * row * (types.keys.bits_per_element + types.values.bits_per_element) / 8)


def compute_bytes(model: ModelSpec, types: CacheTypes, shape: Shape) -> int:
    """Return the compute buffer of the one GPU that holds all layers: the largest of three phases of the graph."""
    inputs = input_bytes(types, shape, model, alignment=CUDA_ALIGNMENT)
    hidden, tokens = model.hidden_size, shape.tokens
    saved = 1 if types.only_keys_quantized else 0
    feed_forward = inputs + 4 * tokens * (3 * model.intermediate_size + (3 - saved) * hidden)
    if shape.flash_attn:
        attention = inputs + 16 * tokens * hidden + half_copies_bytes(model, types, shape)
    else:
        attention = inputs + scores_bytes(model, shape) + 4 * tokens * hidden * (4 - saved)
    return max(output_phase_bytes(model, shape), feed_forward, attention)


def split_compute_bytes(model: ModelSpec, types: CacheTypes, shape: Shape, *, n_gpus: int) -> tuple[int, ...]:
    """Return each GPU's compute buffer when layers are split: a pipeline keeps four copies of what crosses a split.

    Exact for two GPUs; a GPU between first and last is taken as the last without the output (not measured).
    """
    inputs = input_bytes(types, shape, model, alignment=CUDA_ALIGNMENT)
    ids = round_up(4 * shape.outputs, CUDA_ALIGNMENT)
    hidden, feed_forward = 4 * shape.tokens * model.hidden_size, 12 * shape.tokens * model.intermediate_size
    attention = half_copies_bytes(model, types, shape) if shape.flash_attn else scores_bytes(model, shape)
    phases = max(feed_forward + 3 * hidden, 4 * hidden + attention)
    first = _PIPELINE_COPIES * (inputs - ids) + 4 * hidden + phases
    middle = _PIPELINE_COPIES * (inputs - ids) + 8 * hidden + phases
    last = _PIPELINE_COPIES * inputs + 8 * hidden + max(phases, output_phase_bytes(model, shape))
    return (first, *(middle,) * (n_gpus - 2), last)


def host_compute_bytes(model: ModelSpec, types: CacheTypes, shape: Shape, *, n_gpus: int) -> int:
    """Return the pinned host buffer: embeddings and inputs, in four copies where layers are split."""
    inputs = input_bytes(types, shape, model, alignment=HOST_ALIGNMENT) + round_up(4 * shape.tokens, HOST_ALIGNMENT)
    hidden = 4 * shape.tokens * model.hidden_size
    return _PIPELINE_COPIES * inputs + 5 * hidden if n_gpus > 1 else inputs + 2 * hidden


def output_bytes(model: ModelSpec, settings: LlamaCppSettings) -> int:
    """Return the host buffer of logits: a row of fp32 for every sequence."""
    return 4 * model.vocab_size * settings.n_seq_max


def output_phase_bytes(model: ModelSpec, shape: Shape) -> int:
    """Return the rows of logits with the hidden states that they come from."""
    return 4 * shape.outputs * (model.vocab_size + model.hidden_size)


def mask_bytes(shape: Shape, *, alignment: int) -> int:
    """Return the attention mask: fp16 with flash attention, else fp32."""
    return round_up(shape.n_ctx_seq * shape.tokens * (2 if shape.flash_attn else 4), alignment)


def input_bytes(types: CacheTypes, shape: Shape, model: ModelSpec, *, alignment: int) -> int:
    """Return what lives in the buffer for most of the graph: mask, indices, positions, output ids, rotations."""
    tokens = shape.tokens
    value_ids = 8 * tokens * (1 if shape.flash_attn else model.num_key_value_heads * model.head_dim)
    sizes = (8 * tokens, value_ids, 4 * tokens, 4 * shape.outputs)
    rotations = (_KEY_ROTATION_BYTES if _is_quantized(types.keys) else 0) + (
        _VALUE_ROTATION_BYTES if _is_quantized(types.values) else 0
    )
    return mask_bytes(shape, alignment=alignment) + sum(round_up(size, alignment) for size in sizes) + rotations


def scores_bytes(model: ModelSpec, shape: Shape) -> int:
    """Return attention scores without flash attention: every head, token and position in fp32."""
    return 4 * shape.n_ctx_seq * shape.tokens * model.num_attention_heads


def half_copies_bytes(model: ModelSpec, types: CacheTypes, shape: Shape) -> int:
    """Return the fp16 copies of one layer's cache that flash attention makes of keys and values of another type."""
    row = model.num_key_value_heads * model.head_dim
    others = sum(dtype.kv_cache_dtype != "fp16" for dtype in (types.keys, types.values))
    return 2 * shape.n_ctx * row * others


def _is_quantized(dtype: KvCacheDtype) -> bool:
    return dtype.bits_per_element < _SIXTEEN_BIT
