"""vLLM: one budget of the card for weights, activations, graphs and KV blocks; the rest stays outside it.

Checked against the wheels that vllm_rules.py names: v1/worker/utils.py (request_memory), v1/worker/gpu_worker.py
(determine_available_memory), config/vllm.py (capture sizes), engine/arg_utils.py (get_batch_defaults).
"""

import functools
import math

from msgspec import Struct, structs

from planner.engines import Budget, Deployment, Launch, Support
from planner.engines import vllm_rules as rules
from planner.engines.cuda_context import context_bytes
from planner.engines.settings import refuse_below
from planner.engines.versions import Version, check_range
from planner.engines.vllm_budget import (
    BLOCK_TOKENS,
    VllmSettings,
    activation_bytes,
    block_bytes,
    graph_bytes,
    rotary_cache_bytes,
)
from planner.engines.vllm_launch import compose_launch
from planner.engines.vllm_support import check
from planner.facts import weight_size
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype, kv_cache_bytes
from planner.memory import Overhead
from planner.model import ModelSpec
from planner.units import GIB, MIB, divide_up, round_up
from planner.weight_format import Checkpoint, WeightFormat

_HIGHEST_UTILIZATION_PERCENT = 95
_PLANNED_TOKENS = 8192
_CHUNKED_TOKENS = 2048
_NCCL_BEFORE_START_BYTES = 156 * GIB // 100
_RESERVE_BYTES = GIB // 5
_FLASHINFER_WORKSPACE_BYTES = 394 * MIB
_FLASHINFER_FROM = (8, 0)
_FLASH_ATTENTION_MAJOR = 9
_DEFAULTS = VllmSettings()


class Vllm:
    """vLLM as a planner sees it; every size in bytes on the fullest GPU.

    Settings that are given are kept (`kv_cache_memory_bytes` takes the place of utilization and profiling); the planner
    decides the others for what is asked: as many sequences as the batch, vLLM's own step of tokens (at most 8,192), and
    a utilization that leaves room for what lies outside the budget.
    """

    engine = "vllm"
    batches = True
    few_cases = ""

    def __init__(self, *, engine_version: str = rules.NEWEST, settings: VllmSettings = _DEFAULTS) -> None:
        """Keep the version's rules and the given settings; raises InvalidRequest for a version without rules."""
        self.version = check_range(engine_version, engine=self.engine, lowest=rules.OLDEST, newest=rules.NEWEST)
        self.engine_version = engine_version
        self.settings = settings
        limits = (settings.max_num_seqs, settings.max_num_batched_tokens)
        self.max_sequences = min((limit for limit in limits if limit is not None), default=None)

    def tensor_parallel_sizes(self, model: ModelSpec) -> tuple[int, ...]:
        """Return the sizes that divide heads and MLP; KV heads are replicated where there are fewer than GPUs."""
        return tuple(size for size in (1, 2, 4, 8) if _divides(model, size))

    def supports(self, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
        """Say whether vLLM runs this pair of formats on that GPU."""
        return check(weight_format, kv_cache_dtype, gpu)

    def weights_bytes(self, model: ModelSpec, weight_format: WeightFormat, *, tensor_parallel_size: int) -> int:
        """Return the weights on one GPU: matrices are split, norms are on every GPU."""
        stored = weight_size(model, weight_format).stored_bytes
        if tensor_parallel_size == 1:
            return stored
        norms = 2 * (2 * model.num_hidden_layers + 1) * model.hidden_size
        return divide_up(stored, tensor_parallel_size) + norms

    def kv_cache_bytes(
        self, model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, context: int, batch: int, tensor_parallel_size: int
    ) -> int:
        """Return the cache in whole blocks, KV heads split over the GPUs and at least one on each.

        Where `kv_cache_memory_bytes` is given, vLLM takes all of that, and what does not fit into it is more.
        """
        tokens = batch * round_up(context, self.settings.block_size or BLOCK_TOKENS)
        heads = max(1, model.num_key_value_heads // tensor_parallel_size)
        needed = divide_up(kv_cache_bytes(model, kv_cache_dtype, tokens=tokens) * heads, model.num_key_value_heads)
        return max(needed, self.settings.kv_cache_memory_bytes or 0)

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
        plan = self._plan(model, gpu, context=context, batch=batch, size=tensor_parallel_size)
        untouched = max(gpu.memory_bytes - plan.limit_bytes, plan.outside_bytes)
        uncounted = 0 if plan.graphs_counted else plan.graph_bytes
        return Overhead(
            activation_bytes=plan.activation_bytes,
            graph_bytes=plan.graph_bytes,
            runtime_bytes=untouched
            - uncounted
            + plan.other_bytes
            + self._null_block(model, kv_cache_dtype, size=tensor_parallel_size),
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
        """Return vLLM's share of the card, what it spends of it, and what the card must hold beside it."""
        plan = self._plan(model, gpu, context=context, batch=batch, size=tensor_parallel_size)
        return Budget(
            limit_bytes=plan.limit_bytes,
            inside_bytes=plan.activation_bytes
            + (plan.graph_bytes if plan.graphs_counted else 0)
            + plan.other_bytes
            + self._null_block(model, kv_cache_dtype, size=tensor_parallel_size),
            outside_bytes=plan.outside_bytes,
            fills_limit=self.settings.kv_cache_memory_bytes is None,
            cache_limit_bytes=self.settings.kv_cache_memory_bytes,
        )

    def launch(self, deployment: Deployment, checkpoint: Checkpoint) -> Launch:
        """Return the `vllm serve` command with every setting that this plan decided."""
        plan = self._plan(
            deployment.model,
            deployment.gpu,
            context=deployment.context,
            batch=deployment.batch,
            size=deployment.tensor_parallel_size,
        )
        settings = structs.replace(
            self.settings,
            tensor_parallel_size=deployment.tensor_parallel_size,
            max_num_seqs=plan.rows,
            max_num_batched_tokens=plan.tokens,
            gpu_memory_utilization=plan.utilization,
        )
        is_v0 = self._runner(deployment.model, context=deployment.context) == "v0"
        launch = compose_launch(deployment, checkpoint, settings, chunked_prefill_flag=is_v0)
        extra = rules.first_start_bytes(self.version, self._runner(deployment.model, context=deployment.context))
        if not extra:
            return launch
        note = (
            f"{extra / GIB:.2f} GiB of the activations are for the first start, which compiles while memory is "
            "profiled; this rests on two machines' logs."
        )
        return structs.replace(launch, notes=(*launch.notes, note))

    def _plan(self, model: ModelSpec, gpu: Gpu, *, context: int, batch: int, size: int) -> "_Plan":
        """Return the settings that a launch will state, and what follows from them."""
        given, version = self.settings, self.version
        runner = self._runner(model, context=context)
        rows = given.max_num_seqs or batch
        refuse_below("max_num_seqs", rows, batch)
        tokens = given.max_num_batched_tokens or max(
            rows, min(self._step(gpu, runner, context=context), rows * context)
        )
        refuse_below("max_num_batched_tokens", tokens, rows)
        return _decide(given, version, model, gpu, runner=runner, rows=rows, tokens=tokens, size=size)

    def _runner(self, model: ModelSpec, *, context: int) -> rules.Runner:
        """Return what profiles memory; V0 is planned as if it sampled, which with chunked prefill it does not."""
        chosen = rules.choose_runner(self.version, model=model, max_model_len=context, is_quantized=False)
        return "v0" if chosen == "v0_chunked" else chosen

    def _step(self, gpu: Gpu, runner: rules.Runner, *, context: int) -> int:
        """Return the tokens of a step, vLLM's default but at most 8,192; V0 is launched with chunked prefill."""
        if runner == "v0":
            return _CHUNKED_TOKENS
        default = rules.default_max_num_batched_tokens(
            self.version, gpu, gpu.memory_bytes, runner=runner, max_model_len=context
        )
        return min(default, _PLANNED_TOKENS)

    def _null_block(self, model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, size: int) -> int:
        block = self.settings.block_size or BLOCK_TOKENS
        return block_bytes(model, kv_cache_dtype, block=block, tensor_parallel_size=size, stages=1)


class _Plan(Struct, frozen=True, kw_only=True):
    """Settings decided for one GPU, and the bytes that follow from them.

    `other_bytes` is what the budget spends beside activations, graphs and one unused block. Outside the budget lie the
    CUDA context, NCCL (1.53 to 2.07 GiB with the context on H100 under tensor parallel), the sampler's warm-up after
    the cache is allocated (an fp32 row of logits a sequence), FlashInfer's workspace, and graphs where the budget has
    none of them.
    """

    rows: int
    tokens: int
    utilization: float
    limit_bytes: int
    activation_bytes: int
    graph_bytes: int
    graphs_counted: bool
    other_bytes: int
    outside_bytes: int


@functools.lru_cache(maxsize=8192)
def _decide(
    given: VllmSettings,
    version: Version,
    model: ModelSpec,
    gpu: Gpu,
    *,
    runner: rules.Runner,
    rows: int,
    tokens: int,
    size: int,
) -> _Plan:
    """Decide for steps of `tokens`; remembered, as most contexts have the same steps."""
    total = gpu.memory_bytes
    activations = activation_bytes(
        model, gpu, version=version, runner=runner, rows=rows, tokens=tokens, tensor_parallel_size=size
    ) + rules.first_start_bytes(version, runner)
    graphs = 0 if given.enforce_eager else graph_bytes(model, gpu, runner=runner, rows=rows, tokens=tokens)
    counted = rules.counts_graphs(version, runner)
    outside = (
        context_bytes(gpu)
        + _attention_workspace_bytes(gpu)
        + (_NCCL_BEFORE_START_BYTES if size > 1 else 0)
        + 4 * rows * model.vocab_size
        + (0 if counted else graphs)
    )
    percent = min(100 * (total - outside - _RESERVE_BYTES) // total, _HIGHEST_UTILIZATION_PERCENT)
    utilization = given.gpu_memory_utilization or max(0, percent) / 100
    non_torch = rules.non_torch_bytes(version, gpu, tensor_parallel_size=size, pipeline_parallel_size=1)
    return _Plan(
        rows=rows,
        tokens=tokens,
        utilization=utilization,
        limit_bytes=math.ceil(total * utilization) if given.kv_cache_memory_bytes is None else total - outside,
        activation_bytes=activations,
        graph_bytes=graphs,
        graphs_counted=counted,
        other_bytes=non_torch + rules.persistent_bytes(version, runner, model, rows=rows) + rotary_cache_bytes(model),
        outside_bytes=outside,
    )


def _attention_workspace_bytes(gpu: Gpu) -> int:
    """Return FlashInfer's workspace, allocated after the cache: an fp8 cache needs that backend but on Hopper."""
    capability = gpu.compute_capability
    if capability is None or capability < _FLASHINFER_FROM or capability[0] == _FLASH_ATTENTION_MAJOR:
        return 0
    return _FLASHINFER_WORKSPACE_BYTES


def _divides(model: ModelSpec, size: int) -> bool:
    kv_heads = model.num_key_value_heads
    return (
        model.num_attention_heads % size == 0
        and model.intermediate_size % size == 0
        and (kv_heads % size == 0 or size % kv_heads == 0)
    )
