"""Machines of one's own are promised GPU by GPU, so what runs on them leaves none of them idle.

A rental is paid as a whole and may be larger than what runs on it; of a node fewer GPUs do the same for less.
"""

import numpy as np

from planner.inventory import Indices, Inventory, Shape
from planner.offer import Offer
from planner.request import OWNED
from planner.search import Candidate, Search


def best_on(search: Search, offer: Offer, shape: Shape) -> Candidate | None:
    """Return the candidate that an expert would run on `offer`, a machine of `shape`; None where nothing does."""
    return search.best(shape, uses_all=must_use_all(search, offer, shape))


def must_use_all(search: Search, offer: Offer, shape: Shape) -> bool:
    """Return whether what runs on `offer` must use each of its GPUs.

    It need not where the request names numbers of GPUs and nothing that fits uses all of one.
    """
    if offer.pricing != OWNED:
        return False
    return not search.request.gpu_count or search.best(shape, uses_all=True) is not None


def without_idle(search: Search, offers: Indices) -> Indices:
    """Return `offers` without those of one's own whose GPUs nothing uses all of: fewer of the same node are there."""
    inventory = search.inventory
    idle = [
        index
        for index in _owned(inventory, offers)
        if best_on(search, inventory.offers[index], inventory.machines[index]) is None
    ]
    return offers[~np.isin(offers, idle)] if idle else offers


def other_nodes(inventory: Inventory, offers: Indices, offer: Offer) -> tuple[str, ...]:
    """Return the other nodes that can give the same GPUs as `offer`, a node's, among `offers`, by name."""
    found = [inventory.offers[index] for index in _owned(inventory, offers)]
    same = {one.instance_type for one in found if (one.gpu_id, one.gpu_count) == (offer.gpu_id, offer.gpu_count)}
    return tuple(sorted(same - {offer.instance_type}))


def _owned(inventory: Inventory, offers: Indices) -> list[int]:
    return offers[inventory.where("pricing", [OWNED])[offers]].tolist()
