"""How weights are stored: sizes, quality, and what runs them."""

from msgspec import Struct

TIERS = ("lossless", "near_lossless", "degraded", "poor")


class WeightSize(Struct, frozen=True, kw_only=True):
    """Exact stored bytes of one model in one format.

    `host_bytes` of them stay in host memory although all layers are on GPUs: llama.cpp never moves the token embedding.
    """

    stored_bytes: int
    bits_per_weight: float
    source: str
    host_bytes: int = 0
    stored_bytes_without_imatrix: int | None = None


class WeightQuality(Struct, frozen=True, kw_only=True):
    """Quality against bf16: the tier, the share of the reasoning average kept (null where not measured), the source."""

    tier: str
    recovery: float | None
    source: str


class QualityScore(Struct, frozen=True, kw_only=True):
    """A published measurement of a format: whose, of which model (often a proxy), and what it was compared with."""

    model: str
    scheme: str
    source: str
    values: dict[str, float | str]
    baseline: dict[str, float | str] = {}


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
    name: str = ""
    unquantized: str = ""
    needs_imatrix: bool = False
    scores: tuple[QualityScore, ...] = ()
    note: str = ""

    @property
    def is_gguf(self) -> bool:
        """Whether it is a GGUF mix, which only llama.cpp and Ollama load."""
        return self.family == "gguf"


class Checkpoint(Struct, frozen=True, kw_only=True):
    """The repository that a launch command loads, or how to make one where none is published.

    `repository` is null where none is published; `how_to_make` then says how, and `file_tag` is the quantization's name
    inside a GGUF repository ("Q4_K_M"). `confidence` is `read` or `recalled`, and `none` without a repository.
    """

    repository: str | None
    published: bool
    confidence: str
    how_to_make: str = ""
    file_tag: str = ""


def lower_tier(one: str, other: str) -> str:
    """Return the worse of two quality tiers."""
    return max(one, other, key=TIERS.index)
