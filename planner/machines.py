"""The machines that a fit request names."""

from msgspec import Struct

from planner.errors import InvalidRequest, suggest
from planner.fit_request import FitRequest
from planner.gpu import Gpu
from planner.inventory import Inventory
from planner.units import GIB

_VISIBLE_SHARE_OF_BOX = 0.93
"""What a program sees of the gigabytes on the box: the lowest of the measured cards of 10 to 80 GB shows 0.918 (a 24 GB
card at 22.03 GiB), most show 0.96 to 0.99."""


class Machine(Struct, frozen=True, kw_only=True):
    """A number of GPUs of one kind, from an offer where `instance_type` names it."""

    gpu: Gpu
    gpu_count: int
    instance_type: str | None = None
    warnings: tuple[str, ...] = ()


def find_machines(request: FitRequest, inventory: Inventory) -> list[Machine]:
    """Return every machine that `request` names, in the order of the names, GPUs before instance types.

    Raises UnknownGpu, and InvalidRequest (`unknown_instance_type`) for one that no offer has.
    """
    if request.memory_bytes is not None:
        return [_plain_machine(request, request.memory_bytes / GIB, basis="as the request says")]
    if request.vram_gb is not None:
        basis = f"inferred: {_VISIBLE_SHARE_OF_BOX:.0%} of the {request.vram_gb:g} GB on the box"
        return [_plain_machine(request, request.vram_gb * _VISIBLE_SHARE_OF_BOX, basis=basis)]
    gpus = {gpu.gpu_id: gpu for gpu in inventory.gpus}
    gpu_ids = dict.fromkeys(gpu_id for name in request.gpu for gpu_id in inventory.gpu_ids(name, field="gpu"))
    instances = [machine for name in request.instance_type for machine in _instances(name, inventory)]
    return [*(Machine(gpu=gpus[gpu_id], gpu_count=request.gpu_count) for gpu_id in gpu_ids), *instances]


def _instances(name: str, inventory: Inventory) -> list[Machine]:
    found = {
        machine: offer.instance_type
        for machine, offer in zip(inventory.machines, inventory.offers, strict=True)
        if offer.instance_type.casefold() == name.strip().casefold()
    }
    if not found:
        known = {offer.instance_type: offer.instance_type for offer in inventory.offers}
        nearest = suggest(name, known)
        hint = f" Nearest: {', '.join(nearest)}." if nearest else ""
        raise InvalidRequest(
            f"No offer has the instance type {name[:80]!r}.{hint}",
            code="unknown_instance_type",
            field="instance_type",
            allowed="an instance type of the offers",
            nearest=nearest,
        )
    return [
        Machine(gpu=inventory.gpus[index], gpu_count=gpu_count, instance_type=instance_type)
        for (index, gpu_count), instance_type in sorted(found.items())
    ]


def _plain_machine(request: FitRequest, gib: float, *, basis: str) -> Machine:
    gpu = Gpu(
        gpu_id="any",
        name=f"a GPU of {gib:.2f} GiB",
        vendor="nvidia",
        architecture="Ada",
        gpu_class="data_center",
        visible_memory_gib=gib,
        visible_memory_basis=basis,
        compute_capability=(8, 9),
    )
    assumed = "no GPU was named: taken as NVIDIA of compute capability 8.9, which runs all but 4-bit floats natively"
    return Machine(gpu=gpu, gpu_count=request.gpu_count, warnings=(assumed,))
