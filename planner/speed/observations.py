"""What measured cases observed, each with the settings and the load that it was observed under."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from msgspec import Struct

from planner.speed.cases import Case
from planner.speed.interpretation import cache_capacity_tokens, interpret
from planner.speed.scenarios import Load
from planner.speed.settings import Floats, Point

_LOCALSCORE_PROMPT_TOKENS = 1024.0
_SHAREGPT_TAIL = 2.2
_SHAREGPT_LONGEST = 512.0
_SHAREGPT_FROM = 260.0
_HELD_SHARE_OF_OUTPUT = 0.8
_LONG_OUTPUT = 1024
_FEW_REQUESTS = 64
_MANY_REQUESTS = 1e6
_NO_LENGTHS = "lengths are not stated"


class PointLoad(Struct, frozen=True, kw_only=True):
    """The load of one observation; see `planner.speed.scenarios.Load`."""

    prompt_tokens: float
    output_tokens: float
    batch: float
    depth: float
    requests: float = 1.0
    requests_per_second: float = 0.0
    longest_output_tokens: float = 0.0
    waves: float = 1.0


class Observation(Struct, frozen=True, kw_only=True):
    """One figure that a case observed: seconds, or tokens per second."""

    case: Case
    observable: str
    scenario: str
    point: Point
    load: PointLoad
    measured: float


class Observations(Struct, frozen=True, kw_only=True):
    """The figures of many cases, and why other cases gave none (by reason)."""

    used: tuple[Observation, ...]
    skipped: dict[str, int]


_Found = list[tuple[str, str, float | None, PointLoad]]


def observe(cases: Iterable[Case]) -> Observations:
    """Return every figure of the cases that the roofline can predict from their settings.

    A case that its file keeps for the record only (`fit` is false) is left out with that reason.
    """
    used: list[Observation] = []
    skipped: dict[str, int] = {}
    for case in cases:
        found = _observe(case)
        if isinstance(found, str):
            skipped[found] = skipped.get(found, 0) + 1
        else:
            used.extend(found)
    return Observations(used=tuple(used), skipped=dict(sorted(skipped.items())))


def loads(observations: Sequence[Observation]) -> Load:
    """Return the observations' loads as arrays."""

    def numbers(field: Callable[[PointLoad], float]) -> Floats:
        return np.array([field(observation.load) for observation in observations], dtype=np.float64)

    return Load(
        prompt_tokens=numbers(lambda load: load.prompt_tokens),
        output_tokens=numbers(lambda load: load.output_tokens),
        batch=numbers(lambda load: load.batch),
        depth=numbers(lambda load: load.depth),
        requests=numbers(lambda load: load.requests),
        requests_per_second=numbers(lambda load: load.requests_per_second),
        longest_output_tokens=numbers(lambda load: load.longest_output_tokens),
        waves=numbers(lambda load: load.waves),
    )


def _observe(case: Case) -> list[Observation] | str:
    if case.fit is False:
        return "kept for the record only (fit is false)"
    if any(value is not None and value < 0 for value in _settings(case)):
        return "length or count below zero"
    reader = _KINDS.get(case.kind)
    if reader is None:
        return f"kind that is not predicted: {case.kind}"
    point = interpret(case)
    if isinstance(point, str):
        return point
    found = reader(case, point)
    if isinstance(found, str):
        return found
    observations = [
        Observation(
            case=case, observable=observable, scenario=scenario, point=point, load=load, measured=float(measured)
        )
        for observable, scenario, measured, load in found
        if measured is not None and measured > 0
    ]
    return observations or "nothing observed that is predicted"


def _settings(case: Case) -> tuple[float | None, ...]:
    lengths = case.input_len, case.output_len, case.ctx_depth
    return (*lengths, case.concurrency, case.request_rate, case.num_requests, case.tp, case.gpu_count)


def _plain(case: Case) -> PointLoad:
    prompt, output = case.input_len or 0.0, case.output_len or 0.0
    return PointLoad(
        prompt_tokens=prompt,
        output_tokens=output,
        batch=case.concurrency or 1.0,
        depth=prompt + output / 2 if case.ctx_depth is None else case.ctx_depth,
    )


def _single_step(case: Case, _point: Point) -> _Found | str:
    if case.ctx_depth is None and not case.input_len and not case.output_len:
        return _NO_LENGTHS
    return [("tpot", "decode_step", case.tpot_s, _plain(case))]


def _interactive(case: Case, _point: Point) -> _Found | str:
    if not case.input_len:
        return _NO_LENGTHS
    load = _plain(case)
    return [("tpot", "decode_step", case.tpot_s, load), ("ttft", "first_token", case.ttft_s, load)]


def _prefill(case: Case, _point: Point) -> _Found | str:
    if case.gpu_count > 1:
        return "prompt that passes several GPUs in a pipeline"
    if not case.input_len:
        return _NO_LENGTHS
    return [("prefill", "prompt_rate", case.prefill_tps, _plain(case))]


def _localscore(case: Case, _point: Point) -> _Found | str:
    load = _plain(case)
    prompt = PointLoad(prompt_tokens=_LOCALSCORE_PROMPT_TOKENS, output_tokens=0.0, batch=1.0, depth=load.depth)
    return [
        ("tpot", "decode_step", case.tpot_s, load),
        ("prefill", "prompt_rate_of_a_request", case.prefill_tps, prompt),
    ]


def _single_request(case: Case, _point: Point) -> _Found | str:
    if not case.input_len or not case.output_len:
        return _NO_LENGTHS
    return [("latency", "single_request", case.latency_e2e_s, _plain(case))]


def _static_batch(case: Case, point: Point) -> _Found | str:
    if not case.input_len or not case.output_len:
        return _NO_LENGTHS
    load = _plain(case)
    if load.batch * (load.prompt_tokens + load.output_tokens) > cache_capacity_tokens(point):
        return "static batch larger than the KV cache"
    return [("latency", "static_batch", case.latency_e2e_s, load)]


def _held(point: Point, load: PointLoad) -> float:
    """Return how many sequences the KV cache holds on average.

    TensorRT-LLM reserves a request's whole length. The others take in what fits so far and put requests off again when
    they have grown too large: of the output, more than the half that is there on average counts.
    """
    share = 1.0 if point.generation.family == "tensorrt_llm" else _HELD_SHARE_OF_OUTPUT
    tokens = load.prompt_tokens + share * load.output_tokens
    return max(1.0, cache_capacity_tokens(point) / tokens)


def _burst(case: Case, point: Point) -> _Found | str:
    if not case.input_len or not case.output_len:
        return _NO_LENGTHS
    load = _plain(case)
    requests, output = case.num_requests or load.batch, load.output_tokens
    # Chat requests differ in length: when the last of them is decoded, most are done.
    is_chat = "ShareGPT" in (case.notes or "") and output > _SHAREGPT_FROM
    longest = min(_SHAREGPT_TAIL * output, _SHAREGPT_LONGEST) if is_chat else output
    live, held = requests * output / longest, _held(point, load)
    spread = PointLoad(
        prompt_tokens=load.prompt_tokens,
        output_tokens=output,
        batch=min(live, held),
        depth=load.depth,
        requests=requests,
        longest_output_tokens=longest,
        waves=max(1.0, live / held),
    )
    return [("latency", "burst", case.latency_e2e_s, spread)]


def _saturated(case: Case, point: Point) -> _Found | str:
    load = _plain(case)
    if not load.prompt_tokens or not load.output_tokens or not case.concurrency:
        return "lengths or concurrency are not stated"
    batch = min(case.concurrency, _held(point, load), point.generation.max_running)
    held = PointLoad(prompt_tokens=load.prompt_tokens, output_tokens=load.output_tokens, batch=batch, depth=load.depth)
    found: _Found = [("throughput", "saturated_rate", case.out_tps_total, held)]
    # Between long outputs other requests' prompts are so rare that the usual gap is a plain step.
    if load.output_tokens >= _LONG_OUTPUT and case.concurrency <= _FEW_REQUESTS:
        found.append(("tpot", "decode_step", case.tpot_s, held))
    return found


def _open_loop(case: Case, point: Point) -> _Found | str:
    load = _plain(case)
    if not case.request_rate or not load.prompt_tokens or not load.output_tokens:
        return "lengths or the request rate are not stated"
    arriving = PointLoad(
        prompt_tokens=load.prompt_tokens,
        output_tokens=load.output_tokens,
        batch=min(_held(point, load), point.generation.max_running),
        depth=load.depth,
        requests=case.num_requests or _MANY_REQUESTS,
        requests_per_second=case.request_rate,
    )
    return [("tpot", "gap_under_arrivals", case.tpot_s, arriving)]


_KINDS: dict[str, Callable[[Case, Point], _Found | str]] = {
    "decode_b1": _single_step,
    "known_batch": _single_step,
    "interactive_b1": _interactive,
    "prefill": _prefill,
    "localscore": _localscore,
    "single_stream_e2e": _single_request,
    "serving_latency": _single_request,
    "static_batch_e2e": _static_batch,
    "offline_burst": _burst,
    "max_throughput": _saturated,
    "closed_loop": _saturated,
    "open_loop": _open_loop,
}
