"""Whether an engine runs a weight format on a GPU: what its facts and the format's floors say."""

from planner.engines import Support
from planner.facts import EngineFacts
from planner.gpu import Gpu
from planner.weight_format import WeightFormat


def refuse(reason: str) -> Support:
    """Return that something does not run, and why."""
    return Support(runs=False, native=False, measured=False, reason=reason)


def check_weight_format(facts: EngineFacts, weight_format: WeightFormat, gpu: Gpu) -> Support:
    """Say whether the engine of `facts` runs `weight_format` on an NVIDIA `gpu`, natively or by a fallback kernel."""
    capability = gpu.compute_capability
    floor = weight_format.nvidia_floor.get(facts.engine)
    name = weight_format.weight_format
    if floor is None:
        return refuse(f"{facts.engine} does not load {name} weights")
    if capability is None:
        return refuse(f"{gpu.name} has no CUDA compute capability on record")
    if capability < facts.nvidia_min_compute_capability:
        return refuse(f"{facts.engine} needs compute capability {dotted(facts.nvidia_min_compute_capability)}")
    if floor.native is not None and capability >= floor.native:
        return Support(runs=True)
    if floor.fallback is not None and capability >= floor.fallback:
        note = f"{name} is not native on {gpu.name}: {floor.kernel}"
        return Support(runs=True, native=False, note=note)
    lowest = min(filter(None, (floor.native, floor.fallback)))
    return refuse(f"{name} needs compute capability {dotted(lowest)} under {facts.engine}, {gpu.name} has less")


def capability_of(gpu: Gpu) -> tuple[int, int]:
    """Return the compute capability of `gpu`, (0, 0) where it has none on record."""
    return (0, 0) if gpu.compute_capability is None else gpu.compute_capability


def dotted(capability: tuple[int, int]) -> str:
    """Return a compute capability as people write it, "8.9"."""
    return f"{capability[0]}.{capability[1]}"


def join(one: Support, other: Support) -> Support:
    """Return what holds when both must hold: both run, both are native, both are measured."""
    if not one.runs:
        return one
    if not other.runs:
        return other
    return Support(
        runs=True,
        native=one.native and other.native,
        measured=one.measured and other.measured,
        note="; ".join(filter(None, (one.note, other.note))),
    )
