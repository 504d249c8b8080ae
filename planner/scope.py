"""Which offers a request leaves in play, and which fell for their date, their kind of price or their price."""

import datetime as dt

import numpy as np

from planner.inventory import Indices, Inventory, Mask
from planner.request import PlanRequest
from planner.units import HOURS_PER_MONTH


class Scope:
    """The offers of one request, as indices into the inventory's offers, cheapest first.

    Of the offers that meet its conditions on machines and places (`asked`), `taken` fell because GPUs of one's own are
    promised to somebody else, then `too_old` for the date of the price, then `indicative` because no one can order at
    it, then `too_dear` for the price; `offers` are left.
    """

    def __init__(self, request: PlanRequest, inventory: Inventory, *, today: dt.date) -> None:
        """Apply the request's conditions; raises UnknownGpu and UnknownProvider."""
        all_asked = _meets_conditions(request, inventory)
        asked = all_asked & ~inventory.is_taken
        old = np.zeros_like(asked)
        if request.max_price_age_days is not None:
            old = inventory.days < today.toordinal() - request.max_price_age_days
        is_indicative = inventory.where("price_kind", ["indicative"])
        unwanted = {
            "any": np.zeros_like(asked),
            "listed": is_indicative,
            "indicative": ~is_indicative,
        }[request.price_kind]
        dear = inventory.prices > ceiling_usd_per_hour(request)
        if request.max_usd is not None:
            dear |= inventory.purchase_prices > request.max_usd
        self.asked: Indices = np.flatnonzero(all_asked)
        self.taken: Indices = np.flatnonzero(all_asked & inventory.is_taken)
        self.too_old: Indices = np.flatnonzero(asked & old)
        self.indicative: Indices = np.flatnonzero(asked & ~old & unwanted & ~dear & is_indicative)
        self.too_dear: Indices = np.flatnonzero(asked & ~old & ~unwanted & dear)
        self.offers: Indices = np.flatnonzero(asked & ~old & ~unwanted & ~dear)


def ceiling_usd_per_hour(request: PlanRequest) -> float:
    """Return the highest hourly price that the request accepts, infinite where it sets none."""
    hourly = np.inf if request.max_usd_per_hour is None else request.max_usd_per_hour
    monthly = np.inf if request.max_usd_per_month is None else request.max_usd_per_month / HOURS_PER_MONTH
    return float(min(hourly, monthly))


def _meets_conditions(request: PlanRequest, inventory: Inventory) -> Mask:
    mask = inventory.where_gpu(_wanted_gpus(request, inventory)) & inventory.where("pricing", request.pricing)
    if request.gpu_count:
        mask &= np.isin(inventory.gpu_counts, request.gpu_count)
    if request.max_gpus is not None:
        mask &= inventory.gpu_counts <= request.max_gpus
    if request.provider_kind:
        mask &= inventory.where("provider_kind", request.provider_kind)
    if request.region:
        mask &= inventory.where_region(request.region)
    if not inventory.offers:
        return mask
    if request.provider:
        mask &= inventory.where("provider", inventory.providers(request.provider, field="provider"))
    if request.exclude_provider:
        mask &= ~inventory.where("provider", inventory.providers(request.exclude_provider, field="exclude_provider"))
    return mask


def _wanted_gpus(request: PlanRequest, inventory: Inventory) -> list[str]:
    named = {gpu_id for name in request.gpu for gpu_id in inventory.gpu_ids(name, field="gpu")}
    unwanted = {gpu_id for name in request.exclude_gpu for gpu_id in inventory.gpu_ids(name, field="exclude_gpu")}
    return [
        gpu.gpu_id
        for gpu in inventory.gpus
        if (not request.gpu or gpu.gpu_id in named)
        and gpu.gpu_id not in unwanted
        and (not request.vendor or gpu.vendor in request.vendor)
        and gpu.vendor not in request.exclude_vendor
        and gpu.gpu_class not in request.exclude_class
        and (gpu.vendor != "intel" or "intel" in request.vendor or gpu.gpu_id in named)
    ]
