"""Which coefficients the roofline has, and what each may depend on.

A coefficient is a base value plus effects of levels, from all of them down to one GPU. An effect is drawn to zero with
the strength of its level's `spread`, so what was never measured takes the value of the level above. Times and counts
add up in logarithms; efficiencies add up in log-odds of `CEILING`, so none can cross it.
"""

import math

from msgspec import Struct

CEILING = 0.97
"""The most of a bus or a unit that anything reaches: no reading and no arithmetic is faster."""


class Level(Struct, frozen=True, kw_only=True):
    """Settings that share one effect: those with equal labels of `parts` (none: all of them).

    With a `slope` the effect is multiplied by that quantity of the setting. `spread` is the standard deviation expected
    of the effects, in the coefficient's own scale.
    """

    parts: tuple[str, ...]
    spread: float
    slope: str = ""

    @property
    def name(self) -> str:
        """The level's name in the coefficients' file."""
        name = " x ".join(self.parts) or "all"
        return f"{self.slope} by {name}" if self.slope else name


class Coefficient(Struct, frozen=True, kw_only=True):
    """A coefficient of the roofline: its unit, what it means, its base value and its levels, widest first."""

    unit: str
    meaning: str
    base: float
    levels: tuple[Level, ...]

    @property
    def is_efficiency(self) -> bool:
        """Whether it is a share of a peak."""
        return self.unit == "share"

    @property
    def is_shift(self) -> bool:
        """Whether it moves another coefficient, in that one's own scale."""
        return self.unit == "log-odds"


def _level(spread: float, *parts: str) -> Level:
    return Level(parts=parts, spread=spread)


def _slope(spread: float, slope: str, *parts: str) -> Level:
    return Level(parts=parts, spread=spread, slope=slope)


COEFFICIENTS: dict[str, Coefficient] = {
    "step_overhead_ms": Coefficient(
        unit="ms",
        meaning="what a decode step takes beside reading and multiplying: launches, sampling, the host",
        base=math.log(1.2),
        levels=(
            _level(1.0),
            _level(0.3, "host"),
            _level(0.2, "engine"),
            _level(0.35, "build"),
            _level(0.25, "family", "speed_class"),
            _level(0.05, "family", "gpu"),
        ),
    ),
    "weight_reading": Coefficient(
        unit="share",
        meaning="of the memory bandwidth, while weights are read",
        base=1.4,
        levels=(
            _level(1.0),
            _level(0.5, "family"),
            _level(0.5, "format"),
            _level(0.2, "format", "family"),
            _slope(0.3, "bandwidth"),
            _slope(0.5, "bandwidth", "family"),
            _slope(0.15, "richness"),
            _slope(0.4, "richness", "family"),
            _level(0.15, "speed_class"),
            _level(0.12, "family", "speed_class"),
            _level(0.1, "architecture"),
            _level(0.15, "family", "architecture"),
            _level(0.35, "format", "family", "speed_class"),
            _level(0.05, "gpu"),
            _level(0.15, "family", "gpu"),
        ),
    ),
    "cache_reading": Coefficient(
        unit="share",
        meaning="of the memory bandwidth, while the KV cache is read",
        base=1.0,
        levels=(
            _level(1.0),
            _level(0.3, "family"),
            _level(0.3, "engine"),
            _level(0.3, "speed_class"),
            _level(0.3, "family", "speed_class"),
            _level(0.2, "cache"),
            _level(0.2, "cache", "family"),
            _level(1.0, "cache", "engine"),
        ),
    ),
    "cache_floor_sequences": Coefficient(
        unit="sequences",
        meaning="sequences that must be added to a batch before reading its KV cache keeps the bus busy",
        base=math.log(0.3),
        levels=(_level(1.0), _level(1.5, "family"), _level(0.2, "engine")),
    ),
    "prefill_arithmetic": Coefficient(
        unit="share",
        meaning="of the unit's peak, while a prompt's matrices are multiplied",
        base=0.5,
        levels=(
            _level(1.0),
            _level(1.0, "family"),
            _level(1.0, "format"),
            _level(0.4, "format", "family"),
            _level(0.1, "engine"),
            _slope(0.4, "power"),
            _slope(0.3, "power", "family"),
            _level(0.1, "speed_class"),
            _level(0.5, "family", "speed_class"),
            _level(0.12, "architecture"),
            _level(0.1, "family", "architecture"),
            _level(0.2, "format", "family", "speed_class"),
            _level(0.1, "gpu"),
            _level(0.5, "family", "gpu"),
        ),
    ),
    "decode_arithmetic_shift": Coefficient(
        unit="log-odds",
        meaning="how far a decode step's arithmetic is from a prompt's",
        base=-0.3,
        levels=(_level(0.4), _level(0.5, "family"), _level(0.4, "format")),
    ),
    "vector_arithmetic": Coefficient(
        unit="share",
        meaning="of the unit's peak, in kernels that take few sequences one by one",
        base=-2.8,
        levels=(_level(0.7),),
    ),
    "score_bytes": Coefficient(
        unit="bytes",
        meaning="what each attention score of a prompt moves over the memory bus without flash attention",
        base=math.log(8.0),
        levels=(_level(0.7), _level(0.3, "engine")),
    ),
    "attention_arithmetic": Coefficient(
        unit="share",
        meaning="of the 16-bit unit's peak, in a prompt's attention",
        base=0.0,
        levels=(_level(1.0), _level(0.7, "family"), _level(0.8, "engine"), _level(0.4, "family", "speed_class")),
    ),
    "sequence_overhead_us": Coefficient(
        unit="us",
        meaning="what each sequence adds to a decode step: scheduling, sampling, detokenizing",
        base=math.log(6.0),
        levels=(_level(1.0), _level(0.8, "host"), _level(0.4, "engine")),
    ),
    "request_overhead_ms": Coefficient(
        unit="ms",
        meaning="what each request costs a busy server beside its tokens",
        base=math.log(0.3),
        levels=(_level(1.0), _level(0.6, "host"), _level(0.4, "engine")),
    ),
    "first_token_overhead_ms": Coefficient(
        unit="ms",
        meaning="what comes before a request's first token beside its prompt",
        base=math.log(8.0),
        levels=(_level(1.0), _level(0.6, "engine")),
    ),
    "first_token_delay_steps": Coefficient(
        unit="steps",
        meaning="decode steps that pass before a first token is handed out, as that is done while the next runs",
        base=math.log(0.3),
        levels=(_level(0.7), _level(1.0, "engine")),
    ),
    "prefill_floor_tokens": Coefficient(
        unit="tokens",
        meaning="tokens that must be added to a prompt before its arithmetic keeps the unit busy",
        base=math.log(64.0),
        levels=(_level(0.5), _level(0.5, "family")),
    ),
    "overlap": Coefficient(
        unit="exponent",
        meaning="how sharply reading and multiplying overlap, above 1: the slower of them alone when large",
        base=math.log(2.0),
        levels=(_level(0.5), _level(0.35, "family")),
    ),
    "prefill_overlap": Coefficient(
        unit="exponent",
        meaning="the same for a prompt",
        base=0.0,
        levels=(_level(0.4), _level(0.5, "family")),
    ),
}
