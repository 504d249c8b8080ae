"""Published scores with the KV cache in other element types than the model's own."""

import functools
from importlib import resources

import msgspec
from msgspec import Struct

from planner.weight_format import QualityScore


class _Scores(Struct, frozen=True, kw_only=True):
    scores: dict[str, tuple[QualityScore, ...]]


@functools.cache
def kv_cache_scores() -> dict[str, tuple[QualityScore, ...]]:
    """Return all published scores by the id of the KV cache dtype; those that nobody measured are missing."""
    text = resources.files("planner.facts").joinpath("kv_cache_scores.json").read_bytes()
    return msgspec.json.decode(text, type=_Scores).scores
