"""vLLM's own budget: what a start profiles and subtracts, and the KV cache that is left."""

import math

from msgspec import Struct

from planner.engines import vllm_rules as rules
from planner.engines.versions import Version
from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype, kv_cache_bytes
from planner.model import ModelSpec
from planner.tensors import block_elements, block_matrices, embedding_elements
from planner.units import MIB, divide_up, round_up

BLOCK_TOKENS = 16
_MLP_HIDDEN_TENSORS = 3.75
_MLP_HIDDEN_TENSORS_V0 = 3.0
_EMBEDDING_ROWS_MULTIPLE = 64
_GRAPHS_FIRST_BYTES = 260 * MIB
_GRAPH_STEP_BYTES = 2 * MIB
_GRAPH_BYTES_A_LAYER = 0.19 * MIB
_SHARED_GRAPHS_BYTES = 60 * MIB
_SHARED_GRAPH_BYTES = 2 * MIB
_V0_RUNNERS = ("v0", "v0_chunked")
_LARGE_BLOCK_BYTES = 10 * MIB
_SEGMENT_BYTES = 2 * MIB
_UNSPLIT_BYTES = MIB
_STORED_WIDTH_MARGIN = 1.3


class VllmSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of `vllm serve` that change memory, spelt as vLLM spells them; null is vLLM's default."""

    tensor_parallel_size: int = 1
    pipeline_parallel_size: int = 1
    gpu_memory_utilization: float | None = None
    kv_cache_memory_bytes: int | None = None
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    enforce_eager: bool = False
    block_size: int | None = None


class Profile(Struct, frozen=True, kw_only=True):
    """What one start of vLLM finds on one GPU, in bytes.

    `kv_cache_bytes` is the first rank's pool, negative where the start is refused; `kv_tokens` what all ranks can hold.
    """

    budget_bytes: int
    weights_bytes: int
    activation_bytes: int
    non_torch_bytes: int
    graph_bytes: int
    graphs_counted: bool
    kv_cache_bytes: int
    kv_tokens: int
    bytes_per_token: float


class Start(Struct, frozen=True, kw_only=True):
    """One start of vLLM: version, model, card and settings.

    `model_bytes` is what all weights store, `value_bytes` the size of the model's own dtype (2, or 4 under float32),
    `first_start_share` how much of a first start's extra to count: 1 for a plan, which must survive it, and a half
    where nothing tells whether the compile cache was cold.
    """

    version: Version
    runner: rules.Runner
    model: ModelSpec
    model_bytes: int
    kv_cache_dtype: KvCacheDtype
    gpu: Gpu
    total_bytes: int
    max_model_len: int
    settings: VllmSettings
    value_bytes: int = 2
    first_start_share: float = 1.0


def profile(start: Start) -> Profile:
    """Return what `start` finds; a prediction from settings alone."""
    settings, size = start.settings, start.settings.tensor_parallel_size
    rows, tokens = rows_and_tokens(start)
    stages = settings.pipeline_parallel_size
    first_start = int(rules.first_start_bytes(start.version, start.runner) * start.first_start_share)
    last = _peak(start, rows=rows, tokens=tokens) + first_start
    first = last
    if stages > 1:
        first = (
            _peak(start, rows=0, tokens=tokens) + 2 * start.value_bytes * tokens * start.model.hidden_size + first_start
        )
    non_torch = rules.non_torch_bytes(
        start.version, start.gpu, tensor_parallel_size=size, pipeline_parallel_size=stages
    ) + rules.persistent_bytes(start.version, start.runner, start.model, rows=rows)
    graphs = 0
    if not settings.enforce_eager:
        graphs = graph_bytes(start.model, start.gpu, runner=start.runner, rows=rows, tokens=tokens)
    counted = rules.counts_graphs(start.version, start.runner)
    utilization = settings.gpu_memory_utilization or rules.default_utilization(start.version)
    budget = math.ceil(start.total_bytes * utilization)
    weights = weights_on_gpu_bytes(start)
    rest = budget - weights - non_torch - (graphs if counted else 0)
    pool = settings.kv_cache_memory_bytes or rest - first
    smallest = settings.kv_cache_memory_bytes or rest - max(first, last)
    block = settings.block_size or BLOCK_TOKENS
    page = block_bytes(start.model, start.kv_cache_dtype, block=block, tensor_parallel_size=size, stages=stages)
    return Profile(
        budget_bytes=budget,
        weights_bytes=weights,
        activation_bytes=first,
        non_torch_bytes=non_torch,
        graph_bytes=graphs,
        graphs_counted=counted,
        kv_cache_bytes=pool,
        kv_tokens=max(0, smallest // page) * block,
        bytes_per_token=page / block,
    )


def _peak(start: Start, *, rows: int, tokens: int) -> int:
    return activation_bytes(
        start.model,
        start.gpu,
        version=start.version,
        runner=start.runner,
        rows=rows,
        tokens=tokens,
        tensor_parallel_size=start.settings.tensor_parallel_size,
        value_bytes=start.value_bytes,
    )


def rows_and_tokens(start: Start) -> tuple[int, int]:
    """Return the sequences and the tokens of the largest step, vLLM's defaults where the settings name none."""
    settings = start.settings
    rows = settings.max_num_seqs or rules.default_max_num_seqs(start.version, start.gpu, start.total_bytes)
    tokens = settings.max_num_batched_tokens or rules.default_max_num_batched_tokens(
        start.version, start.gpu, start.total_bytes, runner=start.runner, max_model_len=start.max_model_len
    )
    return min(rows, tokens), tokens


def activation_bytes(
    model: ModelSpec,
    gpu: Gpu,
    *,
    version: Version,
    runner: rules.Runner,
    rows: int,
    tokens: int,
    tensor_parallel_size: int,
    value_bytes: int = 2,
) -> int:
    """Return the peak of the profiling pass: the MLP of `tokens` tokens, or the sampler with `rows` rows, if larger.

    The MLP holds its two halves and their product beside the hidden states (its share of them is a fit); the sampler
    runs while the hidden states of all tokens are still held.
    """
    hidden_tensors = _MLP_HIDDEN_TENSORS_V0 if runner in _V0_RUNNERS else _MLP_HIDDEN_TENSORS
    feed_forward = 3 * model.intermediate_size / tensor_parallel_size
    mlp = value_bytes * tokens * (feed_forward + hidden_tensors * model.hidden_size)
    logits = rules.sampler_bytes_per_logit(version, runner, value_bytes=value_bytes) * rows * model.vocab_size
    if logits:
        logits += rules.sampler_buffer_bytes(version, runner, model, gpu, rows=rows)
        logits += value_bytes * (tokens + 2 * rows) * model.hidden_size
    return math.ceil(max(mlp, logits)) + rules.workspace_bytes(gpu)


def graph_bytes(model: ModelSpec, gpu: Gpu, *, runner: rules.Runner, rows: int, tokens: int) -> int:
    """Return what CUDA graphs take: the first capture of each kind, then a step of 2 MiB for each further graph.

    A fit on H100 logs of 0.19 (28 to 80 layers); old drivers were seen to take three times as much (A100, 2.2 to 2.4
    GiB). Runner V2 shares one pool between both kinds of graph (0.23 GiB with 256 sequences on an A100, one log).
    """
    limit = 1024 if gpu.compute_capability is not None and gpu.compute_capability[0] == 10 else 512  # noqa: PLR2004
    graphs = count_captures(min(tokens, 2 * rows, limit)) + count_captures(min(tokens, rows, limit))
    if runner == "v2":
        return _SHARED_GRAPHS_BYTES + _SHARED_GRAPH_BYTES * graphs
    steps = max(1, int(model.num_hidden_layers * _GRAPH_BYTES_A_LAYER / _GRAPH_STEP_BYTES))
    return _GRAPHS_FIRST_BYTES + steps * _GRAPH_STEP_BYTES * max(0, graphs - 2)


def count_captures(largest: int) -> int:
    """Return how many batch sizes up to `largest` have a graph: 1, 2, 4, by 8 from 8 to 248, by 16 from 256."""
    small = sum(largest >= size for size in (1, 2, 4))
    return small + min(largest, 248) // 8 + max(0, (largest - 240) // 16)


def block_bytes(
    model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, block: int, tensor_parallel_size: int, stages: int
) -> int:
    """Return one block of KV cache on one GPU: its KV heads (at least one) in its stage's layers."""
    heads = max(1, model.num_key_value_heads // tensor_parallel_size)
    whole = kv_cache_bytes(model, kv_cache_dtype, tokens=block)
    return divide_up(whole * heads, model.num_key_value_heads * stages)


def weights_on_gpu_bytes(start: Start) -> int:
    """Return the weights of one GPU with the rotary table, as vLLM logs them."""
    settings, model = start.settings, start.model
    stages, size = settings.pipeline_parallel_size, settings.tensor_parallel_size
    embedding = start.value_bytes * embedding_elements(model)
    tables = embedding * (1 if model.tie_word_embeddings else 2)
    blocks = start.model_bytes - tables
    on_stage = blocks // stages + (tables if stages == 1 else embedding)
    padded = round_up(model.vocab_size, _EMBEDDING_ROWS_MULTIPLE * size) - model.vocab_size if size > 1 else 0
    norms = start.value_bytes * (2 * model.num_hidden_layers // stages + 1) * model.hidden_size
    split = on_stage + padded * model.hidden_size * start.value_bytes * (2 if stages == 1 else 1)
    shared = norms if size > 1 else 0
    rotary = rotary_cache_bytes(model, value_bytes=start.value_bytes)
    return divide_up(split - shared, size) + shared + rotary + _allocator_slack_bytes(start, on_stage=on_stage)


def _allocator_slack_bytes(start: Start, *, on_stage: int) -> int:
    """Return what PyTorch's allocator adds: blocks over 10 MiB fill whole 2 MiB, a rest up to 1 MiB stays theirs."""
    model, size, stages = start.model, start.settings.tensor_parallel_size, start.settings.pipeline_parallel_size
    query, key, value, output, gate, up, down = (matrix.elements for matrix in block_matrices(model))
    tables = start.value_bytes * embedding_elements(model) * (1 if model.tie_word_embeddings or stages > 1 else 2)
    bytes_per_weight = (on_stage - tables) * stages / (block_elements(model))
    stored = next(width for width in (0.5, 1, 2, 4) if bytes_per_weight < _STORED_WIDTH_MARGIN * width)
    layers = model.num_hidden_layers // stages
    slack = sum(_slack(int(elements * stored) // size) for elements in (query + key + value, output, gate + up, down))
    return layers * slack


def _slack(size: int) -> int:
    rest = round_up(size, _SEGMENT_BYTES) - size
    return rest if size >= _LARGE_BLOCK_BYTES and rest <= _UNSPLIT_BYTES else 0


def rotary_cache_bytes(model: ModelSpec, *, value_bytes: int = 2) -> int:
    """Return the table of sines and cosines: one row of `head_dim` values for every position."""
    return value_bytes * model.max_position_embeddings * model.head_dim
