"""What an option costs: by the hour, the month and the token, rented or bought."""

from msgspec import Struct

from planner.units import HOURS_PER_MONTH

LIFE_YEARS = 3.0
HOURS_PER_YEAR = 8_760
ELECTRICITY_USD_PER_KWH = 0.15
POWER_OVERHEAD = 1.5
"""Watts at the wall for each watt of the GPU's own limit: host, power supply and cooling. Assumed, not measured."""

_SECONDS_PER_HOUR = 3_600
_MILLION = 1_000_000


class Range(Struct, frozen=True, kw_only=True):
    """An estimate in USD, and the `low` and `high` that the speed's own band gives."""

    estimate: float
    low: float
    high: float


class Purchase(Struct, frozen=True, kw_only=True):
    """Buying the GPUs: what they cost once, and what that makes an hour.

    `usd_per_hour` is the price spread over `life_years` of uninterrupted use, and the electricity. The GPUs alone: a
    host to put them in is not in the price, its power is in the electricity. `break_even_months` is after how many
    months of uninterrupted use the purchase and its electricity have cost less than renting at
    `rental_usd_per_hour`, null where nothing that fits can be rented or renting never costs more.
    """

    usd: float
    watts: float
    electricity_usd_per_kwh: float
    electricity_usd_per_hour: float
    life_years: float
    usd_per_hour: float
    rental_usd_per_hour: float | None
    break_even_months: float | None


class Cost(Struct, frozen=True, kw_only=True):
    """What an option costs at the planned load, in USD.

    Tokens are priced at `utilization`, the share of the hours in which the planned load runs; both are null, with the
    `reason`, where the speed has no basis. `price_age_days` is the age of the price behind it all.
    """

    usd_per_hour: float
    usd_per_month: float
    usd_per_million_output_tokens: Range | None
    usd_per_million_tokens: Range | None
    utilization: float
    price_age_days: int
    reason: str = ""
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


def purchase(usd: float, *, watts: float, usd_per_kwh: float, rental_usd_per_hour: float | None) -> Purchase:
    """Return what buying GPUs for `usd` comes to, against the cheapest rental that would do."""
    electricity = electricity_usd_per_hour(watts=watts, usd_per_kwh=usd_per_kwh)
    saved = None if rental_usd_per_hour is None else rental_usd_per_hour - electricity
    return Purchase(
        usd=round(usd, 2),
        watts=watts,
        electricity_usd_per_kwh=usd_per_kwh,
        electricity_usd_per_hour=round(electricity, 6),
        life_years=LIFE_YEARS,
        usd_per_hour=round(bought_usd_per_hour(usd, watts=watts, usd_per_kwh=usd_per_kwh), 6),
        rental_usd_per_hour=rental_usd_per_hour,
        break_even_months=round(usd / saved / HOURS_PER_MONTH, 1) if saved is not None and saved > 0 else None,
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
