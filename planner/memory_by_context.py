"""How the memory of an option grows with its context."""

from msgspec import Struct

from planner.engines import Deployment, memory
from planner.engines.registry import make_engine
from planner.facts import kv_cache_dtypes, weight_formats
from planner.inventory import Inventory
from planner.memory import Memory
from planner.plan import Option
from planner.request import PlanRequest
from planner.units import divide_up

SHORTEST_CONTEXT = 2_048
_STEPS = 64


class MemoryAtContext(Struct, frozen=True, kw_only=True):
    """The memory of the fullest GPU where each sequence may hold `context` tokens; the headroom may be negative."""

    context: int
    per_gpu: Memory


class MemoryCurve(Struct, frozen=True, kw_only=True):
    """The memory of an option at contexts up to the model's own limit, its batch and all else as planned.

    `points` are in order of context; the planned context and the option's `max_context` are among them.
    """

    longest_context: int
    points: tuple[MemoryAtContext, ...]


def memory_curve(option: Option, request: PlanRequest, inventory: Inventory) -> MemoryCurve:
    """Return the memory of `option` of the plan for `request` from `inventory`, at contexts of even steps."""
    specs = {spec.model_id: spec for spec in inventory.models.find(request.model, config=request.config)}
    model = specs[option.model_id]
    gpu = next(gpu for gpu in inventory.gpus if gpu.gpu_id == option.gpu.gpu_id)
    engine = make_engine(option.engine, engine_version=option.engine_version)
    longest = model.max_position_embeddings
    shortest = min(SHORTEST_CONTEXT, longest, request.context)
    even = (shortest + (longest - shortest) * step // _STEPS for step in range(_STEPS + 1))
    contexts = sorted({*even, request.context, option.max_context})
    return MemoryCurve(
        longest_context=longest,
        points=tuple(
            MemoryAtContext(
                context=context,
                per_gpu=memory(
                    engine,
                    Deployment(
                        model=model,
                        weight_format=weight_formats()[option.weight_format],
                        kv_cache_dtype=kv_cache_dtypes()[option.kv_cache_dtype],
                        gpu=gpu,
                        context=context,
                        batch=divide_up(request.batch, option.replicas),
                        tensor_parallel_size=option.tensor_parallel_size,
                        replicas=option.replicas,
                    ),
                ),
            )
            for context in contexts
        ),
    )
