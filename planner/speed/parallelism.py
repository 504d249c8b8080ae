"""Several GPUs for one copy of the model: what is split among them, and what they exchange."""

from msgspec import Struct

from planner.model import ModelSpec
from planner.speed.devices import Device
from planner.speed.engines import Generation

_EXCHANGES_PER_LAYER = 2
_ACTIVATION_BYTES = 2
# Measured all-reduces of one token's activations: NVLink is one hop, PCIe goes through the host.
_NVLINK_SECONDS = 12e-6
_PCIE_SECONDS_PER_GPU = 15e-6
_NVLINK_SHARE = 0.35
_PCIE_BYTES_PER_SECOND = 8e9
_SWITCHED_NVLINK_BYTES_PER_SECOND = 300e9
_SECONDS_TO_THE_NEXT_GPU = 0.15e-3


class Parallelism(Struct, frozen=True, kw_only=True):
    """How several GPUs share one copy of the model.

    `split` divides weights, cache and arithmetic; in each forward pass there are `exchanges`, each of
    `exchange_seconds` and more with every token.
    """

    gpu_count: int
    split: float
    exchanges: float
    exchange_seconds: float
    exchange_seconds_per_token: float


ALONE = Parallelism(gpu_count=1, split=1.0, exchanges=0.0, exchange_seconds=0.0, exchange_seconds_per_token=0.0)


def parallelism(generation: Generation, device: Device, model: ModelSpec, *, tensor_parallel_size: int) -> Parallelism:
    """Return how `tensor_parallel_size` GPUs share the model.

    Tensor parallelism sums activations over all GPUs after attention and after the MLP of every layer. llama.cpp gives
    each GPU some layers: a token passes them in turn, so nothing gets faster.
    """
    if tensor_parallel_size == 1:
        return ALONE
    if generation.splits_layers:
        return Parallelism(
            gpu_count=tensor_parallel_size,
            split=1.0,
            exchanges=tensor_parallel_size - 1.0,
            exchange_seconds=_SECONDS_TO_THE_NEXT_GPU,
            exchange_seconds_per_token=0.0,
        )
    is_switched = device.nvlink_bytes_per_second >= _SWITCHED_NVLINK_BYTES_PER_SECOND
    link = _NVLINK_SHARE * device.nvlink_bytes_per_second if is_switched else _PCIE_BYTES_PER_SECOND
    sent = 2.0 * (tensor_parallel_size - 1) / tensor_parallel_size * _ACTIVATION_BYTES * model.hidden_size
    return Parallelism(
        gpu_count=tensor_parallel_size,
        split=float(tensor_parallel_size),
        exchanges=float(_EXCHANGES_PER_LAYER * model.num_hidden_layers),
        exchange_seconds=_NVLINK_SECONDS if is_switched else _PCIE_SECONDS_PER_GPU * tensor_parallel_size,
        exchange_seconds_per_token=sent / link,
    )
