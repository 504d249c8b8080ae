"""Several machines side by side on one request."""

import math

from msgspec import Struct
from msgspec.structs import replace

from planner.errors import InvalidRequest
from planner.fit import Judgement, judge
from planner.fit_request import FitRequest
from planner.inventory import Inventory
from planner.machines import Machine, find_machines
from planner.offer import Offer
from planner.plan import PlannedModel
from planner.planned_model import find_planned_models

FEWEST, MOST = 2, 6


class Compared(Struct, frozen=True, kw_only=True):
    """One machine's judgement, and the cheapest listed on-demand offer of it, null where there is none."""

    judgement: Judgement
    cheapest: Offer | None


class Comparison(Struct, frozen=True, kw_only=True, tag_field="outcome", tag="comparison"):
    """The machines of one request in the order they were named; `warnings` say which of a name's GPUs were left out."""

    request: FitRequest
    model: PlannedModel
    machines: tuple[Compared, ...]
    warnings: tuple[str, ...]


def compare(request: FitRequest, inventory: Inventory) -> Comparison:
    """Return two to six machines side by side.

    A name that means several GPUs counts each of them; where that makes too many, the one that is offered for least.
    Raises UnknownGpu, and InvalidRequest for fewer or more machines, or an instance type that no offer has.
    """
    machines = find_machines(request, inventory)
    warnings: tuple[str, ...] = ()
    if len(machines) > MOST and FEWEST <= len(request.gpu) + len(request.instance_type) <= MOST:
        machines, warnings = _one_for_each_name(request, inventory)
    if not FEWEST <= len(machines) <= MOST:
        raise InvalidRequest(
            f"{len(machines)} machines to compare; allowed: {FEWEST} to {MOST}.",
            code="invalid_machine",
            field="instance_type" if request.instance_type else "gpu",
            allowed=f"{FEWEST} to {MOST} GPUs or instance types",
            nearest=tuple(machine.gpu.gpu_id for machine in machines[:MOST]),
        )
    model, specs = find_planned_models(request.model, request.config, inventory.models)
    return Comparison(
        request=request,
        model=model,
        machines=tuple(
            Compared(judgement=judge(request, machine, specs, inventory.gpus), cheapest=_cheapest(machine, inventory))
            for machine in machines
        ),
        warnings=warnings,
    )


def _one_for_each_name(request: FitRequest, inventory: Inventory) -> tuple[list[Machine], tuple[str, ...]]:
    chosen: list[Machine] = []
    warnings: list[str] = []
    instances = find_machines(replace(request, gpu=()), inventory)
    for name in request.gpu:
        meant = find_machines(replace(request, gpu=(name,), instance_type=()), inventory)
        best = min(meant, key=lambda machine: _price(machine, inventory))
        if best.gpu.gpu_id in {machine.gpu.gpu_id for machine in chosen}:
            continue
        chosen.append(best)
        if len(meant) > 1:
            words = ", ".join(machine.gpu.gpu_id for machine in meant)
            warnings.append(f"{name!r} means {words}: compared is {best.gpu.gpu_id}, which is offered for least")
    return [*chosen, *instances], tuple(warnings)


def _price(machine: Machine, inventory: Inventory) -> float:
    offer = _cheapest(machine, inventory)
    return math.inf if offer is None else offer.usd_per_hour


def _cheapest(machine: Machine, inventory: Inventory) -> Offer | None:
    return next(
        (
            offer
            for offer in inventory.offers
            if (offer.gpu_id, offer.gpu_count) == (machine.gpu.gpu_id, machine.gpu_count)
            and (offer.pricing, offer.price_kind) == ("on_demand", "listed")
            and machine.instance_type in {None, offer.instance_type}
        ),
        None,
    )
