"""The pairs of weight format and KV cache dtype that one model can run with under one engine."""

import functools
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from planner.engines import Engine, margin_bytes
from planner.engines.registry import ALL_ENGINES, ENGINES
from planner.facts import checkpoint_of, kv_cache_dtypes, weight_formats, weight_quality, weight_size
from planner.gpu import Gpu
from planner.inventory import Mask
from planner.kv_cache import KvCacheDtype
from planner.model import ModelSpec
from planner.request import PlanRequest
from planner.weight_format import TIERS, Checkpoint, WeightFormat

Bytes: TypeAlias = NDArray[np.int64]

_MOST_BYTES = 1 << 60
"""What no card holds by far: sizes above it are taken as it, so that sums of them stay within 64 bits."""


class Configurations:
    """Weight formats (rows) by KV cache dtypes (columns) of one model under one engine, for one request.

    Only those that meet the request's quality floor: a pair has the lower tier of the two, so both have to meet it.
    `tier_ranks` (0 is lossless) has that shape; `published`, and `losses` (the share of the reasoning average lost
    against bf16, 0 where nobody measured it), one entry a row. Bytes are cached, so that a search may ask
    for many layouts at little cost.
    """

    def __init__(self, model: ModelSpec, engine: Engine, request: PlanRequest) -> None:
        """Keep the formats that the request allows and that the engine knows."""
        self.model = model
        self.engine = engine
        formats = _wanted_weight_formats(engine, request)
        dtypes = _wanted_kv_cache_dtypes(engine, request)
        floor = TIERS.index(request.min_quality)
        ranks = {format_.weight_format: TIERS.index(weight_quality(model, format_).tier) for format_ in formats}
        self.weight_formats = [format_ for format_ in formats if ranks[format_.weight_format] <= floor]
        self.kv_cache_dtypes = [dtype for dtype in dtypes if TIERS.index(dtype.tier) <= floor]
        weight_ranks = [ranks[format_.weight_format] for format_ in self.weight_formats]
        cache_ranks = [TIERS.index(dtype.tier) for dtype in self.kv_cache_dtypes]
        self.tier_ranks: NDArray[np.int64] = np.maximum.outer(
            np.array(weight_ranks, dtype=np.int64), np.array(cache_ranks, dtype=np.int64)
        )
        recoveries = [weight_quality(model, format_).recovery for format_ in self.weight_formats]
        self.losses = np.array([0.0 if kept is None else 1 - kept for kept in recoveries], dtype=np.float64)
        self.checkpoints: list[Checkpoint] = [
            checkpoint_of(model, format_.weight_format) for format_ in self.weight_formats
        ]
        self.published: Mask = np.array([checkpoint.published for checkpoint in self.checkpoints], dtype=np.bool_)
        self._context = request.context
        self._names = _names(self.weight_formats, self.kv_cache_dtypes)
        self._all_names = _names(formats, dtypes)
        self._weights: dict[int, Bytes] = {}
        self._caches: dict[tuple[int, int], Bytes] = {}

    def supported(self, gpu: Gpu) -> Mask:
        """Return which pairs run on `gpu`."""
        return _supported(self.engine, gpu, self._names)

    def count_below_floor(self, gpu: Gpu) -> int:
        """Return how many pairs run on `gpu` but are left out for their quality."""
        return _count_supported(self.engine, gpu, self._all_names) - _count_supported(self.engine, gpu, self._names)

    def weights(self, tensor_parallel_size: int) -> Bytes:
        """Return each weight format's bytes on one GPU; as stored where the engine does not load that format at all."""
        if tensor_parallel_size not in self._weights:
            self._weights[tensor_parallel_size] = _to_array(
                [
                    self.engine.weights_bytes(self.model, format_, tensor_parallel_size=tensor_parallel_size)
                    if self.engine.engine in format_.nvidia_floor
                    else weight_size(self.model, format_).stored_bytes
                    for format_ in self.weight_formats
                ]
            )
        return self._weights[tensor_parallel_size]

    def caches(self, tensor_parallel_size: int, batch: int) -> Bytes:
        """Return each KV cache dtype's bytes on one GPU for `batch` sequences."""
        key = tensor_parallel_size, batch
        if key not in self._caches:
            caches = [
                self.engine.kv_cache_bytes(
                    self.model,
                    dtype,
                    context=self._context,
                    batch=batch,
                    tensor_parallel_size=tensor_parallel_size,
                )
                for dtype in self.kv_cache_dtypes
            ]
            self._caches[key] = _to_array(caches)
        return self._caches[key]

    def margins(self, gpus: Sequence[Gpu], caches: Bytes) -> Bytes:
        """Return the headroom that a fit must keep on each GPU (rows) with each of `caches` (columns)."""
        rows = {
            gpu.vendor: [margin_bytes(self.engine, gpu, kv_cache_bytes=cache) for cache in caches.tolist()]
            for gpu in {gpu.vendor: gpu for gpu in gpus}.values()
        }
        return np.array([rows[gpu.vendor] for gpu in gpus], dtype=np.int64)

    def overheads(self, gpus: Sequence[Gpu], tensor_parallel_size: int, batch: int) -> Bytes:
        """Return what else each GPU (rows) must hold with each KV cache dtype (columns).

        An engine's overhead is a sum of what the GPU decides and what the cache's dtype decides, so one row and one
        column of the matrix give the rest.
        """

        def overhead(gpu: Gpu, dtype: KvCacheDtype) -> int:
            return self.engine.overhead(
                self.model, dtype, gpu, context=self._context, batch=batch, tensor_parallel_size=tensor_parallel_size
            ).total_bytes

        first_row = _to_array([overhead(gpus[0], dtype) for dtype in self.kv_cache_dtypes])
        first_column = _to_array([overhead(gpu, self.kv_cache_dtypes[0]) for gpu in gpus])
        return first_column[:, None] + first_row - first_row[0]


def _to_array(sizes: list[int]) -> Bytes:
    return np.array([min(size, _MOST_BYTES) for size in sizes], dtype=np.int64)


def wanted_engines(request: PlanRequest) -> list[Engine]:
    """Return the engines to try: those that the request names, else those that a plan tries by default."""
    if not request.engine:
        return list(ENGINES.values())
    return [engine for name, engine in ALL_ENGINES.items() if name in request.engine]


def _wanted_weight_formats(engine: Engine, request: PlanRequest) -> list[WeightFormat]:
    """A format that the request names is kept under every engine, so that the answer can say why it does not run."""
    return [
        format_
        for name, format_ in weight_formats().items()
        if (name in request.weight_format if request.weight_format else engine.engine in format_.nvidia_floor)
        and (not request.weight_bits or format_.weight_bits in request.weight_bits)
    ]


def _wanted_kv_cache_dtypes(engine: Engine, request: PlanRequest) -> list[KvCacheDtype]:
    return [
        dtype
        for name, dtype in kv_cache_dtypes().items()
        if (name in request.kv_cache_dtype if request.kv_cache_dtype else engine.engine in dtype.engines)
    ]


def _names(formats: list[WeightFormat], dtypes: list[KvCacheDtype]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(format_.weight_format for format_ in formats), tuple(dtype.kv_cache_dtype for dtype in dtypes)


@functools.lru_cache(maxsize=4096)
def _supported(engine: Engine, gpu: Gpu, names: tuple[tuple[str, ...], tuple[str, ...]]) -> Mask:
    formats, dtypes = weight_formats(), kv_cache_dtypes()
    runs = [[engine.supports(formats[format_], dtypes[dtype], gpu).runs for dtype in names[1]] for format_ in names[0]]
    return np.array(runs, dtype=np.bool_).reshape(len(names[0]), len(names[1]))


@functools.lru_cache(maxsize=4096)
def _count_supported(engine: Engine, gpu: Gpu, names: tuple[tuple[str, ...], tuple[str, ...]]) -> int:
    return int(_supported(engine, gpu, names).sum())
