"""The speed of many deployments at once: GPUs by weight formats by KV cache dtypes, under one engine in one layout."""

import functools
import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from planner.gpu import Gpu
from planner.kv_cache import KvCacheDtype
from planner.model import ModelSpec
from planner.speed.bands import half_widths
from planner.speed.coefficients import Coefficients, coefficients, scaled
from planner.speed.devices import Device, device
from planner.speed.engines import Generation, current_generation
from planner.speed.figures import Band, Speed
from planner.speed.formats import format_group, streamed_bytes
from planner.speed.grid_settings import grid_settings
from planner.speed.roofline import Physics, physics
from planner.speed.scenarios import Load, Run, first_token, gap_under_load, saturated_rate
from planner.speed.settings import Floats, Labels, Settings
from planner.speed.support import BASES, supports
from planner.weight_format import WeightFormat

FIGURES = ("ttft_seconds", "tpot_seconds", "tokens_per_second")
_DIGITS = 4


class Work(Struct, frozen=True, kw_only=True):
    """What each sequence is: tokens of its prompt and of its answer, each at least one."""

    prompt_tokens: int
    output_tokens: int


class _Prepared(Struct, frozen=True, kw_only=True):
    """What the load does not change: the settings of all combinations, their physics, what they rest on, and bands."""

    settings: Settings
    values: Physics
    basis: Labels
    widths: dict[str, Floats]


class SpeedGrid:
    """The speed of every weight format and KV cache dtype on several GPUs, in one layout at one batch.

    The figures are arrays of the shape (GPUs, weight formats, KV cache dtypes), NaN where there is no basis, for which
    `reason` says why; `widths` are the half-widths of their bands in logarithms: low is `figure * exp(-width)`, high
    `figure * exp(width)`. `batch` is the sequences of one replica, and the figures are those of one replica; an array
    of batches of the shape (batches, 1, 1, 1) puts that axis before the others.
    """

    def __init__(
        self,
        *,
        engine: str,
        model: ModelSpec,
        gpus: Sequence[Gpu],
        weight_formats: Sequence[WeightFormat],
        kv_cache_dtypes: Sequence[KvCacheDtype],
        tensor_parallel_size: int,
        batch: int | Floats,
        work: Work,
        calibrated: Coefficients | None = None,
    ) -> None:
        """Predict all of them with the project's coefficients, or with those given."""
        self._calibrated = coefficients() if calibrated is None else calibrated
        batches = np.asarray(batch, dtype=np.float64)
        shape = np.broadcast_shapes((len(gpus), len(weight_formats), len(kv_cache_dtypes)), batches.shape)
        self.figures: dict[str, Floats] = {figure: np.full(shape, np.nan) for figure in FIGURES}
        self.widths: dict[str, Floats] = {figure: np.full(shape, np.nan) for figure in FIGURES}
        self.basis: Labels = np.full(shape, None, dtype=np.object_)
        generation = current_generation(engine)
        devices = [device(gpu) for gpu in gpus]
        groups = [format_group(found) for found in weight_formats]
        self._engine_reason = generation if isinstance(generation, str) else ""
        self._gpu_reasons = [found if isinstance(found, str) else "" for found in devices]
        self._format_reasons = [
            "" if group else f"no measured case of kernels for {found.weight_format} is calibrated"
            for group, found in zip(groups, weight_formats, strict=True)
        ]
        rows = [index for index, reason in enumerate(self._gpu_reasons) if not reason]
        columns = [index for index, reason in enumerate(self._format_reasons) if not reason]
        if isinstance(generation, str) or not rows or not columns:
            return
        prepare = _prepare_once if calibrated is None else _prepare
        prepared = prepare(
            generation,
            model,
            tuple(found for found in devices if not isinstance(found, str)),
            tuple(
                (group, streamed_bytes(model, found))
                for group, found in zip(groups, weight_formats, strict=True)
                if group is not None
            ),
            tuple(kv_cache_dtypes),
            tensor_parallel_size=tensor_parallel_size,
            calibrated=calibrated,
        )
        self._rows, self._columns = (found.astype(np.intp) for found in np.ix_(rows, columns))
        self.basis[..., self._rows, self._columns, :] = prepared.basis
        run = Run(prepared.settings, prepared.values, _load(work, batches))
        gap = gap_under_load(run)
        self._put(self.figures["ttft_seconds"], first_token(run) + np.where(batches > 1.0, gap, 0.0))
        self._put(self.figures["tpot_seconds"], gap)
        self._put(self.figures["tokens_per_second"], saturated_rate(run))
        for figure, widths in prepared.widths.items():
            self._put(self.widths[figure], widths)

    def reason(self, gpu: int, weight_format: int) -> str:
        """Return why there are no figures in a row and a column; an empty string where there are."""
        return self._engine_reason or self._gpu_reasons[gpu] or self._format_reasons[weight_format]

    def speed(self, *position: int, throughput_times: float = 1.0) -> Speed:
        """Return the speed at a position of the arrays, with that many times the throughput of one replica."""
        basis = self.basis[position]
        if basis is None:
            return Speed(basis=None, reason=self.reason(position[-3], position[-2]))
        gap = self._band("tpot_seconds", position)
        return Speed(
            basis=basis,
            ttft_seconds=self._band("ttft_seconds", position),
            tpot_seconds=gap,
            tokens_per_second_per_user=Band(
                estimate=_rounded(1 / gap.estimate), low=_rounded(1 / gap.high), high=_rounded(1 / gap.low)
            ),
            tokens_per_second=self._band("tokens_per_second", position, times=throughput_times),
        )

    def _band(self, figure: str, position: tuple[int, ...], *, times: float = 1.0) -> Band:
        estimate = times * float(self.figures[figure][position])
        factor = math.exp(float(self.widths[figure][position]))
        return Band(estimate=_rounded(estimate), low=_rounded(estimate / factor), high=_rounded(estimate * factor))

    def _put(self, target: Floats, values: Floats) -> None:
        target[..., self._rows, self._columns, :] = values


def _prepare(
    generation: Generation,
    model: ModelSpec,
    devices: tuple[Device, ...],
    formats: tuple[tuple[str, float], ...],
    kv_cache_dtypes: tuple[KvCacheDtype, ...],
    *,
    tensor_parallel_size: int,
    calibrated: Coefficients | None,
) -> _Prepared:
    settings = grid_settings(
        generation, model, devices, formats, kv_cache_dtypes, tensor_parallel_size=tensor_parallel_size
    )
    used = coefficients() if calibrated is None else calibrated
    values = physics(scaled(settings.labels, settings.slopes, used.effects))
    found = supports(settings.labels, used.measured)
    by_figure = {figure: half_widths(used.bands, generation.family, figure) for figure in FIGURES}
    return _Prepared(
        settings=settings,
        values=values,
        basis=np.asarray(np.frompyfunc(BASES.__getitem__, 1, 1)(found), dtype=np.object_),
        widths={
            figure: np.asarray(np.frompyfunc(by_support.__getitem__, 1, 1)(found), dtype=np.float64)
            for figure, by_support in by_figure.items()
        },
    )


_prepare_once = functools.lru_cache(maxsize=256)(_prepare)


def _load(work: Work, batches: Floats) -> Load:
    one = np.ones_like(batches)
    return Load(
        prompt_tokens=work.prompt_tokens * one,
        output_tokens=work.output_tokens * one,
        batch=batches,
        depth=(work.prompt_tokens + work.output_tokens / 2) * one,
        requests=one,
        requests_per_second=0.0 * one,
        longest_output_tokens=work.output_tokens * one,
        waves=one,
    )


def _rounded(value: float) -> float:
    """Return a value with as many digits as a prediction can have."""
    return float(f"{value:.{_DIGITS}g}")
