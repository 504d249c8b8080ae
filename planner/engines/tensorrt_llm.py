"""TensorRT-LLM: a share of what is free after weights and a dummy run goes to KV blocks of 32 tokens.

Source: tensorrt_llm/_torch/pyexecutor/_util.py (PyTorch backend) and docs/source/reference/memory.md (engine backend)
at 09d4c79. Few measured cases: an engine backend's 5090 exact, activations of 310 kB a token in one engine build.
The engine backend cannot be chosen: its activations are fixed by the shapes of a build, and one build says too little.
"""

import shlex

from msgspec import Struct

from planner.engines import Budget, Deployment, Launch, Support
from planner.engines.checkpoint_notes import local_path, notes_on
from planner.engines.cuda_context import context_bytes
from planner.engines.gpu_support import capability_of, check_weight_format, join, refuse
from planner.engines.settings import refuse_below
from planner.engines.vllm import Vllm
from planner.facts import engine_facts, weight_size
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype, kv_cache_bytes
from planner.memory import Overhead
from planner.model import ModelSpec
from planner.units import GIB, divide_up, round_up
from planner.weight_format import Checkpoint, WeightFormat

NEWEST = "1.3"
BLOCK_TOKENS = 32
DEFAULT_FRACTION = 0.90
DEFAULT_MAX_NUM_TOKENS = 8192
_NCCL_BYTES = 156 * GIB // 100
RUNTIME_BYTES = GIB // 2
_MLP_HIDDEN_TENSORS = 3.75
_INT4_FORMATS = {"awq", "gptq"}
_INT4_BELOW = (10, 0)
_FP8_BLOCK = {(9, 0), (10, 0), (10, 3)}
_SIXTEEN_BIT = {"fp16", "bf16"}


class TensorRtLlmSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of TensorRT-LLM that change memory, spelt as it spells them; null is its default."""

    free_gpu_memory_fraction: float = DEFAULT_FRACTION
    max_num_tokens: int | None = None
    max_batch_size: int | None = None
    tokens_per_block: int = BLOCK_TOKENS


_DEFAULTS = TensorRtLlmSettings()


class TensorRtLlm:
    """TensorRT-LLM's PyTorch backend as a planner sees it; every size in bytes on the fullest GPU."""

    engine = "tensorrt-llm"
    batches = True
    few_cases = "two measured starts of TensorRT-LLM"

    def __init__(self, *, engine_version: str = NEWEST, settings: TensorRtLlmSettings = _DEFAULTS) -> None:
        """Keep the given settings; the rules are those of one version, whatever version is named."""
        self.engine_version = engine_version
        self.settings = settings
        self.max_sequences = settings.max_batch_size

    def tensor_parallel_sizes(self, model: ModelSpec) -> tuple[int, ...]:
        """Return the sizes that divide heads and MLP."""
        return Vllm().tensor_parallel_sizes(model)

    def supports(self, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
        """Say whether TensorRT-LLM runs this pair of formats on that GPU."""
        if gpu.vendor != "nvidia":
            return refuse("tensorrt-llm runs on NVIDIA GPUs only")
        weight, capability = weight_format.weight_format, capability_of(gpu)
        if weight in _INT4_FORMATS and capability >= _INT4_BELOW:
            return refuse(f"tensorrt-llm lists {weight} for Ampere, Ada and Hopper only")
        if weight == "fp8_block" and capability not in _FP8_BLOCK:
            return refuse("tensorrt-llm lists fp8_block for Hopper and Blackwell data-center GPUs only")
        return join(
            check_weight_format(engine_facts()[self.engine], weight_format, gpu),
            _check_kv(weight_format, kv_cache_dtype),
        )

    def weights_bytes(self, model: ModelSpec, weight_format: WeightFormat, *, tensor_parallel_size: int) -> int:
        """Return the weights on one GPU."""
        norms = 0 if tensor_parallel_size == 1 else 2 * (2 * model.num_hidden_layers + 1) * model.hidden_size
        return divide_up(weight_size(model, weight_format).stored_bytes, tensor_parallel_size) + norms

    def kv_cache_bytes(
        self, model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, context: int, batch: int, tensor_parallel_size: int
    ) -> int:
        """Return the cache in whole blocks, KV heads split over the GPUs and at least one on each."""
        tokens = batch * round_up(context, self.settings.tokens_per_block)
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
        """Return the dummy run's activations, and the share of the card that the cache may not take."""
        size = tensor_parallel_size
        limits = self.budget(model, kv_cache_dtype, gpu, context=context, batch=batch, tensor_parallel_size=size)
        activations = activation_bytes(model, tokens=self._tokens(batch), batch=batch, tensor_parallel_size=size)
        return Overhead(
            activation_bytes=activations,
            graph_bytes=0,
            runtime_bytes=gpu.memory_bytes - limits.limit_bytes + limits.inside_bytes - activations,
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
        """Return the share of the free memory.

        The share is of what is free after the weights; here it is taken of all that is free before them, which leaves
        a little more untouched than TensorRT-LLM does.
        """
        del kv_cache_dtype, context
        nccl = _NCCL_BYTES if tensor_parallel_size > 1 else 0
        free = gpu.memory_bytes - context_bytes(gpu) - nccl - RUNTIME_BYTES
        tokens = self._tokens(batch)
        return Budget(
            limit_bytes=int(free * self.settings.free_gpu_memory_fraction),
            inside_bytes=activation_bytes(model, tokens=tokens, batch=batch, tensor_parallel_size=tensor_parallel_size),
            outside_bytes=gpu.memory_bytes - free,
            fills_limit=True,
        )

    def launch(self, deployment: Deployment, checkpoint: Checkpoint) -> Launch:
        """Return the `trtllm-serve` command with every setting that this plan decided."""
        batch = self.settings.max_batch_size or deployment.batch
        refuse_below("max_batch_size", batch, deployment.batch)
        source = shlex.quote(checkpoint.repository or local_path(deployment))
        words = [
            f"trtllm-serve {source} --backend pytorch",
            f"--max_seq_len {deployment.context}",
            f"--max_batch_size {batch}",
            f"--max_num_tokens {self._tokens(batch)}",
            f"--kv_cache_free_gpu_memory_fraction {self.settings.free_gpu_memory_fraction}",
            f"--tp_size {deployment.tensor_parallel_size}",
        ]
        if deployment.kv_cache_dtype.kv_cache_dtype == "fp8":
            words.append("--kv_cache_dtype fp8")
        command = " \\\n  ".join(words)
        notes = [*notes_on(deployment, checkpoint)]
        if self.settings.tokens_per_block != BLOCK_TOKENS:
            notes.append(
                f"Give tokens_per_block: {self.settings.tokens_per_block} under kv_cache_config in the file that "
                "--extra_llm_api_options names."
            )
        if deployment.replicas > 1:
            size = deployment.tensor_parallel_size
            devices = '$(seq -s, "$((replica * ' + str(size) + '))" "$((replica * ' + f"{size} + {size - 1}" + '))")'
            command = (
                f"for replica in $(seq 0 {deployment.replicas - 1}); do\n"
                f'  CUDA_VISIBLE_DEVICES="{devices}" {command} \\\n  --port "$((8000 + replica))" &\ndone; wait'
            )
            notes.append("One server for each replica on a port of its own: put a load balancer before them.")
        return Launch(command=command, notes=tuple(notes))

    def _tokens(self, batch: int) -> int:
        return max(batch, self.settings.max_num_tokens or DEFAULT_MAX_NUM_TOKENS)


def activation_bytes(model: ModelSpec, *, tokens: int, batch: int, tensor_parallel_size: int) -> int:
    """Return a dummy run's peak: the MLP of `tokens` tokens, and an fp32 row of logits for each sequence."""
    feed_forward = 3 * model.intermediate_size / tensor_parallel_size
    return int(2 * tokens * (feed_forward + _MLP_HIDDEN_TENSORS * model.hidden_size)) + 4 * batch * model.vocab_size


def _check_kv(weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype) -> Support:
    name, weight = kv_cache_dtype.kv_cache_dtype, weight_format.weight_format
    if "tensorrt-llm" not in kv_cache_dtype.engines:
        return refuse(f"tensorrt-llm has no {name} KV cache")
    if name in _SIXTEEN_BIT and weight in _SIXTEEN_BIT and name != weight:
        note = f"TensorRT-LLM keeps a 16-bit cache in the model's own type: {weight} here, the same bytes as {name}"
        return Support(runs=True, native=False, note=note)
    return Support(runs=True)
