"""What is predicted of a measured case, from its settings alone."""

from typing import Literal

from msgspec import Struct

Skip = str
"""Why a case is not predicted."""

Verdict = Literal["fits", "tight", "does_not_fit"]


class Prediction(Struct, frozen=True, kw_only=True):
    """A start as predicted, in bytes; null where the engine has no such part.

    `request_bytes` is the cache of one sequence of the whole context, `pool_bytes` of the GPU that has least of it.
    """

    weights_bytes: int | None
    pool_bytes: int
    smallest_pool_bytes: int
    kv_tokens: int
    bytes_per_token: float
    request_bytes: int | None
