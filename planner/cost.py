"""What an option costs: by the hour, the month and the token, rented or bought."""

import datetime as dt

from msgspec import Struct

from planner.offer import Offer
from planner.units import HOURS_PER_MONTH

LIFE_YEARS = 3.0
HOURS_PER_YEAR = 8_760
ELECTRICITY_USD_PER_KWH = 0.15
POWER_OVERHEAD = 1.5
"""Watts at the wall for each watt of the GPU's own limit: host, power supply and cooling. Assumed, not measured."""

SPOT_RISK = "it can be taken back at any moment, with what it was doing; how often that happens is not known here"

_SECONDS_PER_HOUR = 3_600
_MILLION = 1_000_000


class Range(Struct, frozen=True, kw_only=True):
    """An estimate in USD, and the `low` and `high` that the speed's own band gives."""

    estimate: float
    low: float
    high: float


class Rental(Struct, frozen=True, kw_only=True):
    """The cheapest machine on demand that would do what a purchase is asked to do, and the date of its price."""

    offer_id: str
    provider: str
    gpu_id: str
    gpu_count: int
    usd_per_hour: float
    as_of: dt.date


class Spot(Struct, frozen=True, kw_only=True):
    """The same machine of the same provider in the same place, as spot and on demand.

    `discount` is the share of the on-demand price that spot saves, null, with the `reason`, where the machine has no
    on-demand offer. `risk` says what the discount is for.
    """

    spot_usd_per_hour: float
    on_demand_usd_per_hour: float | None
    discount: float | None
    risk: str
    reason: str = ""


class Purchase(Struct, frozen=True, kw_only=True):
    """Buying the GPUs: what they cost once, and what that makes an hour.

    `usd_per_hour` is the price spread over `life_years` of uninterrupted use, and the electricity. The GPUs alone: a
    host to put them in is not in the price, its power is in the electricity. `break_even_months` is after how many
    months of uninterrupted use the purchase and its electricity have cost less than the cheapest `rental`; null, with
    the `reason`, where nothing that would do can be rented or renting never costs more.
    """

    usd: float
    watts: float
    electricity_usd_per_kwh: float
    electricity_usd_per_hour: float
    life_years: float
    usd_per_hour: float
    rental: Rental | None
    break_even_months: float | None
    reason: str = ""


class Cost(Struct, frozen=True, kw_only=True):
    """What an option costs at the planned load, in USD.

    Tokens are priced at `utilization`, the share of the hours in which the planned load runs; both are null, with the
    `reason`, where the speed has no basis. `price_age_days` is the age of the price behind it all. `spot` is null
    where the machine is not offered as spot.
    """

    usd_per_hour: float
    usd_per_month: float
    usd_per_million_output_tokens: Range | None
    usd_per_million_tokens: Range | None
    utilization: float
    price_age_days: int
    reason: str = ""
    spot: Spot | None = None
    purchase: Purchase | None = None


class TokenRate(Struct, frozen=True, kw_only=True):
    """Output tokens per second of all replicas: an estimate with the low and high of its band."""

    estimate: float
    low: float
    high: float


def electricity_usd_per_hour(*, watts: float, usd_per_kwh: float) -> float:
    """Return what GPUs of `watts` in all cost in electricity an hour, their host's share included."""
    return watts * POWER_OVERHEAD / 1_000 * usd_per_kwh


def bought_usd_per_hour(purchase_usd: float, *, watts: float, usd_per_kwh: float = ELECTRICITY_USD_PER_KWH) -> float:
    """Return what bought GPUs cost an hour: the price over the life, and the electricity."""
    life = LIFE_YEARS * HOURS_PER_YEAR
    return purchase_usd / life + electricity_usd_per_hour(watts=watts, usd_per_kwh=usd_per_kwh)


def as_rental(offer: Offer) -> Rental:
    """Return an offer as what a purchase is held against."""
    return Rental(
        offer_id=offer.offer_id,
        provider=offer.provider,
        gpu_id=offer.gpu_id,
        gpu_count=offer.gpu_count,
        usd_per_hour=round(offer.usd_per_hour, 6),
        as_of=offer.as_of,
    )


def spot(offer: Offer, *, on_demand: Offer | None) -> Spot:
    """Return what the spot `offer` saves against the same machine `on_demand`."""
    return Spot(
        spot_usd_per_hour=round(offer.usd_per_hour, 6),
        on_demand_usd_per_hour=None if on_demand is None else round(on_demand.usd_per_hour, 6),
        discount=None if on_demand is None else round(1 - offer.usd_per_hour / on_demand.usd_per_hour, 4),
        risk=SPOT_RISK,
        reason="no offer of the same machine on demand" if on_demand is None else "",
    )


def purchase(usd: float, *, watts: float, usd_per_kwh: float, rental: Rental | None) -> Purchase:
    """Return what buying GPUs for `usd` comes to, against the cheapest rental that would do."""
    electricity = electricity_usd_per_hour(watts=watts, usd_per_kwh=usd_per_kwh)
    saved = 0.0 if rental is None else rental.usd_per_hour - electricity
    reason = "the electricity alone costs as much as renting"
    if rental is None:
        reason = "nothing that would do is offered for rent on demand"
    return Purchase(
        usd=round(usd, 2),
        watts=watts,
        electricity_usd_per_kwh=usd_per_kwh,
        electricity_usd_per_hour=round(electricity, 6),
        life_years=LIFE_YEARS,
        usd_per_hour=round(bought_usd_per_hour(usd, watts=watts, usd_per_kwh=usd_per_kwh), 6),
        rental=rental,
        break_even_months=round(usd / saved / HOURS_PER_MONTH, 1) if saved > 0 else None,
        reason="" if saved > 0 else reason,
    )


def cost(
    usd_per_hour: float,
    *,
    rate: TokenRate | None,
    prompt_tokens: int,
    output_tokens: int,
    utilization: float,
    price_age_days: int,
    reason: str = "",
    as_spot: Spot | None = None,
    bought: Purchase | None = None,
) -> Cost:
    """Return what `usd_per_hour` makes by the month and the token, at `rate` output tokens a second.

    A request brings `prompt_tokens` with its `output_tokens`, so all tokens are more than the output by that share.
    """
    output = None if rate is None else _per_million(usd_per_hour, rate, utilization, share=1.0)
    everything = (
        None
        if rate is None
        else _per_million(usd_per_hour, rate, utilization, share=(prompt_tokens + output_tokens) / output_tokens)
    )
    return Cost(
        usd_per_hour=round(usd_per_hour, 6),
        usd_per_month=round(usd_per_hour * HOURS_PER_MONTH, 2),
        usd_per_million_output_tokens=output,
        usd_per_million_tokens=everything,
        utilization=utilization,
        price_age_days=price_age_days,
        reason=reason if rate is None else "",
        spot=as_spot,
        purchase=bought,
    )


def usd_per_million(usd_per_hour: float, tokens_per_second: float, utilization: float) -> float:
    """Return the price of a million tokens at `tokens_per_second` for a share `utilization` of the hours."""
    return usd_per_hour * _MILLION / (tokens_per_second * _SECONDS_PER_HOUR * utilization)


def _per_million(usd_per_hour: float, rate: TokenRate, utilization: float, *, share: float) -> Range:
    return Range(
        estimate=round(usd_per_million(usd_per_hour, rate.estimate * share, utilization), 6),
        low=round(usd_per_million(usd_per_hour, rate.high * share, utilization), 6),
        high=round(usd_per_million(usd_per_hour, rate.low * share, utilization), 6),
    )
