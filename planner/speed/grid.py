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


class _Predicted(Struct, frozen=True, kw_only=True):
    """What a grid holds; shared by all grids of the same: nothing may write into it."""

    figures: dict[str, Floats]
    widths: dict[str, Floats]
    basis: Labels


class SpeedGrid:
    """The speed of every weight format and KV cache dtype on several GPUs, in one layout at one batch.

    The figures are arrays of the shape (GPUs, weight formats, KV cache dtypes), NaN where there is no basis, for which
    `reason` says why; `widths` are the half-widths of their bands in logarithms: low is `figure * exp(-width)`, high
    `figure * exp(width)`. `batch` is the sequences of one replica, and the figures are those of one replica; several
    batches become an axis before the others. The arrays are shared with other grids: they are only read.
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
        batch: int | tuple[int, ...],
        work: Work,
        calibrated: Coefficients | None = None,
    ) -> None:
        """Predict all of them with the project's coefficients, or with those given."""
        generation = current_generation(engine)
        devices = tuple(device(gpu) for gpu in gpus)
        groups = [format_group(found) for found in weight_formats]
        self._engine_reason = generation if isinstance(generation, str) else ""
        self._gpu_reasons = [found if isinstance(found, str) else "" for found in devices]
        self._format_reasons = [
            "" if group else f"no measured case of kernels for {found.weight_format} is calibrated"
            for group, found in zip(groups, weight_formats, strict=True)
        ]
        predict = _predict_once if calibrated is None else _predict
        predicted = predict(
            generation,
            model,
            devices,
            tuple(
                None if group is None else (group, streamed_bytes(model, found))
                for group, found in zip(groups, weight_formats, strict=True)
            ),
            tuple(kv_cache_dtypes),
            tensor_parallel_size=tensor_parallel_size,
            batch=batch,
            work=work,
            calibrated=calibrated,
        )
        self.figures, self.widths, self.basis = predicted.figures, predicted.widths, predicted.basis

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


def _predict(
    generation: Generation | str,
    model: ModelSpec,
    devices: tuple[Device | str, ...],
    formats: tuple[tuple[str, float] | None, ...],
    kv_cache_dtypes: tuple[KvCacheDtype, ...],
    *,
    tensor_parallel_size: int,
    batch: int | tuple[int, ...],
    work: Work,
    calibrated: Coefficients | None,
) -> _Predicted:
    batches = np.array(batch, dtype=np.float64).reshape((-1, 1, 1, 1) if isinstance(batch, tuple) else ())
    shape = np.broadcast_shapes((len(devices), len(formats), len(kv_cache_dtypes)), batches.shape)
    rows = [index for index, found in enumerate(devices) if not isinstance(found, str)]
    columns = [index for index, found in enumerate(formats) if found is not None]
    if isinstance(generation, str) or not rows or not columns:
        nothing: dict[str, Floats] = dict.fromkeys(FIGURES, np.full(shape, np.nan))
        return _Predicted(figures=nothing, widths=nothing, basis=np.full(shape, None, dtype=np.object_))
    prepare = _prepare_once if calibrated is None else _prepare
    prepared = prepare(
        generation,
        model,
        tuple(found for found in devices if not isinstance(found, str)),
        tuple(found for found in formats if found is not None),
        kv_cache_dtypes,
        tensor_parallel_size=tensor_parallel_size,
        calibrated=calibrated,
    )
    run = Run(prepared.settings, prepared.values, _load(work, batches))
    gap = gap_under_load(run)
    figures = {
        "ttft_seconds": first_token(run) + np.where(batches > 1.0, gap, 0.0),
        "tpot_seconds": gap,
        "tokens_per_second": saturated_rate(run),
    }
    places = np.ix_(rows, columns)

    def spread(values: Floats) -> Floats:
        whole = np.full(shape, np.nan)
        whole[..., *places, :] = values
        return whole

    basis = np.full(shape, None, dtype=np.object_)
    basis[..., *places, :] = prepared.basis
    return _Predicted(
        figures={figure: spread(found) for figure, found in figures.items()},
        widths={figure: spread(found) for figure, found in prepared.widths.items()},
        basis=basis,
    )


_predict_once = functools.lru_cache(maxsize=256)(_predict)


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
