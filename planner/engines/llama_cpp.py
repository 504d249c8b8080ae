"""llama.cpp (0c1e57098): weights less the token embedding, a KV cache allocated whole, and a compute buffer."""

import functools
import math

from msgspec import Struct, structs

from planner.engines import Budget, Deployment, Launch, Support
from planner.engines.cuda_context import context_bytes
from planner.engines.llama_cpp_buffers import CONTEXT_STEP, CacheTypes, LlamaCppSettings, cache_bytes, shape_of
from planner.engines.llama_cpp_launch import compose_launch
from planner.engines.llama_cpp_offload import compute_buffers, layers_on_each_gpu, model_buffers
from planner.engines.llama_cpp_support import check
from planner.facts import gguf_mixes, weight_size
from planner.gguf_sizes import GgufSize, gguf_size
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype
from planner.memory import Overhead
from planner.model import ModelSpec
from planner.units import MIB, round_up
from planner.weight_format import Checkpoint, WeightFormat

NEWEST = "0c1e57098"
_SPLITS = (1, 2, 4, 8)
_TENSOR_CORE_INT8 = (7, 5)
_CUBLAS_BYTES = 32 * MIB


class LlamaCppOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of `llama-server` that change memory, spelt as its context parameters spell them."""

    n_batch: int = 2048
    n_ubatch: int = 512
    kv_unified: bool = False
    flash_attn: bool = True
    n_gpu_layers: int | None = None
    offload_kqv: bool = True


_DEFAULTS = LlamaCppOptions()


class LlamaCpp:
    """llama.cpp's server as a planner sees it; every size in bytes on the fullest GPU.

    Several GPUs of one replica split the layers. The cache is split among the sequences, so that each is sure of its
    context.
    """

    engine = "llama.cpp"
    batches = False
    few_cases = ""
    max_sequences: int | None = 256

    def __init__(self, *, engine_version: str = NEWEST, settings: LlamaCppOptions = _DEFAULTS) -> None:
        """Keep the given options; the rules are those of one commit, whatever version is named."""
        self.engine_version = engine_version
        self.settings = settings

    def tensor_parallel_sizes(self, model: ModelSpec) -> tuple[int, ...]:
        """Return how many GPUs the layers can be split over."""
        return tuple(size for size in _SPLITS if size <= model.num_hidden_layers)

    def supports(self, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
        """Say whether llama.cpp runs this pair of formats on that GPU."""
        return check(self.engine, weight_format, kv_cache_dtype, gpu, flash_attn=self.settings.flash_attn)

    def weights_bytes(self, model: ModelSpec, weight_format: WeightFormat, *, tensor_parallel_size: int) -> int:
        """Return the fullest GPU's model buffer: its layers and the output; the token embedding stays on the host."""
        if tensor_parallel_size == 1 and self.settings.n_gpu_layers is None:
            stored = weight_size(model, weight_format)
            return stored.stored_bytes - stored.host_bytes
        settings = self._settings(context=1, batch=1, size=tensor_parallel_size)
        return _fullest_model_buffer(model, weight_format.weight_format, settings)

    def kv_cache_bytes(
        self, model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, context: int, batch: int, tensor_parallel_size: int
    ) -> int:
        """Return the cache of the layers on the fullest GPU, each sequence's context rounded up to 256 tokens."""
        settings = self._settings(context=context, batch=batch, size=tensor_parallel_size)
        if not settings.offload_kqv:
            return 0
        layers = max(layers_on_each_gpu(model.num_hidden_layers, settings))
        types = CacheTypes(keys=kv_cache_dtype, values=kv_cache_dtype)
        return cache_bytes(model, types, tokens=settings.n_ctx, layers=layers)

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
        """Return the compute buffer, and what a CUDA process takes that llama.cpp does not report."""
        settings = self._settings(context=context, batch=batch, size=tensor_parallel_size)
        return Overhead(
            activation_bytes=_fullest_compute_buffer(model, kv_cache_dtype, settings),
            graph_bytes=0,
            runtime_bytes=context_bytes(gpu) + _CUBLAS_BYTES + _pool_bytes(model, gpu, n_ubatch=settings.n_ubatch),
        )

    def budget(
        self,
        model: ModelSpec,
        kv_cache_dtype: KvCacheDtype,
        gpu: Gpu,
        *,
        context: int,
        batch: int,
        tensor_parallel_size: int,
    ) -> Budget:
        """Return the card itself: llama.cpp sets no limit of its own, and fails where an allocation does."""
        size = tensor_parallel_size
        spent = self.overhead(model, kv_cache_dtype, gpu, context=context, batch=batch, tensor_parallel_size=size)
        return Budget(
            limit_bytes=gpu.memory_bytes - spent.runtime_bytes,
            inside_bytes=spent.activation_bytes,
            outside_bytes=spent.runtime_bytes,
            fills_limit=False,
        )

    def launch(self, deployment: Deployment, checkpoint: Checkpoint) -> Launch:
        """Return the `llama-server` command, one server for each replica."""
        settings = self._settings(
            context=deployment.context, batch=deployment.batch, size=deployment.tensor_parallel_size
        )
        return compose_launch(deployment, checkpoint, settings)

    def _settings(self, *, context: int, batch: int, size: int) -> LlamaCppSettings:
        return LlamaCppSettings(
            n_ctx=batch * round_up(context, CONTEXT_STEP),
            n_seq_max=batch,
            n_batch=self.settings.n_batch,
            n_ubatch=self.settings.n_ubatch,
            n_outputs_max=batch,
            kv_unified=self.settings.kv_unified,
            flash_attn=self.settings.flash_attn,
            n_gpu_layers=self.settings.n_gpu_layers,
            n_gpus=size,
            offload_kqv=self.settings.offload_kqv,
        )


@functools.lru_cache(maxsize=4096)
def _fullest_compute_buffer(model: ModelSpec, kv_cache_dtype: KvCacheDtype, settings: LlamaCppSettings) -> int:
    shape = shape_of(settings)
    step = min(shape.n_ctx, settings.n_batch, settings.n_ubatch)
    padded = structs.replace(shape, tokens=_largest_padded_tokens(step, settings.n_seq_max))
    types = CacheTypes(keys=kv_cache_dtype, values=kv_cache_dtype)
    return max(compute_buffers(model, _largest_mix_size(model), types, padded, settings))


@functools.lru_cache(maxsize=4096)
def _fullest_model_buffer(model: ModelSpec, weight_format: str, settings: LlamaCppSettings) -> int:
    return max(model_buffers(gguf_size(model, gguf_mixes()[weight_format], imatrix=True), settings))


@functools.cache
def _largest_padded_tokens(tokens: int, sequences: int) -> int:
    """Return the largest step of any smaller number of sequences.

    A step is rounded up to a multiple of the sequences, which dips where they divide it; so more never need less.
    """
    return max(sequences, *(math.ceil(tokens / n) * n for n in range(1, min(sequences, tokens) + 1)))


@functools.lru_cache(maxsize=256)
def _largest_mix_size(model: ModelSpec) -> GgufSize:
    return gguf_size(model, gguf_mixes()["gguf_f16"], imatrix=True)


def _pool_bytes(model: ModelSpec, gpu: Gpu, *, n_ubatch: int) -> int:
    """Return what the CUDA pool grows to while it computes, from the sources of ggml-cuda (not measured).

    Activations for cuBLAS in fp16 (twice the widest layer), and below compute capability 7.5, which has no int8 tensor
    cores, an fp16 copy of the largest matrix.
    """
    pool = 4 * n_ubatch * max(model.intermediate_size, model.hidden_size)
    if gpu.compute_capability is not None and gpu.compute_capability < _TENSOR_CORE_INT8:
        pool += 2 * model.vocab_size * model.hidden_size
    return pool
