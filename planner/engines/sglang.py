"""SGLang: a static share of the free memory for weights and cache, the rest for activations and graphs."""

from planner.engines import Budget, Deployment, Launch, Support
from planner.engines import sglang_budget as rules
from planner.engines.cuda_context import context_bytes
from planner.engines.gpu_support import capability_of, check_weight_format, dotted, join, refuse
from planner.engines.settings import refuse_below
from planner.engines.sglang_budget import SglangSettings
from planner.engines.sglang_launch import compose_launch
from planner.engines.versions import check_range
from planner.engines.vllm import Vllm
from planner.facts import engine_facts, weight_size
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype, kv_cache_bytes
from planner.memory import Overhead
from planner.model import ModelSpec
from planner.units import GIB, MIB, divide_up, round_up
from planner.weight_format import Checkpoint, WeightFormat

_SIXTEEN_BIT = {"fp16", "bf16"}
_NCCL_BYTES = 156 * GIB // 100
_LOADING_BYTES = 100 * MIB
_MLP_HIDDEN_TENSORS = 3.75
_FP4_KV_CAPABILITY = (10, 0)
_DEFAULTS = SglangSettings()


class Sglang:
    """SGLang as a planner sees it; every size in bytes on the fullest GPU.

    It does not check a context against its cache at the start, so the plan does. What it reserves for activations and
    graphs is its own rule for the batch that is asked.
    """

    engine = "sglang"
    batches = True
    few_cases = "two measured starts of SGLang"

    def __init__(self, *, engine_version: str = rules.NEWEST, settings: SglangSettings = _DEFAULTS) -> None:
        """Keep the version and the given settings; raises InvalidRequest for a version without rules."""
        self.version = check_range(engine_version, engine=self.engine, lowest=rules.OLDEST, newest=rules.NEWEST)
        self.engine_version = engine_version
        self.settings = settings
        self.max_sequences = settings.max_running_requests

    def tensor_parallel_sizes(self, model: ModelSpec) -> tuple[int, ...]:
        """Return the sizes that divide heads and MLP."""
        return Vllm().tensor_parallel_sizes(model)

    def supports(self, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
        """Say whether SGLang runs this pair of formats on that GPU."""
        facts = engine_facts()["sglang"]
        if gpu.vendor == "nvidia":
            weights = check_weight_format(facts, weight_format, gpu)
        elif gpu.gfx_target in facts.amd and weight_format.weight_format in _SIXTEEN_BIT:
            note = "SGLang on AMD rests on one measured case"
            weights = Support(runs=True, measured=facts.amd_measured, note=note)
        else:
            weights = refuse(f"sglang has no kernel on record for {weight_format.weight_format} on {gpu.name}")
        return join(weights, _check_kv(weight_format, kv_cache_dtype, gpu))

    def weights_bytes(self, model: ModelSpec, weight_format: WeightFormat, *, tensor_parallel_size: int) -> int:
        """Return the weights on one GPU."""
        norms = 0 if tensor_parallel_size == 1 else 2 * (2 * model.num_hidden_layers + 1) * model.hidden_size
        return divide_up(weight_size(model, weight_format).stored_bytes, tensor_parallel_size) + norms

    def kv_cache_bytes(
        self, model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, context: int, batch: int, tensor_parallel_size: int
    ) -> int:
        """Return the cache in whole pages, KV heads split over the GPUs and at least one on each."""
        tokens = batch * round_up(context, self.settings.page_size)
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
        """Return the reserve: activations of a prefill step, graphs, and the rest that SGLang leaves."""
        size = tensor_parallel_size
        limits = self.budget(model, kv_cache_dtype, gpu, context=context, batch=batch, tensor_parallel_size=size)
        activations = self._activation_bytes(model, gpu, size=size)
        graphs = self._graph_bytes(batch)
        untouched = max(gpu.memory_bytes - limits.limit_bytes, limits.outside_bytes)
        return Overhead(
            activation_bytes=activations,
            graph_bytes=graphs,
            runtime_bytes=untouched + limits.inside_bytes - activations - graphs,
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
        """Return the static share of what is free after the context and NCCL, and what lies outside it."""
        del kv_cache_dtype, context
        before = context_bytes(gpu) + (_NCCL_BYTES if tensor_parallel_size > 1 else 0)
        share = self.mem_fraction_static(gpu, batch=batch, tensor_parallel_size=tensor_parallel_size)
        activations = self._activation_bytes(model, gpu, size=tensor_parallel_size)
        return Budget(
            limit_bytes=max(0, int((gpu.memory_bytes - before) * share)),
            inside_bytes=_LOADING_BYTES,
            outside_bytes=before + activations + self._graph_bytes(batch),
            fills_limit=True,
        )

    def _activation_bytes(self, model: ModelSpec, gpu: Gpu, *, size: int) -> int:
        feed_forward = 3 * model.intermediate_size / size
        return int(2 * self._chunk(gpu) * (feed_forward + _MLP_HIDDEN_TENSORS * model.hidden_size))

    def _graph_bytes(self, batch: int) -> int:
        return 0 if self.settings.disable_cuda_graph else 2 * MIB * self._decode_sequences(batch)

    def mem_fraction_static(self, gpu: Gpu, *, batch: int, tensor_parallel_size: int) -> float:
        """Return the share that the launch states: what is given, else SGLang's rule for this batch."""
        given = self.settings.mem_fraction_static
        if given is not None:
            return given
        reserved = rules.reserved_bytes(
            gpu.memory_bytes,
            tokens=self._chunk(gpu),
            decode_sequences=self._decode_sequences(batch),
            tensor_parallel_size=tensor_parallel_size,
            has_graphs=not self.settings.disable_cuda_graph,
        )
        return max(0, int(1000 * (gpu.memory_bytes - reserved) / gpu.memory_bytes)) / 1000

    def launch(self, deployment: Deployment, checkpoint: Checkpoint) -> Launch:
        """Return the server's command with every setting that this plan decided."""
        batch, gpu = deployment.batch, deployment.gpu
        rows = self.settings.max_running_requests or batch
        refuse_below("max_running_requests", rows, batch)
        return compose_launch(
            deployment,
            checkpoint,
            SglangSettings(
                mem_fraction_static=self.mem_fraction_static(
                    gpu, batch=batch, tensor_parallel_size=deployment.tensor_parallel_size
                ),
                chunked_prefill_size=self._chunk(gpu),
                cuda_graph_max_bs_decode=self._decode_sequences(batch),
                max_running_requests=rows,
                disable_cuda_graph=self.settings.disable_cuda_graph,
                page_size=self.settings.page_size,
            ),
        )

    def _chunk(self, gpu: Gpu) -> int:
        return self.settings.chunked_prefill_size or rules.default_chunked_prefill_size(gpu.memory_bytes)

    def _decode_sequences(self, batch: int) -> int:
        return self.settings.cuda_graph_max_bs_decode or min(batch, 512)


def _check_kv(weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
    name, weight = kv_cache_dtype.kv_cache_dtype, weight_format.weight_format
    if "sglang" not in kv_cache_dtype.engines:
        return refuse(f"sglang has no {name} KV cache")
    if name == "int8":
        return refuse("sglang documents an int8 KV cache, but 0.5.23 has no flag for it")
    if name == "nvfp4" and capability_of(gpu) < _FP4_KV_CAPABILITY:
        return refuse(f"an nvfp4 KV cache needs compute capability {dotted(_FP4_KV_CAPABILITY)} under sglang")
    if name == "fp8" and gpu.vendor != "nvidia":
        return refuse(f"sglang has no kernel on record for an fp8 KV cache on {gpu.name}")
    if name in _SIXTEEN_BIT and weight in _SIXTEEN_BIT and name != weight:
        note = f"SGLang keeps a 16-bit cache in the model's own type: {weight} here, the same bytes as {name}"
        return Support(runs=True, native=False, note=note)
    return Support(runs=True)
