"""A price for a machine shape on a date."""

import datetime as dt

from msgspec import Struct


class Offer(Struct, frozen=True, kw_only=True, gc=False):
    """One instance type in one region at one pricing: the whole machine's price, on a date, with its source.

    `pricing` is `on_demand`, `spot`, `buy` or `owned`; `price_kind` is `listed` (can be ordered) or `indicative` (a
    marketplace's minimum, a machine not named, or a host billed separately). `as_of_basis` says how the date is known
    and `flags` what casts doubt on the row. `purchase_usd` is what all the GPUs cost once; null for a rental. Then
    `usd_per_hour` is that price spread over the life assumed, and the electricity (`planner.cost`). What is owned is
    some GPUs of the node that `instance_type` names, at their share of its cost (`planner.owned`).
    """

    offer_id: str
    provider: str
    provider_kind: str
    instance_type: str
    gpu_id: str
    gpu_count: int
    pricing: str
    usd_per_hour: float
    price_kind: str
    as_of: dt.date
    as_of_basis: str
    source: str
    region: str = ""
    country: str = ""
    continent: str = ""
    vcpus: float | None = None
    ram_gb: float | None = None
    host_billed_separately: bool = False
    flags: tuple[str, ...] = ()
    purchase_usd: float | None = None
