"""The planner's face: a request and an inventory in, a plan out."""

import datetime as dt
import functools
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import TypeAlias

import numpy as np
from msgspec.structs import replace

from planner.batch_axis import speed_by_batch
from planner.cost import ELECTRICITY_USD_PER_KWH, Rental, as_rental
from planner.frontier import frontier
from planner.idle_gpus import best_on, must_use_all, other_nodes, without_idle
from planner.inventory import Indices, Inventory, Mask
from planner.load import typical_work
from planner.objectives import Scores, objective_key
from planner.offer import Offer
from planner.options import option
from planner.owned import describe_node, with_owned
from planner.plan import Infeasible, Option, OwnedNode, Plan
from planner.planned_model import find_planned_models
from planner.rejections import rejections
from planner.request import OWNED, PlanRequest
from planner.request_reading import check_as_of
from planner.scope import Scope
from planner.search import Candidate, Search
from planner.speed import SpeedAtBatch

Choice: TypeAlias = tuple[Offer, Candidate]


def plan(request: PlanRequest, inventory: Inventory, *, today: dt.date) -> Plan | Infeasible:
    """Return the best options that meet `request`, or that none does, and why the rest fell.

    Options are ordered by the objective (objectives.py), the whole instance's price, and then what an expert would run
    among equals: the better quality tier, a published checkpoint, a batching server when the batch is over 4, fewer
    bytes read per decoded token, more headroom, a fixed order. By default there is one option for each GPU and count,
    `group="none"` lists all. `today` dates the prices' age. Where the request asks for a past day, `inventory` is to
    hold that day's prices, and their ages are counted to it. Machines of one's own are planned on as they are free in
    the time asked, which `settle_start` makes definite, and none of their GPUs stays idle. Raises UnknownGpu and
    UnknownProvider for names that the inventory does not hold, and InvalidRequest for a day that has not come.
    """
    if request.as_of is not None:
        check_as_of(request.as_of, today=today)
        today = request.as_of
    summary = inventory.summary
    model, planned = find_planned_models(request.model, request.config, inventory.models)
    if "buy" in request.pricing and request.electricity_usd_per_kwh != ELECTRICITY_USD_PER_KWH:
        inventory = inventory.with_electricity_at(request.electricity_usd_per_kwh)
    if OWNED in request.pricing:
        inventory = with_owned(inventory, request, today=today)
    scope = Scope(request, inventory, today=today)
    search = Search(planned, request, inventory, shapes=inventory.first_of_each_shape(scope.asked))
    offers = without_idle(search, scope.offers)
    choices = _all_choices(search, offers) if request.group == "none" else _grouped_choices(search, offers)
    rental = _cheapest_rental(request, inventory, today=today) if "buy" in request.pricing else None
    chosen = list(islice(choices, request.limit))
    options = tuple(
        option(
            candidate,
            offer,
            request,
            rank=rank,
            today=today,
            other_way=inventory.other_way(offer),
            rental=rental,
            owned=_describe_owned(offer, search, offers) if offer.pricing == OWNED else None,
        )
        for rank, (offer, candidate) in enumerate(chosen, start=1)
    )
    answer = Plan if options else Infeasible
    return answer(
        request=request,
        load=typical_work(request),
        model=model,
        inventory=summary,
        options=options,
        speed_by_batch=_along_batches(chosen[0][1], options[0], request) if options else (),
        frontier=frontier(search, inventory.first_of_each_shape(offers)),
        indicative=_indicative(search, scope.indicative, today=today) if request.price_kind == "listed" else None,
        rejections=rejections(search, scope, today=today),
    )


def _describe_owned(offer: Offer, search: Search, offers: Indices) -> OwnedNode:
    others = other_nodes(search.inventory, offers, offer)
    return describe_node(offer, search.request, search.inventory.fleet, other_nodes=others)


def _along_batches(candidate: Candidate, first: Option, request: PlanRequest) -> tuple[SpeedAtBatch, ...]:
    return speed_by_batch(
        candidate.configurations.engine,
        candidate.deployment,
        gpu_count=first.gpu_count,
        batch=request.batch,
        max_batch=first.max_batch,
        work=typical_work(request),
    )


def _grouped_choices(search: Search, offers: Indices) -> Iterator[Choice]:
    """One choice for each GPU and count: the cheapest offer with the configuration that an expert would run on it."""
    cheapest = search.inventory.first_of_each_shape(offers)
    choices = [
        (offer, best)
        for shape, index in cheapest.items()
        for offer in [search.inventory.offers[index]]
        if (best := best_on(search, offer, shape)) is not None
    ]
    return iter(sorted(choices, key=functools.partial(_order, search.request.objective)))


def _all_choices(search: Search, offers: Indices) -> Iterator[Choice]:
    """Every configuration on every offer, in order, made as far as it is asked for."""
    order = functools.partial(_order, search.request.objective)
    if search.request.objective != "cheapest":
        # Hundreds of thousands may fit: only those that may be listed are made.
        last = _last_listed(search, offers)
        yield from sorted(_choices_on(search, offers, last=last), key=order)
        return
    for _, indices in groupby(offers, key=lambda index: search.inventory.prices[index]):
        yield from sorted(_choices_on(search, indices), key=order)


def _last_listed(search: Search, offers: Indices) -> tuple[float, float]:
    """Return the objective's key and the price an hour of the last choice that is listed; infinite where all are."""
    limit, inventory = search.request.limit, search.inventory
    indices: list[int] = offers.tolist()
    scores_of = functools.cache(search.fitting_scores)
    first = np.empty((2, 0))
    for index in indices:
        offer, shape = inventory.offers[index], inventory.machines[index]
        price, scores = offer.usd_per_hour, scores_of(shape, uses_all=must_use_all(search, offer, shape))
        keys = objective_key(search.request.objective, scores, usd_per_hour=price)
        if first.shape[1] == limit:
            keys = keys[keys <= first[0, -1]]
        first = np.concatenate((first, [keys, np.full(keys.size, price)]), axis=1)
        first = first[:, np.lexsort(first[::-1])[:limit]]
    return (float(first[0, -1]), float(first[1, -1])) if first.shape[1] == limit else (np.inf, np.inf)


def _choices_on(
    search: Search, indices: Iterable[np.intp], *, last: tuple[float, float] = (np.inf, np.inf)
) -> Iterator[Choice]:
    """Every choice on these offers that comes no later than one of the key and price `last`."""
    last_key, last_price = last
    for index in indices:
        offer = search.inventory.offers[index]
        most = last_key if offer.usd_per_hour <= last_price else np.nextafter(last_key, -np.inf)

        def is_listed(scores: Scores, price: float = offer.usd_per_hour, most: float = most) -> Mask:
            return objective_key(search.request.objective, scores, usd_per_hour=price) <= most

        shape = search.inventory.machines[index]
        uses_all = must_use_all(search, offer, shape)
        for candidate in search.fitting(shape, where=is_listed, uses_all=uses_all):
            yield offer, candidate


def _order(objective: str, choice: Choice) -> tuple[float, float, tuple[float, ...], str, int, str]:
    offer, candidate = choice
    key = objective_key(objective, candidate.score, usd_per_hour=offer.usd_per_hour)
    return key, offer.usd_per_hour, candidate.preference, offer.gpu_id, offer.gpu_count, offer.offer_id


def _indicative(search: Search, offers: Indices, *, today: dt.date) -> Option | None:
    found = next(_grouped_choices(search, offers), None)
    return None if found is None else option(found[1], found[0], search.request, rank=1, today=today)


def _cheapest_rental(request: PlanRequest, inventory: Inventory, *, today: dt.date) -> Rental | None:
    """Return the cheapest rental that would do what a purchase is asked to do."""
    rented = replace(request, pricing=("on_demand",), max_usd=None, max_usd_per_hour=None, max_usd_per_month=None)
    rented = replace(rented, provider=(), provider_kind=(), gpu=(), gpu_count=(), objective="cheapest", group="gpu")
    _, planned = find_planned_models(request.model, request.config, inventory.models)
    scope = Scope(rented, inventory, today=today)
    search = Search(planned, rented, inventory, shapes=inventory.first_of_each_shape(scope.offers))
    found = next(_grouped_choices(search, scope.offers), None)
    return None if found is None else as_rental(found[0])
