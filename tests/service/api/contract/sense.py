"""What the document says in words alone, followed: else hardly a request of some paths would be one.

schemathesis loads this file. A schema cannot say that parameters of a query exclude each other, that an end is after
its start, or which GPUs there are: it chooses among everything, so nearly every request would name two machines, give
options of several engines, or a node that nobody has, and learn no more than that this is refused. What is refused so
is tried by tests of its own.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final, TypeAlias, cast

import schemathesis
from schemathesis.generation import GenerationMode

from planner import NAMES_OF_A_MACHINE
from planner.engine_fields import ENGINE_FIELDS

_Fields: TypeAlias = dict[str, Any]
_MACHINES: Final = {"/v1/fit": ["l4"], "/v1/limits": ["l4"], "/v1/compare": ["l4", "rtx-4090"], "/v1/memory": None}
"""The GPUs that each path is asked about where a request names no machine."""


@schemathesis.hook  # pyright: ignore[reportUnknownMemberType]  (typed for both of its uses at once)
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:  # noqa: ANN401 - schemathesis types none of it
    """Make sense of what is to be accepted."""
    sent = case.query if case.method == "GET" else case.body
    if case.meta and case.meta.generation.mode == GenerationMode.POSITIVE and isinstance(sent, dict):
        _make_sense(case.operation.path, case.method, cast("_Fields", sent))


def _make_sense(path: str, method: str, fields: _Fields) -> None:
    if path in _MACHINES:
        _name_one_machine(fields, gpus=_MACHINES[path])
        _keep_options_of_one_engine(fields)
    elif path in {"/v1/plan", "/v1/plan/chart"} and fields.get("max_usd") is not None:
        fields["pricing"] = ["buy"]
    elif path.endswith("/reservations") and method == "POST":
        fields["allocations"] = {"gpu-01": 1}
        fields["end"] = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
        fields["start"] = None
    elif path.startswith("/v1/inventory/offers") and method in {"POST", "PATCH"}:
        _offer_something_known(fields, is_new=method == "POST")


def _name_one_machine(fields: _Fields, *, gpus: list[str] | None) -> None:
    machines = [name for name in NAMES_OF_A_MACHINE if fields.get(name) not in (None, [])]
    _drop(fields, machines[1:])
    if gpus is not None and (not machines or len(gpus) > 1):
        _drop(fields, machines)
        fields["gpu"] = gpus


def _keep_options_of_one_engine(fields: _Fields) -> None:
    given = {name for name, value in fields.items() if value is not None}
    engines = [engine for engine, options in ENGINE_FIELDS.items() if not given.isdisjoint(options)]
    for engine in engines[1:]:
        _drop(fields, ENGINE_FIELDS[engine])
    if engines:
        fields["engine"] = engines[:1]


def _offer_something_known(fields: _Fields, *, is_new: bool) -> None:
    if is_new:
        fields |= {"gpu_id": "l4", "provider": "aws"}
    else:
        # Nearly all offers are rentals.
        _drop(fields, ("gpu_id", "purchase_usd", *(["usd_per_hour"] if fields.get("usd_per_hour") is None else [])))
    _drop(fields, ["as_of"])


def _drop(fields: _Fields, names: Iterable[str]) -> None:
    for name in names:
        fields.pop(name, None)
