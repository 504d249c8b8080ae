"""llama.cpp (0c1e57098): weights less the token embedding, a split KV cache allocated whole, and a compute buffer."""

from planner.engines import Deployment, Launch, Support
from planner.engines.cuda_context import context_bytes
from planner.engines.gpu_support import check_weight_format, dotted, join, refuse
from planner.engines.llama_cpp_buffers import (
    CONTEXT_STEP,
    DEFAULT_MICRO_BATCH_TOKENS,
    Shape,
    compute_buffer_bytes,
)
from planner.engines.llama_cpp_launch import compose_launch
from planner.errors import MissingFact
from planner.facts import engine_facts
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype, kv_cache_bytes
from planner.memory import Overhead
from planner.model import ModelSpec
from planner.units import MIB, round_up
from planner.weight_format import Checkpoint, WeightFormat

_COMPILED_FLASH_ATTENTION = {"fp16", "bf16", "q8_0", "q4_0"}
_NO_FLASH_ATTENTION = {"iq4_nl"}
_TENSOR_CORE_INT8 = (7, 5)
_CUBLAS_BYTES = 32 * MIB


class LlamaCpp:
    """llama.cpp's server as a planner sees it; every size in bytes on the fullest GPU."""

    engine = "llama.cpp"
    engine_version = "0c1e57098"
    batches = False
    max_sequences: int | None = 256

    def tensor_parallel_sizes(self, model: ModelSpec) -> tuple[int, ...]:
        """Return one: several GPUs are used by one server each."""
        del model
        return (1,)

    def supports(self, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
        """Say whether llama.cpp runs this pair of formats on that GPU with flash attention."""
        if not weight_format.is_gguf:
            return refuse(f"llama.cpp loads GGUF weights only, not {weight_format.weight_format}")
        return join(_check_gpu(weight_format, gpu), _check_kv(kv_cache_dtype, gpu))

    def weights_bytes(self, model: ModelSpec, weight_format: WeightFormat, *, tensor_parallel_size: int) -> int:
        """Return the model buffer on the GPU: all tensors but the token embedding, which stays in host memory."""
        size = weight_format.sizes.get(model.model_id)
        if size is None:
            raise MissingFact(f"no size of {model.model_id} in {weight_format.weight_format} is known")
        return (size.stored_bytes - size.host_bytes) // tensor_parallel_size

    def kv_cache_bytes(
        self, model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, context: int, batch: int, tensor_parallel_size: int
    ) -> int:
        """Return the cache: each sequence's context rounded up to 256 tokens."""
        tokens = batch * round_up(context, CONTEXT_STEP)
        return kv_cache_bytes(model, kv_cache_dtype, tokens=tokens) // tensor_parallel_size

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
        del tensor_parallel_size
        shape = Shape(n_ctx_seq=round_up(context, CONTEXT_STEP), n_seq=batch)
        return Overhead(
            activation_bytes=compute_buffer_bytes(model, kv_cache_dtype, shape),
            graph_bytes=0,
            runtime_bytes=context_bytes(gpu) + _CUBLAS_BYTES + _pool_bytes(model, gpu),
        )

    def launch(self, deployment: Deployment, checkpoint: Checkpoint) -> Launch:
        """Return the `llama-server` command, one server for each replica."""
        return compose_launch(
            deployment,
            checkpoint,
            n_ctx_seq=round_up(deployment.context, CONTEXT_STEP),
            n_ubatch=DEFAULT_MICRO_BATCH_TOKENS,
        )


def _check_kv(kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
    cache = kv_cache_dtype.kv_cache_dtype
    capability: tuple[int, int] | None = gpu.compute_capability
    if "llama.cpp" not in kv_cache_dtype.engines:
        return refuse(f"llama.cpp has no {cache} KV cache")
    if cache in _NO_FLASH_ATTENTION:
        return refuse(f"llama.cpp has no GPU flash attention for a {cache} KV cache")
    if (
        cache == "bf16"
        and capability is not None
        and capability < engine_facts()["llama.cpp"].bf16_min_compute_capability
    ):
        return refuse(f"a bf16 KV cache needs compute capability 8.0, {gpu.name} has {dotted(capability)}")
    if cache not in _COMPILED_FLASH_ATTENTION:
        note = f"a {cache} KV cache is read through an fp16 copy unless built with GGML_CUDA_FA_QUANTS=all"
        return Support(runs=True, native=False, note=note)
    return Support(runs=True)


def _check_gpu(weight_format: WeightFormat, gpu: Gpu) -> Support:
    facts = engine_facts()["llama.cpp"]
    if gpu.vendor == "nvidia":
        return check_weight_format(facts, weight_format, gpu)
    note = f"no measured memory case of llama.cpp on {gpu.vendor}: modelled"
    if gpu.gfx_target is not None and gpu.gfx_target.startswith(facts.amd):
        return Support(runs=True, measured=False, note=note)
    if gpu.gpu_id in facts.intel:
        return Support(runs=True, measured=False, note=note)
    return refuse(f"llama.cpp does not run on {gpu.name}")


def _pool_bytes(model: ModelSpec, gpu: Gpu) -> int:
    """Return what the CUDA pool grows to while it computes, from the sources of ggml-cuda (not measured).

    Activations for cuBLAS in fp16 (twice the widest layer), and below compute capability 7.5, which has no int8 tensor
    cores, an fp16 copy of the largest matrix.
    """
    pool = 4 * DEFAULT_MICRO_BATCH_TOKENS * max(model.intermediate_size, model.hidden_size)
    if gpu.compute_capability is not None and gpu.compute_capability < _TENSOR_CORE_INT8:
        pool += 2 * model.vocab_size * model.hidden_size
    return pool
