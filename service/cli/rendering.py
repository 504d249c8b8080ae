"""An answer as a person reads it on a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from planner import Infeasible, Option, Plan, Rejection
from service.cli.consoles import open_console
from service.cli.memory_bar import print_memory
from service.cli.units import show_gib, show_tokens


def print_answer(answer: Plan | Infeasible) -> None:
    """Print a plan, or why there is none, as wide as the terminal is."""
    console = open_console()
    request = answer.request
    assumed = f" (assumed: {', '.join(request.assumed)})" if request.assumed else ""
    console.print(
        f"{answer.model.name}, {show_tokens(request.context)} context x {request.batch}{assumed}", soft_wrap=True
    )
    if isinstance(answer, Plan):
        _print_plan(console, answer)
    else:
        console.print("[bold red]Nothing fits.[/]")
    _print_rejections(console, answer.rejections)
    inventory = answer.inventory
    dates = (
        "" if inventory.newest_price is None else f", prices of {inventory.oldest_price} to {inventory.newest_price}"
    )
    day = "" if inventory.as_of is None else f" as of {inventory.as_of}"
    console.print(
        f"[dim]{inventory.offers} offers{day}{dates}, inventory revision {inventory.revision}[/]",
        soft_wrap=True,
    )


def _print_plan(console: Console, answer: Plan) -> None:
    best = answer.options[0]
    console.print(Text.assemble(("Cheapest: ", "bold"), sum_up(best)), soft_wrap=True)
    console.print(_table(answer.options))
    print_memory(console, best.memory.per_gpu, basis=f"card {best.gpu.memory_basis}, engine {best.basis}")
    console.print(f"Holds up to {best.max_context:,} tokens at this batch, up to {best.max_batch} at this context.")
    _print_speed(console, best)
    console.print(Text(f"Quality: {best.quality.tier}. {best.quality.source}", style="dim"), soft_wrap=True)
    console.print("Launch:", style="bold")
    console.print(Text(best.launch.command), soft_wrap=True)
    for note in best.launch.notes:
        console.print(Text(f"  note: {note}"), soft_wrap=True)
    for warning in best.warnings:
        console.print(Text(f"  warning: {warning}", style="yellow"), soft_wrap=True)
    if answer.indicative is not None:
        console.print(Text(f"Not for sale, only indicative: {sum_up(answer.indicative)}", style="dim"), soft_wrap=True)


def sum_up(option: Option) -> str:
    """Return an option in one line."""
    offer = option.offer
    place = f", {offer.region}" if offer.region else ""
    price = f"${option.usd_per_hour:g}/h ({offer.pricing}, price of {offer.as_of}, {offer.as_of_basis})"
    formats = f"{option.weight_format} weights, {option.kv_cache_dtype} KV cache on {option.engine}"
    return f"{option.gpu_count}x {option.gpu.name} at {offer.provider}{place}, {price}: {formats}"


def _table(options: tuple[Option, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("$/h", justify="right", no_wrap=True)
    for title in ("GPU", "provider", "weights/KV", "engine", "quality"):
        table.add_column(title, overflow="fold")
    for title in ("tok/s", "$/M out", "GiB free"):
        table.add_column(title, justify="right", no_wrap=True)
    for option in options:
        table.add_row(
            f"{option.usd_per_hour:.3f}",
            f"{option.gpu_count}x {option.gpu.name}",
            option.offer.provider,
            f"{option.weight_format}/{option.kv_cache_dtype}",
            f"{option.engine}{_layout(option)}",
            option.quality.tier,
            _show_speed(option),
            _show_cost(option),
            show_gib(option.memory.per_gpu.headroom_bytes) + (" tight" if option.verdict == "tight" else ""),
        )
    return table


_BASES = {"gpu": "measured on this GPU", "class": "measured on its class", "extrapolated": "extrapolated"}


def _print_speed(console: Console, option: Option) -> None:
    speed, cost = option.speed, option.cost
    if speed.basis is None or speed.ttft_seconds is None or speed.tokens_per_second_per_user is None:
        console.print(Text(f"Speed: no figure: {speed.reason}", style="dim"), soft_wrap=True)
        return
    each, first = speed.tokens_per_second_per_user, speed.ttft_seconds
    rests = {"gpu": "measured on this GPU", "class": "measured on its class", "extrapolated": "extrapolated"}[
        speed.basis
    ]
    line = (
        f"Speed of each user: {each.estimate:.0f} tokens/s ({each.low:.0f} to {each.high:.0f}), first token after "
        f"{first.estimate:.2g} s ({first.low:.2g} to {first.high:.2g}); bands hold 80 % of cases, {rests}."
    )
    console.print(Text(line), soft_wrap=True)
    output = cost.usd_per_million_output_tokens
    if output is not None:
        line = (
            f"Cost: ${cost.usd_per_month:,.0f} a month, ${output.estimate:.2f} ({output.low:.2f} to {output.high:.2f}) "
            f"a million output tokens at {cost.utilization:.0%} use; the price is {cost.price_age_days} days old."
        )
        console.print(Text(line), soft_wrap=True)
    if cost.purchase is not None:
        bought = cost.purchase
        months = "never" if bought.break_even_months is None else f"after {bought.break_even_months:g} months"
        rental = (
            "nothing to rent" if bought.rental_usd_per_hour is None else f"${bought.rental_usd_per_hour:g}/h rented"
        )
        line = (
            f"Bought for ${bought.usd:,.0f} (GPUs alone), {bought.watts:.0f} W at ${bought.electricity_usd_per_kwh:g} "
            f"a kWh, over {bought.life_years:g} years: breaks even {months} against {rental}."
        )
        console.print(Text(line), soft_wrap=True)


def _show_speed(option: Option) -> str:
    each = option.speed.tokens_per_second_per_user
    return "?" if each is None else f"{each.estimate:.0f}"


def _show_cost(option: Option) -> str:
    output = option.cost.usd_per_million_output_tokens
    return "?" if output is None else f"{output.estimate:.2f}"


def _layout(option: Option) -> str:
    replicas = f" x{option.replicas}" if option.replicas > 1 else ""
    return f"{replicas} tp{option.tensor_parallel_size}" if option.tensor_parallel_size > 1 else replicas


def _print_rejections(console: Console, rejections: tuple[Rejection, ...]) -> None:
    if rejections:
        console.print("Left out:", style="bold")
    for rejection in rejections:
        change = f" {rejection.smallest_change.message}." if rejection.smallest_change else ""
        things = rejection.of if rejection.count != 1 else rejection.of.removesuffix("s")
        line = f"  {rejection.count:,} {things}, {rejection.reason}: {rejection.message}."
        console.print(Text(line + (f" Would help:{change}" if change else "")), soft_wrap=True)
