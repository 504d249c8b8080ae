"""The purchases that a new database begins with: GPUs at the price they were launched at."""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from planner import Gpu, Offer, bought_usd_per_hour
from service.inventory.entries import CENT_PLACES, PURCHASE, USD_PLACES
from service.inventory.identifiers import make_offer_id

PROVIDER: Final = "retail"
_COUNTS: Final = (1, 2)
_SOURCE: Final = "launch MSRP as recalled, not read again (launch_msrp_usd in gpus.json)"
# Sold as a whole machine, GPU and memory on one chip: two of them are two machines.
_WHOLE_MACHINES: Final = frozenset({"gb10"})


def purchases_of(gpus: Iterable[Gpu]) -> list[Offer]:
    """Return what one and two of each of the GPUs cost at launch, as offers dated the first day of that year.

    A GPU whose launch price, launch year or watts are not known has none.
    """
    return [
        _purchase(gpu, count, usd=gpu.launch_msrp_usd, watts=gpu.tdp_watts, year=gpu.release_year)
        for gpu in gpus
        for count in (_COUNTS[:1] if gpu.gpu_id in _WHOLE_MACHINES else _COUNTS)
        if gpu.launch_msrp_usd is not None and gpu.tdp_watts is not None and gpu.release_year is not None
    ]


def _purchase(gpu: Gpu, count: int, *, usd: float, watts: float, year: int) -> Offer:
    instance_type = f"{count}x {gpu.name}"
    what = "the whole machine" if gpu.gpu_id in _WHOLE_MACHINES else "the GPU alone, without a host"
    purchase_usd = round(count * usd, CENT_PLACES)
    return Offer(
        offer_id=make_offer_id(PROVIDER, instance_type=instance_type, region="", pricing=PURCHASE),
        provider=PROVIDER,
        provider_kind=PROVIDER,
        instance_type=instance_type,
        gpu_id=gpu.gpu_id,
        gpu_count=count,
        pricing=PURCHASE,
        usd_per_hour=round(bought_usd_per_hour(purchase_usd, watts=count * watts), USD_PLACES),
        price_kind="listed",
        as_of=dt.date(year, 1, 1),
        as_of_basis="launch year",
        source=_SOURCE,
        flags=(f"launch price of {year}", what),
        purchase_usd=purchase_usd,
    )
