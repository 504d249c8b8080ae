"""How weights are stored: sizes, quality, and what runs them."""

from msgspec import Struct

TIERS = ("lossless", "near_lossless", "degraded", "poor")


class WeightSize(Struct, frozen=True, kw_only=True):
    """Exact stored bytes of one model in one format; `host_bytes` of them stay in host memory when all layers are on GPUs."""

    stored_bytes: int
    bits_per_weight: float
    source: str
    host_bytes: int = 0


class WeightQuality(Struct, frozen=True, kw_only=True):
    """Quality against bf16: the tier, the share of the reasoning average kept (null where not measured), the source."""

    tier: str
    recovery: float | None
    source: str


class Floor(Struct, frozen=True, kw_only=True):
    """From which compute capability a format runs: natively, and by a fallback kernel (weight-only); null is never."""

    native: tuple[int, int] | None
    fallback: tuple[int, int] | None
    kernel: str = ""


class WeightFormat(Struct, frozen=True, kw_only=True):
    """A weight format: `weight_bits` is its nominal width (16, 8, 6, 5, 4, 3, 2, 1); sizes and quality by model id."""

    weight_format: str
    family: str
    weight_bits: int
    layout: str
    nvidia_floor: dict[str, Floor]
    sizes: dict[str, WeightSize]
    quality: dict[str, WeightQuality]


class Checkpoint(Struct, frozen=True, kw_only=True):
    """The repository that a launch command loads, or how to make one where none is published."""

    repository: str | None
    published: bool
    confidence: str
    how_to_make: str = ""


def lower_tier(one: str, other: str) -> str:
    """Return the worse of two quality tiers."""
    return max(one, other, key=TIERS.index)
