"""`/v1/inventory/gpus`: the GPU products that offers and machines stand on."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Gpu
from service.api.inventory.resource import Resource, make_router
from service.api.inventory.words import Capability, Name, NewGpuId, Rate, RateOrNone, Size, Text, Texts, Year
from service.inventory.gpu_changes import add_gpus, load_gpu, load_gpu_page, remove_gpu, update_gpu

_LISTS: Final = ("aliases", "families", "conflicts", "compute_capability")


class GpuList(Struct, frozen=True, kw_only=True):
    """GPUs by identifier; `next_cursor` leads to the page after this one, null to none."""

    items: tuple[Gpu, ...]
    next_cursor: str | None


class GpuChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a GPU."""

    name: Name
    vendor: Literal["nvidia", "amd", "intel"]
    architecture: Text
    gpu_class: Literal["consumer", "workstation", "data_center"]
    visible_memory_gib: Size
    visible_memory_basis: Text = "stated by its owner"
    aliases: Texts = []
    families: Texts = []
    compute_capability: Capability | None = None
    gfx_target: Text | None = None
    memory_gb: Size | None = None
    memory_bandwidth_gb_per_s: Rate | None = None
    fp16_dense_tflops: Rate | None = None
    fp8_dense_tflops: Rate | None = None
    int8_dense_tflops: Rate | None = None
    fp4_dense_tflops: Rate | None = None
    compute_confidence: Text | None = None
    compute_basis: Text | None = None
    tdp_watts: Rate | None = None
    nvlink_gb_per_s: RateOrNone | None = None
    pcie: Text | None = None
    form_factor: Text | None = None
    launch_msrp_usd: Rate | None = None
    release_year: Year | None = None
    conflicts: Texts = []


class NewGpu(GpuChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A GPU to create."""

    gpu_id: NewGpuId


class Gpus(Resource[Gpu]):
    """The GPUs of the inventory."""

    path = "gpus"
    noun = "GPU"
    id_name = "gpu_id"
    thing = Gpu
    page = GpuList
    creation = NewGpu
    change = GpuChange

    async def load(self, session: AsyncSession, thing_id: str) -> Gpu:
        """Return the GPU of that identifier."""
        return await load_gpu(session, thing_id)

    async def load_page(self, session: AsyncSession, *, after: str, limit: int, **filters: Any) -> Sequence[Gpu]:  # noqa: ANN401 - none
        """Return the first `limit` GPUs after that identifier."""
        return await load_gpu_page(session, after=after, limit=limit, **filters)

    def identify(self, values: NewGpu) -> str:
        """Return the GPU's identifier."""
        return values.gpu_id

    async def create(self, session: AsyncSession, values: NewGpu) -> None:
        """Add the GPU."""
        await add_gpus(session, [Gpu(**_frozen(asdict(values)))])

    async def update(self, session: AsyncSession, thing: Gpu, changes: dict[str, Any]) -> None:
        """Change the GPU's fields given."""
        await update_gpu(session, replace(thing, **_frozen(changes)))

    async def remove(self, session: AsyncSession, thing_id: str) -> None:
        """Delete a GPU that no offer stands on."""
        await remove_gpu(session, thing_id)


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if name in _LISTS and value is not None else value for name, value in values.items()}


ROUTER: Final = make_router(Gpus())
