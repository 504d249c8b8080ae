"""The device product: what a GPU is and can run."""

from msgspec import Struct

from planner.units import gib_to_bytes


class Gpu(Struct, frozen=True, kw_only=True):
    """A GPU product, as an inventory lists it.

    `visible_memory_gib` is what a program on it really sees (`visible_memory_basis` says how that is known), never the
    number on the box. `compute_capability` is NVIDIA's (major, minor), `gfx_target` AMD's. `families` are names that
    several products share ("h100"). Dense compute in teraflops with FP32 accumulation; null where unknown.
    """

    gpu_id: str
    name: str
    vendor: str
    architecture: str
    gpu_class: str
    visible_memory_gib: float
    visible_memory_basis: str
    aliases: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    compute_capability: tuple[int, int] | None = None
    gfx_target: str | None = None
    memory_gb: float | None = None
    memory_bandwidth_gb_per_s: float | None = None
    fp16_dense_tflops: float | None = None
    fp8_dense_tflops: float | None = None
    int8_dense_tflops: float | None = None
    fp4_dense_tflops: float | None = None
    compute_confidence: str | None = None
    compute_basis: str | None = None
    tdp_watts: float | None = None
    nvlink_gb_per_s: float | None = None
    pcie: str | None = None
    form_factor: str | None = None
    launch_msrp_usd: float | None = None
    release_year: int | None = None
    conflicts: tuple[str, ...] = ()

    @property
    def memory_bytes(self) -> int:
        """Bytes that a program on this GPU sees."""
        return gib_to_bytes(self.visible_memory_gib)
