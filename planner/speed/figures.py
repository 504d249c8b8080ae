"""The speed of one deployment, as an answer states it."""

from msgspec import Struct

from planner.speed.support import Basis


class Band(Struct, frozen=True, kw_only=True):
    """An estimate, and the `low` and `high` between which 80 % of measured cases lie."""

    estimate: float
    low: float
    high: float


class Speed(Struct, frozen=True, kw_only=True):
    """What a deployment reaches while all its sequences are in use; every figure is null without a `basis`.

    `basis` is `gpu` (measured on this GPU), `class` (on GPUs of its class) or `extrapolated`; `reason` says why there
    is none. `ttft_seconds` is the time to the first token of a request that finds the others decoding, `tpot_seconds`
    the mean time per output token of one request, `tokens_per_second_per_user` its inverse, both where the replica is
    fullest; `tokens_per_second` counts the output of all sequences.
    """

    basis: Basis | None
    reason: str = ""
    ttft_seconds: Band | None = None
    tpot_seconds: Band | None = None
    tokens_per_second_per_user: Band | None = None
    tokens_per_second: Band | None = None


class SpeedAtBatch(Struct, frozen=True, kw_only=True):
    """The speed while `batch` sequences are in use on the whole machine."""

    batch: int
    speed: Speed
