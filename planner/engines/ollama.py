"""Ollama: llama.cpp's server with Ollama's own defaults for context, sequences and what it leaves free.

Source: ollama at fb30760 (2026-08-21): ml/device.go (MinimumMemory), envconfig (OLLAMA_NUM_PARALLEL 1,
OLLAMA_GPU_OVERHEAD 0), server/sched.go (context by total memory). It starts llama-server with a micro-batch of 512.
"""

from msgspec import Struct

from planner.engines import Budget, Deployment, Launch, Support
from planner.engines.checkpoint_notes import notes_on
from planner.engines.llama_cpp import LlamaCpp, LlamaCppOptions
from planner.engines.llama_cpp_support import check
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype
from planner.memory import Overhead
from planner.model import ModelSpec
from planner.units import GIB, MIB
from planner.weight_format import Checkpoint, WeightFormat

NEWEST = "2026-08"
MINIMUM_MEMORY_BYTES = 457 * MIB
_LIBRARY_NAMES = {
    ("deepseek-r1-0528-qwen3-8b", "q4_k_m"): "deepseek-r1:8b",
    ("deepseek-r1-0528-qwen3-8b", "q8_0"): "deepseek-r1:8b-0528-qwen3-q8_0",
    ("deepseek-r1-0528-qwen3-8b", "gguf_f16"): "deepseek-r1:8b-0528-qwen3-fp16",
    ("deepseek-r1-distill-llama-8b", "q4_k_m"): "deepseek-r1:8b-llama-distill-q4_K_M",
    ("deepseek-r1-distill-llama-8b", "q8_0"): "deepseek-r1:8b-llama-distill-q8_0",
    ("deepseek-r1-distill-llama-8b", "gguf_f16"): "deepseek-r1:8b-llama-distill-fp16",
}
_CACHE_TYPES = {"fp16": "f16"}
_OWN_MIX_PER_MILLE = 1041
_LOGICAL_BATCH = 2048


class OllamaSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ollama's options that change memory.

    `num_batch` is its server's micro-batch, `gpu_overhead` is OLLAMA_GPU_OVERHEAD in bytes.
    """

    num_batch: int = 512
    gpu_overhead: int = 0


_DEFAULTS = OllamaSettings()


class Ollama:
    """Ollama as a planner sees it; every size in bytes on the fullest GPU."""

    engine = "ollama"
    batches = False
    few_cases = "three logs of Ollama"
    max_sequences: int | None = 256

    def __init__(self, *, engine_version: str = NEWEST, settings: OllamaSettings = _DEFAULTS) -> None:
        """Keep the given settings; the rules are those of one version, whatever version is named."""
        self.engine_version = engine_version
        self.settings = settings
        self._server = LlamaCpp(
            settings=LlamaCppOptions(n_batch=max(_LOGICAL_BATCH, settings.num_batch), n_ubatch=settings.num_batch)
        )

    def tensor_parallel_sizes(self, model: ModelSpec) -> tuple[int, ...]:
        """Return how many GPUs the layers can be split over, as llama.cpp."""
        return self._server.tensor_parallel_sizes(model)

    def supports(self, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
        """Say whether Ollama runs this pair of formats on that GPU."""
        return check(self.engine, weight_format, kv_cache_dtype, gpu, flash_attn=True)

    def weights_bytes(self, model: ModelSpec, weight_format: WeightFormat, *, tensor_parallel_size: int) -> int:
        """Return the model buffer on the GPU, as llama.cpp; Ollama's own q4_k_m of Qwen3 is 4 % larger (its log)."""
        found = self._server.weights_bytes(model, weight_format, tensor_parallel_size=tensor_parallel_size)
        is_larger = weight_format.weight_format == "q4_k_m" and model.architecture == "Qwen3ForCausalLM"
        return found * _OWN_MIX_PER_MILLE // 1000 if is_larger else found

    def kv_cache_bytes(
        self, model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, context: int, batch: int, tensor_parallel_size: int
    ) -> int:
        """Return the cache, as llama.cpp: Ollama asks for `num_ctx` tokens for each of its parallel sequences."""
        return self._server.kv_cache_bytes(
            model, kv_cache_dtype, context=context, batch=batch, tensor_parallel_size=tensor_parallel_size
        )

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
        """Return llama.cpp's compute buffer, and the larger of what a process takes and what Ollama leaves free."""
        found = self._server.overhead(
            model, kv_cache_dtype, gpu, context=context, batch=batch, tensor_parallel_size=tensor_parallel_size
        )
        return Overhead(
            activation_bytes=found.activation_bytes,
            graph_bytes=0,
            runtime_bytes=max(found.runtime_bytes, MINIMUM_MEMORY_BYTES) + self.settings.gpu_overhead,
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
        """Return the card less what Ollama leaves free; what does not fit there it leaves to the CPU."""
        spent = self.overhead(
            model, kv_cache_dtype, gpu, context=context, batch=batch, tensor_parallel_size=tensor_parallel_size
        )
        return Budget(
            limit_bytes=gpu.memory_bytes - spent.runtime_bytes,
            inside_bytes=spent.activation_bytes,
            outside_bytes=spent.runtime_bytes,
            fills_limit=False,
        )

    def launch(self, deployment: Deployment, checkpoint: Checkpoint) -> Launch:
        """Return the commands that start Ollama with this context and run the model."""
        cache = deployment.kv_cache_dtype.kv_cache_dtype
        library = _LIBRARY_NAMES.get((deployment.model.model_id, deployment.weight_format.weight_format))
        if library is None and checkpoint.repository is not None:
            library = f"hf.co/{checkpoint.repository}:{checkpoint.file_tag}"
        name = library or f"{deployment.model.model_id}:{checkpoint.file_tag.lower()}"
        variables = (
            f"OLLAMA_CONTEXT_LENGTH={deployment.context} OLLAMA_NUM_PARALLEL={deployment.batch} "
            f"OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE={_CACHE_TYPES.get(cache, cache)}"
        )
        if deployment.tensor_parallel_size > 1:
            variables += " OLLAMA_SCHED_SPREAD=1"
        if self.settings.gpu_overhead:
            variables += f" OLLAMA_GPU_OVERHEAD={self.settings.gpu_overhead}"
        command = f"{variables} ollama serve &\nsleep 5; ollama run {name}"
        notes: list[str] = []
        if library is None:
            notes += notes_on(deployment, checkpoint, path=f"an Ollama model named {name} (ollama create)")
        else:
            notes.append(f"That {library} is this model in this format is recalled, not checked.")
        if self.settings.num_batch != _DEFAULTS.num_batch:
            notes.append(
                f"Set num_batch to {self.settings.num_batch}: as PARAMETER num_batch in a Modelfile, or in the options "
                "of each request."
            )
        if deployment.replicas > 1:
            notes.append(
                "Start one Ollama for each GPU, each with a CUDA_VISIBLE_DEVICES and an OLLAMA_HOST of its own."
            )
        return Launch(command=command, notes=tuple(notes))


def default_context(total_bytes: int) -> int:
    """Return the context that Ollama chooses when none is given, by the memory of all GPUs together."""
    if total_bytes >= 47 * GIB:
        return 262144
    return 32768 if total_bytes >= 23 * GIB else 4096
