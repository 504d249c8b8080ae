"""Measured speed cases, as files hold them: one JSON object a line, null where unknown."""

import hashlib
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from planner.errors import PlannerError


class UnreadableCases(PlannerError):
    """A line of a case file cannot be read; the message names the line."""


_NOT_STATED = "not stated"


class Case(Struct, frozen=True, kw_only=True):
    """One published measurement: its settings, and what was observed under them.

    Lengths are tokens, `ctx_depth` the tokens a sequence holds while it decodes, `concurrency` the requests in flight,
    `request_rate` requests a second. `fit` is false where the case is kept for the record only; a prediction reads
    neither `fit` nor anything observed (`*_s` in seconds, `*_tps` in tokens per second).
    """

    id: str
    src: str
    kind: str
    engine_family: str = _NOT_STATED
    model_arch: str = _NOT_STATED
    weight_format: str = _NOT_STATED
    gpu: str = _NOT_STATED
    engine_version: str | None = None
    kv_dtype: str | None = None
    gpu_count: int = 1
    tp: int | None = 1
    input_len: float | None = None
    output_len: float | None = None
    ctx_depth: float | None = None
    concurrency: float | None = None
    request_rate: float | None = None
    num_requests: float | None = None
    ttft_s: float | None = None
    tpot_s: float | None = None
    out_tps_total: float | None = None
    prefill_tps: float | None = None
    latency_e2e_s: float | None = None
    source: str = ""
    reliability: str = ""
    fit: bool | None = None
    notes: str | None = None


_DECODER = msgspec.json.Decoder(dict[str, object])
_ENCODER = msgspec.json.Encoder(order="deterministic")


def read_cases(content: bytes) -> tuple[Case, ...]:
    """Return the cases of a file's content, in its order.

    Raises:
        UnreadableCases: a line is no case, or the file holds none.
    """
    cases: list[Case] = []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            stated = {name: value for name, value in _DECODER.decode(line).items() if value is not None}
            cases.append(msgspec.convert(stated, Case))
        except msgspec.MsgspecError as error:
            raise UnreadableCases(f"line {number} is not a measured case: {error}") from error
    if not cases:
        raise UnreadableCases("the file holds no case: one JSON object a line is expected")
    return tuple(cases)


def fingerprint(cases: Iterable[Case]) -> str:
    """Return the SHA-256 of the cases, whatever their order and however their files spell them."""
    digest = hashlib.sha256()
    for case in sorted(cases, key=lambda case: case.id):
        digest.update(_ENCODER.encode(case) + b"\n")
    return digest.hexdigest()
