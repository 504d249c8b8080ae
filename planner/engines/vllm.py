"""vLLM 0.33: one budget of the card for weights, activations, graphs and KV blocks; the rest stays outside it.

Checked against the 0.33.0 wheel: v1/worker/utils.py (request_memory), v1/worker/gpu_worker.py
(determine_available_memory), config/vllm.py (capture sizes), engine/arg_utils.py (get_batch_defaults).
"""

import math

from planner.engines import Deployment, Launch, Support
from planner.engines.cuda_context import UNIFIED_MEMORY_COMPUTE_CAPABILITY, context_bytes
from planner.engines.vllm_launch import compose_launch
from planner.engines.vllm_support import check
from planner.errors import MissingFact
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype, kv_cache_bytes
from planner.memory import Overhead
from planner.model import ModelSpec
from planner.units import GIB, MIB, divide_up, round_up
from planner.weight_format import Checkpoint, WeightFormat

BLOCK_TOKENS = 16
HIGHEST_UTILIZATION = 0.95
_LARGE_CARD_BYTES = 70 * GIB
_LARGE_CARD_TOKENS = 8192
_SMALL_CARD_TOKENS = 2048
_SAMPLER_BYTES_PER_LOGIT = 38.8
_MLP_HIDDEN_TENSORS = 4.25
_FIRST_GRAPHS_BYTES = 398 * MIB
_NEXT_GRAPHS_BYTES = 12 * MIB
_NON_TORCH_BYTES = GIB // 4
_NON_TORCH_TENSOR_PARALLEL_BYTES = 213 * GIB // 100
_NCCL_BEFORE_START_BYTES = 156 * GIB // 100
_RESERVE_BYTES = GIB // 5


class Vllm:
    """vLLM as a planner sees it; every size in bytes on the fullest GPU."""

    engine = "vllm"
    engine_version = "0.33.0"
    batches = True
    max_sequences: int | None = None

    def tensor_parallel_sizes(self, model: ModelSpec) -> tuple[int, ...]:
        """Return the sizes that divide heads and MLP; KV heads are replicated where there are fewer than GPUs."""
        return tuple(size for size in (1, 2, 4, 8) if _divides(model, size))

    def supports(self, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
        """Say whether vLLM runs this pair of formats on that GPU."""
        return check(weight_format, kv_cache_dtype, gpu)

    def weights_bytes(self, model: ModelSpec, weight_format: WeightFormat, *, tensor_parallel_size: int) -> int:
        """Return the weights on one GPU: matrices are split, norms are on every GPU."""
        size = weight_format.sizes.get(model.model_id)
        if size is None:
            raise MissingFact(f"no size of {model.model_id} in {weight_format.weight_format} is known")
        if tensor_parallel_size == 1:
            return size.stored_bytes
        norms = 2 * (2 * model.num_hidden_layers + 1) * model.hidden_size
        return divide_up(size.stored_bytes, tensor_parallel_size) + norms

    def kv_cache_bytes(
        self, model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, context: int, batch: int, tensor_parallel_size: int
    ) -> int:
        """Return the cache in whole blocks of 16 tokens, KV heads split over the GPUs and at least one on each."""
        tokens = batch * round_up(context, BLOCK_TOKENS)
        heads = max(1, model.num_key_value_heads // tensor_parallel_size)
        return divide_up(kv_cache_bytes(model, kv_cache_dtype, tokens=tokens) * heads, model.num_key_value_heads)

    def overhead(
        self,
        model: ModelSpec,
        kv_cache_dtype: KvCacheDtype,
        gpu: Gpu,
        *,
        context: int,
        batch: int,
        tensor_parallel_size: int,
    ) -> Overhead:
        """Return activations, graphs, and all that is inside or outside the budget beside weights and cache."""
        tokens = max_num_batched_tokens(gpu, context=context, batch=batch)
        budget = math.ceil(
            gpu.memory_bytes
            * gpu_memory_utilization(model, gpu, batch=batch, tensor_parallel_size=tensor_parallel_size)
        )
        inside = _NON_TORCH_BYTES if tensor_parallel_size == 1 else _NON_TORCH_TENSOR_PARALLEL_BYTES
        null_block = self.kv_cache_bytes(
            model, kv_cache_dtype, context=BLOCK_TOKENS, batch=1, tensor_parallel_size=tensor_parallel_size
        )
        return Overhead(
            activation_bytes=activation_bytes(model, tokens=tokens, batch=batch),
            graph_bytes=_FIRST_GRAPHS_BYTES + _NEXT_GRAPHS_BYTES * (len(capture_sizes(batch, gpu)) - 1),
            runtime_bytes=gpu.memory_bytes - budget + inside + null_block + rotary_cache_bytes(model),
        )

    def launch(self, deployment: Deployment, checkpoint: Checkpoint) -> Launch:
        """Return the `vllm serve` command with every setting that this plan decided."""
        gpu, batch = deployment.gpu, deployment.batch
        return compose_launch(
            deployment,
            checkpoint,
            max_num_batched_tokens=max_num_batched_tokens(gpu, context=deployment.context, batch=batch),
            gpu_memory_utilization=gpu_memory_utilization(
                deployment.model, gpu, batch=batch, tensor_parallel_size=deployment.tensor_parallel_size
            ),
        )


def max_num_batched_tokens(gpu: Gpu, *, context: int, batch: int) -> int:
    """Return the tokens of one step: vLLM's server default by card size, never below the batch (vLLM refuses that)."""
    small = gpu.memory_bytes < _LARGE_CARD_BYTES or gpu.gpu_id.startswith("a100")
    unified = gpu.compute_capability == UNIFIED_MEMORY_COMPUTE_CAPABILITY
    tokens = _SMALL_CARD_TOKENS if small or unified else _LARGE_CARD_TOKENS
    return max(batch, min(tokens, batch * context))


def gpu_memory_utilization(model: ModelSpec, gpu: Gpu, *, batch: int, tensor_parallel_size: int) -> float:
    """Return the share of the card to give vLLM, in hundredths.

    Outside it stay the CUDA context, NCCL (1.53 to 2.07 GiB with the context on H100 under tensor parallel), the
    sampler's warm-up after the cache is allocated (one fp32 row of logits a sequence), and a reserve.
    """
    outside = context_bytes(gpu) + _RESERVE_BYTES + 4 * batch * model.vocab_size
    if tensor_parallel_size > 1:
        outside += _NCCL_BEFORE_START_BYTES
    share = 100 * (gpu.memory_bytes - outside) // gpu.memory_bytes
    return max(0, min(share, round(100 * HIGHEST_UTILIZATION))) / 100


def activation_bytes(model: ModelSpec, *, tokens: int, batch: int) -> int:
    """Return the peak of one forward pass of `tokens` tokens, or of a sampler pass with `batch` rows, if larger.

    Source: fit on logged peaks; the sampler term on one log of model runner V2 (vLLM 0.31).
    """
    mlp = 2 * tokens * (3 * model.intermediate_size + _MLP_HIDDEN_TENSORS * model.hidden_size)
    return math.ceil(max(mlp, _SAMPLER_BYTES_PER_LOGIT * batch * model.vocab_size))


def capture_sizes(batch: int, gpu: Gpu) -> list[int]:
    """Return the batch sizes for which CUDA graphs are captured: 1, 2, 4, then by 8 up to 256, then by 16."""
    limit = 1024 if gpu.compute_capability is not None and gpu.compute_capability[0] == 10 else 512  # noqa: PLR2004
    largest = min(2 * batch, limit)
    return [size for size in (1, 2, 4, *range(8, 256, 8), *range(256, limit + 1, 16)) if size <= largest]


def rotary_cache_bytes(model: ModelSpec) -> int:
    """Return the table of sines and cosines: one row of `head_dim` 16-bit values for every position."""
    return 2 * model.max_position_embeddings * model.head_dim


def _divides(model: ModelSpec, size: int) -> bool:
    kv_heads = model.num_key_value_heads
    return (
        model.num_attention_heads % size == 0
        and model.intermediate_size % size == 0
        and (kv_heads % size == 0 or size % kv_heads == 0)
    )
