"""Inventories to plan from: the seeded one, and one of many more offers."""

from __future__ import annotations

import msgspec

from planner import Inventory, Offer
from service.seed import read_gpus, read_offers, read_purchases

MANY_OFFERS = 20_000


def seeded_inventory() -> Inventory:
    """Return the inventory that a new database begins with."""
    return Inventory(revision=1, gpus=read_gpus(), offers=[*read_offers(), *read_purchases()])


def large_inventory(size: int = MANY_OFFERS) -> Inventory:
    """Return the seeded GPUs with `size` offers: the seeded ones again and again, elsewhere and at other prices."""
    seeds = list(read_offers())
    return Inventory(revision=1, gpus=read_gpus(), offers=[_another(seeds[n % len(seeds)], n) for n in range(size)])


def _another(offer: Offer, number: int) -> Offer:
    return msgspec.structs.replace(
        offer,
        offer_id=f"{offer.offer_id}:{number}",
        region=f"{offer.region}-{number % 40}",
        usd_per_hour=round(offer.usd_per_hour * (1 + (number * 7919 % 997) / 1_000), 6),
    )
