"""What a serving engine must say: what it runs, what memory it takes, how it is launched."""

from typing import Protocol

from msgspec import Struct

from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype
from planner.memory import NOISE_BYTES, Memory, Overhead, noise_bytes, verdict_of
from planner.model import ModelSpec
from planner.weight_format import Checkpoint, WeightFormat

_VERDICTS = ("fits", "tight", "does_not_fit")
_MANY_TOKENS = 1 << 20


class Deployment(Struct, frozen=True, kw_only=True):
    """One way to run a model on GPUs of one kind.

    `batch` is the sequences that the busiest replica holds at full `context` tokens each; a replica spans
    `tensor_parallel_size` GPUs and there are `replicas` of them.
    """

    model: ModelSpec
    weight_format: WeightFormat
    kv_cache_dtype: KvCacheDtype
    gpu: Gpu
    context: int
    batch: int
    tensor_parallel_size: int = 1
    replicas: int = 1


class Support(Struct, frozen=True, kw_only=True):
    """Whether an engine runs something on a GPU: `reason` when not, `note` where a fallback kernel does the work."""

    runs: bool
    native: bool = True
    measured: bool = True
    reason: str = ""
    note: str = ""


class Launch(Struct, frozen=True, kw_only=True):
    """A command that pastes and runs, and what to know before running it."""

    command: str
    notes: tuple[str, ...] = ()


class Budget(Struct, frozen=True, kw_only=True):
    """The two limits of one GPU, in bytes, beside weights and KV cache.

    The engine may use `limit_bytes`, of which `inside_bytes` go to activations and the like; `outside_bytes` lie on the
    card beside that: the CUDA context, NCCL, late allocations. An engine that `fills_limit` takes all of it for its
    cache, however little is asked for. `cache_limit_bytes` is what a setting gives the cache, null without one.
    """

    limit_bytes: int
    inside_bytes: int
    outside_bytes: int
    fills_limit: bool
    cache_limit_bytes: int | None = None


class MemoryTest(Struct, frozen=True, kw_only=True):
    """One of the two tests of a fit: `engine_budget` (does it start) or `physical_card` (does the card hold it)."""

    test: str
    limit_bytes: int
    needed_bytes: int
    headroom_bytes: int
    verdict: str


class Engine(Protocol):
    """A serving engine: its memory is weights + KV cache + overhead, each for the fullest GPU of a deployment.

    The three parts are separate so that a search can add them up for many combinations at once: weights do not depend
    on the GPU or the batch, the cache not on the weights, the overhead not on the weight format; and the overhead
    is a sum of what the GPU and what the cache's dtype decide. None may shrink when context or batch grows.
    """

    engine: str
    engine_version: str
    batches: bool
    """Whether it schedules many sequences together well (a batching server)."""
    max_sequences: int | None
    """The most sequences that one replica may hold; null where the engine sets no limit."""
    few_cases: str
    """On how few measured cases its rules rest, as a sentence; empty where they are enough."""

    def tensor_parallel_sizes(self, model: ModelSpec) -> tuple[int, ...]:
        """Return the tensor parallel sizes that divide this model, of 1, 2, 4 and 8."""
        ...

    def supports(self, weight_format: WeightFormat, kv_cache_dtype: KvCacheDtype, gpu: Gpu) -> Support:
        """Say whether this pair of formats runs on that GPU."""
        ...

    def weights_bytes(self, model: ModelSpec, weight_format: WeightFormat, *, tensor_parallel_size: int) -> int:
        """Return the weights' bytes on one GPU."""
        ...

    def kv_cache_bytes(
        self, model: ModelSpec, kv_cache_dtype: KvCacheDtype, *, context: int, batch: int, tensor_parallel_size: int
    ) -> int:
        """Return the bytes that `batch` sequences of `context` tokens take on one GPU, with the engine's rounding."""
        ...

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
        """Return what else one GPU must hold."""
        ...

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
        """Return the engine's own limit and what lies outside it."""
        ...

    def launch(self, deployment: Deployment, checkpoint: Checkpoint) -> Launch:
        """Return the command that runs `deployment` exactly as planned."""
        ...


def memory(engine: Engine, deployment: Deployment) -> Memory:
    """Return one GPU's memory in `deployment` under `engine`, part by part."""
    size = deployment.tensor_parallel_size
    weights = engine.weights_bytes(deployment.model, deployment.weight_format, tensor_parallel_size=size)
    cache = engine.kv_cache_bytes(
        deployment.model,
        deployment.kv_cache_dtype,
        context=deployment.context,
        batch=deployment.batch,
        tensor_parallel_size=size,
    )
    overhead = engine.overhead(
        deployment.model,
        deployment.kv_cache_dtype,
        deployment.gpu,
        context=deployment.context,
        batch=deployment.batch,
        tensor_parallel_size=size,
    )
    usable = deployment.gpu.memory_bytes
    return Memory(
        usable_bytes=usable,
        weights_bytes=weights,
        kv_cache_bytes=cache,
        activation_bytes=overhead.activation_bytes,
        graph_bytes=overhead.graph_bytes,
        runtime_bytes=overhead.runtime_bytes,
        headroom_bytes=usable - weights - cache - overhead.total_bytes,
        margin_bytes=margin_bytes(engine, deployment.gpu, kv_cache_bytes=cache),
    )


def margin_bytes(engine: Engine, gpu: Gpu, *, kv_cache_bytes: int) -> int:
    """Return the headroom that a fit must keep: more where the engine's rules rest on few cases."""
    return noise_bytes(kv_cache_bytes, is_wide=bool(few_cases(engine, gpu)))


def few_cases(engine: Engine, gpu: Gpu) -> str:
    """Return on how few measured cases the rules for `engine` on `gpu` rest; empty where they are enough."""
    if gpu.vendor != "nvidia":
        return f"at most one measured case of any engine on {gpu.vendor}"
    return engine.few_cases


def fits(engine: Engine, deployment: Deployment) -> bool:
    """Return whether the verdict is `fits`."""
    needed = memory(engine, deployment)
    return needed.headroom_bytes >= needed.margin_bytes and card_spare_bytes(engine, deployment) >= 0


def card_spare_bytes(engine: Engine, deployment: Deployment) -> int:
    """Return what is left of the limits that only settings can make narrow: of the cache, and of the card beside it.

    Zero or more where they hold. It never grows with context or batch.
    """
    budget = budget_of(engine, deployment)
    if budget.cache_limit_bytes is not None:
        return budget.cache_limit_bytes - memory(engine, deployment).kv_cache_bytes
    if not budget.fills_limit:
        return 0
    return deployment.gpu.memory_bytes - budget.limit_bytes - budget.outside_bytes - NOISE_BYTES


def verdict(engine: Engine, deployment: Deployment) -> str:
    """Return the worse verdict of both tests: `fits`, `tight` or `does_not_fit`."""
    verdicts = {memory(engine, deployment).verdict, *(test.verdict for test in tests_of(engine, deployment))}
    return max(verdicts, key=_VERDICTS.index)


def budget_of(engine: Engine, deployment: Deployment) -> Budget:
    """Return the limits of one GPU of `deployment` under `engine`."""
    return engine.budget(
        deployment.model,
        deployment.kv_cache_dtype,
        deployment.gpu,
        context=deployment.context,
        batch=deployment.batch,
        tensor_parallel_size=deployment.tensor_parallel_size,
    )


def tests_of(engine: Engine, deployment: Deployment) -> tuple[MemoryTest, MemoryTest]:
    """Return both tests of a fit: the engine's own budget, and the physical card."""
    needed, budget = memory(engine, deployment), budget_of(engine, deployment)
    held = needed.weights_bytes + needed.kv_cache_bytes + budget.inside_bytes
    if budget.cache_limit_bytes is not None:
        return (
            _test("engine_budget", budget.cache_limit_bytes, needed.kv_cache_bytes, margin_bytes=0),
            _test("physical_card", needed.usable_bytes, held + budget.outside_bytes, margin_bytes=needed.margin_bytes),
        )
    on_card = (budget.limit_bytes if budget.fills_limit else held) + budget.outside_bytes
    card_margin = NOISE_BYTES if budget.fills_limit else needed.margin_bytes
    return (
        _test("engine_budget", budget.limit_bytes, held, margin_bytes=needed.margin_bytes),
        _test("physical_card", needed.usable_bytes, on_card, margin_bytes=card_margin),
    )


def kv_token_capacity(engine: Engine, deployment: Deployment) -> int:
    """Return how many tokens of KV cache one replica of `deployment` could hold in the engine's budget."""
    needed, budget = memory(engine, deployment), budget_of(engine, deployment)
    if needed.kv_cache_bytes == 0:
        return deployment.context * deployment.batch
    if budget.cache_limit_bytes is not None:
        many = engine.kv_cache_bytes(
            deployment.model,
            deployment.kv_cache_dtype,
            context=_MANY_TOKENS,
            batch=_MANY_TOKENS,
            tensor_parallel_size=deployment.tensor_parallel_size,
        )
        return budget.cache_limit_bytes * (_MANY_TOKENS * _MANY_TOKENS) // many
    room = budget.limit_bytes - needed.weights_bytes - budget.inside_bytes
    return max(0, room * deployment.context * deployment.batch // needed.kv_cache_bytes)


def _test(name: str, limit_bytes: int, needed_bytes: int, *, margin_bytes: int) -> MemoryTest:
    headroom = limit_bytes - needed_bytes
    return MemoryTest(
        test=name,
        limit_bytes=limit_bytes,
        needed_bytes=needed_bytes,
        headroom_bytes=headroom,
        verdict=verdict_of(headroom, margin_bytes=margin_bytes),
    )
