"""An answer as a person reads it on a terminal."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from planner import FrontierPoint, Infeasible, Option, Plan, Rejection
from service.cli.consoles import make_table, open_console, print_table
from service.cli.cost_rendering import print_cost
from service.cli.memory_bar import print_memory
from service.cli.owned_rendering import print_owned
from service.cli.speed_rendering import print_quality, print_speed
from service.cli.units import show_gib, show_tokens

FIRST_BY: Final = {
    "cheapest": "Cheapest",
    "cheapest_per_token": "Cheapest per token",
    "fastest": "Fastest",
    "best_quality": "Best quality",
    "balanced": "Best balance",
}
"""What the first option is, by the objective."""

_FRONTIER_SHOWN: Final = 8
_OLD_PRICE_DAYS: Final = 180


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
        console.print("Nothing fits.", style="bold red")
    _print_rejections(console, answer.rejections)
    inventory = answer.inventory
    dates = (
        "" if inventory.newest_price is None else f", prices of {inventory.oldest_price} to {inventory.newest_price}"
    )
    day = "" if inventory.as_of is None else f" as of {inventory.as_of}"
    console.print(
        f"{inventory.offers} offers{day}{dates}, inventory revision {inventory.revision}",
        style="dim",
        soft_wrap=True,
    )


def _print_plan(console: Console, answer: Plan) -> None:
    best = answer.options[0]
    console.print(Text.assemble((f"{FIRST_BY[answer.request.objective]}: ", "bold"), sum_up(best)), soft_wrap=True)
    print_table(console, _table(answer.options))
    _print_frontier(console, answer)
    print_memory(console, best.memory.per_gpu, basis=f"card {best.gpu.memory_basis}, engine {best.basis}")
    console.print(f"Holds up to {best.max_context:,} tokens at this batch, up to {best.max_batch} at this context.")
    print_speed(console, best.speed, answer.speed_by_batch, load=answer.load)
    print_cost(console, best)
    print_owned(console, best)
    print_quality(console, best.quality)
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
    once = "" if offer.purchase_usd is None else f"${offer.purchase_usd:,.0f} once, so "
    price = f"{once}${option.usd_per_hour:.4g}/h ({offer.pricing}, price of {offer.as_of}, {offer.as_of_basis})"
    formats = f"{option.weight_format} weights, {option.kv_cache_dtype} KV cache on {option.engine}"
    return f"{option.gpu_count}x {option.gpu.name} at {offer.provider}{place}, {price}: {formats}"


def _table(options: tuple[Option, ...]) -> Table:
    table = make_table()
    table.add_column("$/h", justify="right", no_wrap=True)
    for title in ("GPU", "provider", "weights/KV", "engine", "quality"):
        table.add_column(title, overflow="fold")
    table.add_column("price of", no_wrap=True)
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
            _show_date(option),
            _show_speed(option),
            _show_cost(option),
            show_gib(option.memory.per_gpu.headroom_bytes) + (" tight" if option.verdict == "tight" else ""),
        )
    return table


def _print_frontier(console: Console, answer: Plan) -> None:
    """Print the deployments that nothing beats on price, speed and quality together, a few of them where many."""
    points = answer.frontier
    if not points:
        return
    shown = _evenly(points)
    console.print(
        f"Nothing beats these on price, speed and quality together ({len(shown)} of {len(points)}):", style="bold"
    )
    table = make_table()
    table.add_column("$/h", justify="right", no_wrap=True)
    table.add_column("tok/s", justify="right", no_wrap=True)
    for title in ("quality", "GPU", "weights/KV", "engine", "price of"):
        table.add_column(title, overflow="fold")
    for point in shown:
        table.add_row(
            f"{point.usd_per_hour:.3f}",
            f"{point.tokens_per_second_per_user:.0f}",
            point.tier,
            f"{point.gpu_count}x {point.gpu_id}",
            f"{point.weight_format}/{point.kv_cache_dtype}",
            f"{point.engine}{_layout(point)}",
            point.as_of.isoformat(),
        )
    print_table(console, table)


def _evenly(points: Sequence[FrontierPoint]) -> list[FrontierPoint]:
    """Return the cheapest, the fastest and some evenly between them."""
    if len(points) <= _FRONTIER_SHOWN:
        return list(points)
    last = len(points) - 1
    return [points[round(step * last / (_FRONTIER_SHOWN - 1))] for step in range(_FRONTIER_SHOWN)]


def _show_date(option: Option) -> Text:
    is_old = option.cost.price_age_days > _OLD_PRICE_DAYS
    return Text(option.offer.as_of.isoformat(), style="yellow" if is_old else "")


def _show_speed(option: Option) -> str:
    each = option.speed.tokens_per_second_per_user
    return "?" if each is None else f"{each.estimate:.0f}"


def _show_cost(option: Option) -> str:
    output = option.cost.usd_per_million_output_tokens
    return "?" if output is None else f"{output.estimate:.2f}"


def _layout(option: Option | FrontierPoint) -> str:
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
