"""The memory of one GPU in a deployment, part by part."""

from msgspec import Struct

from planner.units import GIB

NOISE_BYTES = 15 * GIB // 100
NOISE_PERCENT_OF_KV_CACHE = 7
WIDE_NOISE_BYTES = GIB // 2
WIDE_NOISE_PERCENT_OF_KV_CACHE = 10


class Overhead(Struct, frozen=True, kw_only=True):
    """What an engine takes on one GPU beside weights and KV cache, in bytes.

    `runtime_bytes` is everything that is neither weights, cache, activations nor graphs: the CUDA context, NCCL,
    library workspaces, and the share of the card that the engine's budget leaves untouched.
    """

    activation_bytes: int
    graph_bytes: int
    runtime_bytes: int

    @property
    def total_bytes(self) -> int:
        """The sum of the parts."""
        return self.activation_bytes + self.graph_bytes + self.runtime_bytes


class Memory(Struct, frozen=True, kw_only=True):
    """One GPU's memory in bytes: the parts and the headroom add up to `usable_bytes`, what a program on it sees.

    `margin_bytes` is the headroom that a fit must keep.
    """

    usable_bytes: int
    weights_bytes: int
    kv_cache_bytes: int
    activation_bytes: int
    graph_bytes: int
    runtime_bytes: int
    headroom_bytes: int
    margin_bytes: int

    @property
    def needed_bytes(self) -> int:
        """The sum of all parts without the headroom."""
        return self.usable_bytes - self.headroom_bytes

    @property
    def verdict(self) -> str:
        """`fits`, `tight` (inside the measured noise) or `does_not_fit`."""
        return verdict_of(self.headroom_bytes, margin_bytes=self.margin_bytes)


def verdict_of(headroom_bytes: int, *, margin_bytes: int) -> str:
    """Return `fits`, `does_not_fit`, or `tight` where the headroom is within the margin of nothing."""
    if headroom_bytes >= margin_bytes:
        return "fits"
    return "tight" if headroom_bytes > -margin_bytes else "does_not_fit"


def noise_bytes(kv_cache_bytes: int, *, is_wide: bool = False) -> int:
    """Return the margin that a fit must keep: 0.15 GiB or 7 % of the KV cache, whichever is larger.

    Source: the same vLLM settings on the same card were seen to differ by 0.08 to 0.13 GiB from run to run, and a cold
    compile cache to cost 5 to 7 % of the KV cache (logs of vLLM 0.24 to 0.28 on RTX 3090, 4090 and 5090).
    `is_wide`, for rules that rest on few cases: 0.5 GiB or 10 %, which holds the errors seen on those (0.49 GiB at
    most), though so few cannot tell how large they get.
    """
    least, percent = (
        (WIDE_NOISE_BYTES, WIDE_NOISE_PERCENT_OF_KV_CACHE) if is_wide else (NOISE_BYTES, NOISE_PERCENT_OF_KV_CACHE)
    )
    return max(least, -(-kv_cache_bytes * percent // 100))
