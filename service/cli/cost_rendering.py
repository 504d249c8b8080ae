"""What an option costs, as a person reads it on a terminal."""

from rich.console import Console
from rich.text import Text

from planner import Option


def print_cost(console: Console, option: Option) -> None:
    """Print what the month and the tokens cost, how old the price is, what spot would save, and buying."""
    cost = option.cost
    output, everything = cost.usd_per_million_output_tokens, cost.usd_per_million_tokens
    tokens = f"no figure for tokens: {cost.reason}"
    if output is not None and everything is not None:
        tokens = (
            f"${output.estimate:.2f} ({output.low:.2f} to {output.high:.2f}) a million output tokens, "
            f"${everything.estimate:.2f} a million in all at {cost.utilization:.0%} use"
        )
    line = f"Cost: ${cost.usd_per_month:,.0f} a month, {tokens}; the price is {cost.price_age_days:,} days old."
    console.print(Text(line), soft_wrap=True)
    _print_spot(console, option)
    _print_purchase(console, option)


def _print_spot(console: Console, option: Option) -> None:
    spot = option.cost.spot
    if spot is None:
        return
    saved = spot.reason if spot.discount is None else f"{spot.discount:.0%} less than on demand"
    words = f"As spot ${spot.spot_usd_per_hour:g}/h ({saved}): {spot.risk}."
    console.print(Text(f"  {words}"), soft_wrap=True)


def _print_purchase(console: Console, option: Option) -> None:
    bought = option.cost.purchase
    if bought is None:
        return
    months, rental = bought.break_even_months, bought.rental
    ends = bought.reason
    if months is not None and rental is not None:
        machine = f"{rental.gpu_count}x {rental.gpu_id} at {rental.provider} for ${rental.usd_per_hour:g}/h"
        ends = f"after {months:g} months against the cheapest rental, {machine} (price of {rental.as_of})"
    line = (
        f"  Bought for ${bought.usd:,.0f} (GPUs alone, price of {option.offer.as_of.year}), {bought.watts:.0f} W at "
        f"${bought.electricity_usd_per_kwh:g} a kWh, over {bought.life_years:g} years. Break-even: {ends}."
    )
    console.print(Text(line), soft_wrap=True)
