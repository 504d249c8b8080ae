"""What the service can be asked: for each question its fields, how they are read, and what answers them."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from planner import (
    FIELDS,
    FIT_FIELDS,
    MEMORY_FIELDS,
    Comparison,
    Field,
    Fit,
    FitRequest,
    Fleet,
    Infeasible,
    Inventory,
    KnownModels,
    Limits,
    Plan,
    PlanRequest,
    Requirements,
    compare,
    fit,
    limits,
    plan,
    read_compare_request,
    read_fit_request,
    read_memory_request,
    read_plan_request,
    requirements,
    settle_start,
)

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


class Task(Struct, Generic[RequestT, AnswerT], frozen=True, kw_only=True):
    """One kind of question.

    `read` makes the canonical request of `fields` on the wire, given the models that they may name; `answer` answers
    it. `read` raises InvalidRequest, and so does `answer` for names that only an inventory knows. `as_of` says which
    past day's prices a request asks for; None for today's. `settle` makes definite what a request leaves to the moment
    at which it is asked, given the own fleet and that moment, and returns the very same request where nothing is; it
    raises InvalidRequest too.
    """

    name: str
    fields: Mapping[str, Field]
    read: Callable[[Mapping[str, object], KnownModels], RequestT]
    answer: Callable[[RequestT, Inventory, dt.date], AnswerT]
    as_of: Callable[[RequestT], dt.date | None] = lambda _: None
    settle: Callable[[RequestT, Fleet, dt.datetime], RequestT] = lambda request, _fleet, _now: request


def _read_plan(fields: Mapping[str, object], models: KnownModels) -> PlanRequest:
    return read_plan_request(fields, models=models)


def _read_fit(fields: Mapping[str, object], models: KnownModels) -> FitRequest:
    return read_fit_request(fields, models=models)


def _read_compare(fields: Mapping[str, object], models: KnownModels) -> FitRequest:
    return read_compare_request(fields, models=models)


def _read_memory(fields: Mapping[str, object], models: KnownModels) -> FitRequest:
    return read_memory_request(fields, models=models)


def plan_as_of(request: PlanRequest) -> dt.date | None:
    """Return the past day whose prices a plan is asked for."""
    return request.as_of


def settle_plan(request: PlanRequest, fleet: Fleet, now: dt.datetime) -> PlanRequest:
    """Return the request of a plan with its start settled, where it asks for machines of one's own."""
    return settle_start(request, fleet, now=now)


def _plan(request: PlanRequest, inventory: Inventory, today: dt.date) -> Plan | Infeasible:
    return plan(request, inventory, today=today)


def _fit(request: FitRequest, inventory: Inventory, _: dt.date) -> Fit:
    return fit(request, inventory)


def _memory(request: FitRequest, inventory: Inventory, _: dt.date) -> Requirements:
    return requirements(request, inventory)


def _compare(request: FitRequest, inventory: Inventory, _: dt.date) -> Comparison:
    return compare(request, inventory)


def _limits(request: FitRequest, inventory: Inventory, _: dt.date) -> Limits:
    return limits(request, inventory)


PLAN: Final = Task(name="plan", fields=FIELDS, read=_read_plan, answer=_plan, as_of=plan_as_of, settle=settle_plan)
FIT: Final = Task(name="fit", fields=FIT_FIELDS, read=_read_fit, answer=_fit)
MEMORY: Final = Task(name="memory", fields=MEMORY_FIELDS, read=_read_memory, answer=_memory)
COMPARE: Final = Task(name="compare", fields=FIT_FIELDS, read=_read_compare, answer=_compare)
LIMITS: Final = Task(name="limits", fields=FIT_FIELDS, read=_read_fit, answer=_limits)

TASKS: Final[Mapping[str, Task[Any, Any]]] = {task.name: task for task in (PLAN, FIT, MEMORY, COMPARE, LIMITS)}
"""Every task by its name, which is also the last part of its path."""
