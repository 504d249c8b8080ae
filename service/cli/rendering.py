"""An answer as a person reads it on a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from planner import Infeasible, Option, Plan, Rejection

GIB = 1 << 30
_PARTS = (
    ("weights", "weights_bytes", "blue"),
    ("KV cache", "kv_cache_bytes", "magenta"),
    ("activations", "activation_bytes", "yellow"),
    ("graphs", "graph_bytes", "cyan"),
    ("runtime", "runtime_bytes", "red"),
    ("headroom", "headroom_bytes", "green"),
)
_BAR_WIDTH = 60
_PAPER_WIDTH = 120


def print_answer(answer: Plan | Infeasible) -> None:
    """Print a plan, or why there is none, as wide as the terminal is."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PAPER_WIDTH)
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
    console.print(
        f"[dim]{inventory.offers} offers, prices of {inventory.oldest_price} to {inventory.newest_price}, "
        f"inventory revision {inventory.revision}[/]",
        soft_wrap=True,
    )


def _print_plan(console: Console, answer: Plan) -> None:
    best = answer.options[0]
    console.print(Text.assemble(("Cheapest: ", "bold"), sum_up(best)), soft_wrap=True)
    console.print(_table(answer.options))
    _print_memory(console, best)
    console.print(f"Holds up to {best.max_context:,} tokens at this batch, up to {best.max_batch} at this context.")
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


def show_tokens(tokens: int) -> str:
    """Return a token count as people write it: 32,768 is "32k"."""
    return f"{tokens >> 10}k" if tokens % 1024 == 0 else f"{tokens:,}"


def _table(options: tuple[Option, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("$/h", justify="right", no_wrap=True)
    for title in ("GPU", "provider", "weights/KV", "engine", "quality"):
        table.add_column(title, overflow="fold")
    table.add_column("free GiB", justify="right", no_wrap=True)
    for option in options:
        table.add_row(
            f"{option.usd_per_hour:.3f}",
            f"{option.gpu_count}x {option.gpu.name}",
            option.offer.provider,
            f"{option.weight_format}/{option.kv_cache_dtype}",
            f"{option.engine}{_layout(option)}",
            option.quality.tier,
            f"{option.memory.per_gpu.headroom_bytes / GIB:.2f}",
        )
    return table


def _layout(option: Option) -> str:
    replicas = f" x{option.replicas}" if option.replicas > 1 else ""
    return f"{replicas} tp{option.tensor_parallel_size}" if option.tensor_parallel_size > 1 else replicas


def _print_memory(console: Console, option: Option) -> None:
    memory = option.memory.per_gpu
    bar = Text()
    legend = Text()
    for name, attribute, colour in _PARTS:
        size: int = getattr(memory, attribute)
        bar.append("█" * max(size > 0, round(_BAR_WIDTH * size / memory.usable_bytes)), style=colour)
        legend.append(f"  {name} ", style=colour).append(f"{size / GIB:.2f}")
    basis = f"card {option.gpu.memory_basis}, engine {option.basis}"
    console.print(f"Memory of each GPU, {memory.usable_bytes / GIB:.2f} GiB ({basis}):", soft_wrap=True)
    console.print(Text("  ").append_text(bar))
    console.print(legend, soft_wrap=True)


def _print_rejections(console: Console, rejections: tuple[Rejection, ...]) -> None:
    if rejections:
        console.print("Left out:", style="bold")
    for rejection in rejections:
        change = f" {rejection.smallest_change.message}." if rejection.smallest_change else ""
        things = rejection.of if rejection.count != 1 else rejection.of.removesuffix("s")
        line = f"  {rejection.count:,} {things}, {rejection.reason}: {rejection.message}."
        console.print(Text(line + (f" Would help:{change}" if change else "")), soft_wrap=True)
