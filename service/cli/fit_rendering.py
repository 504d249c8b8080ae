"""Fits, memory requirements, comparisons and limits as a person reads them on a terminal."""

from rich.console import Console
from rich.text import Text

from planner import Comparison, Fit, FitRequest, Judgement, Limits, MachineLimits, Requirements
from service.cli.consoles import make_table, open_console, print_table
from service.cli.memory_bar import mini_bar, print_memory, print_tests
from service.cli.speed_rendering import print_quality, print_speed
from service.cli.units import show_gib, show_tokens

_BAR = 16
_NONE = "-"
_COLOURS = {"fits": "bold green", "tight": "bold yellow"}


def print_fit(answer: Fit) -> None:
    """Print whether it fits, with its working; of the other machines that the name means, one line each."""
    console = open_console()
    _print_request(console, answer.request, answer.model.name)
    _print_judgement(console, answer)
    for other in answer.others:
        words = f"The name also means {_machine(other)}, {_formats(other)}: "
        console.print(Text.assemble(words, _verdict(other)), soft_wrap=True)
    console.print(Text(f"Model: {answer.model.reason}", style="dim"), soft_wrap=True)


def _print_judgement(console: Console, one: Fit) -> None:
    console.print(Text.assemble((f"{_machine(one)}: ", "bold"), _verdict(one), f" ({_formats(one)})"), soft_wrap=True)
    if one.reason:
        console.print(Text(f"  {one.reason}"), soft_wrap=True)
    print_memory(console, one.memory.per_gpu, basis=f"card {one.gpu.memory_basis}, engine {one.basis}")
    print_tests(console, one.tests)
    console.print(
        f"Holds up to {one.max_context:,} tokens at this batch, up to {one.max_batch:,} at this context; "
        f"{one.kv_token_capacity:,} tokens of KV cache in all, {one.kv_cache_bytes_per_token:,.0f} bytes each.",
        soft_wrap=True,
    )
    if one.changes:
        console.print("Would fit:", style="bold")
        for change in one.changes:
            console.print(Text(f"  {change.message}"), soft_wrap=True)
    print_speed(console, one.speed, one.speed_by_batch, load=one.load)
    if not one.changes:
        print_quality(console, one.quality)
        console.print("Launch:", style="bold")
        console.print(Text(one.launch.command), soft_wrap=True)
        for note in one.launch.notes:
            console.print(Text(f"  note: {note}"), soft_wrap=True)
    for warning in one.warnings:
        console.print(Text(f"  warning: {warning}", style="yellow"), soft_wrap=True)


def print_requirements(answer: Requirements, *, most: int) -> None:
    """Print what each pair of formats needs, at most `most` of them."""
    console = open_console()
    _print_request(console, answer.request, answer.model.name)
    table = make_table("weights/KV", "engine", "quality")
    for title in ("weights", "KV cache", "rest", "GiB in all"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("smallest GPUs that hold it", overflow="fold")
    for one in answer.requirements[:most]:
        table.add_row(
            f"{one.weight_format}/{one.kv_cache_dtype}",
            one.engine,
            one.tier,
            *map(show_gib, (one.weights_bytes, one.kv_cache_bytes, one.overhead_bytes, one.needed_bytes)),
            ", ".join(gpu.name for gpu in one.smallest_gpus) or "no single one here",
        )
    print_table(console, table)
    rest = len(answer.requirements) - most
    if rest > 0:
        console.print(f"and {rest} more that need more (--limit, or --json for all)")


def print_comparison(answer: Comparison) -> None:
    """Print the machines side by side."""
    console = open_console()
    _print_request(console, answer.request, answer.model.name)
    table = make_table("machine", "verdict", "weights/KV")
    table.add_column("memory", no_wrap=True)
    for title in ("GiB needed", "free", "context", "batch", "tok/s", "$/h"):
        table.add_column(title, justify="right", no_wrap=True)
    for machine in answer.machines:
        one = machine.judgement
        memory = one.memory.per_gpu
        table.add_row(
            _machine(one),
            _word(one),
            f"{one.weight_format}/{one.kv_cache_dtype} {one.engine}",
            mini_bar(memory, width=_BAR),
            show_gib(memory.needed_bytes),
            show_gib(memory.headroom_bytes),
            f"{one.max_context:,}",
            f"{one.max_batch:,}",
            _show_speed(one),
            _NONE if machine.cheapest is None else f"{machine.cheapest.usd_per_hour:.3f}",
        )
    print_table(console, table)
    said = {warning: None for machine in answer.machines for warning in machine.judgement.warnings}
    for warning in (*answer.warnings, *said):
        console.print(Text(f"warning: {warning}", style="yellow"), soft_wrap=True)


def print_limits(answer: Limits) -> None:
    """Print how far context and batch reach on each machine."""
    console = open_console()
    for machine in answer.machines:
        count = f"{machine.gpu_count}x {machine.gpu.name}"
        console.print(f"{answer.model.name} on {count}, {show_gib(machine.gpu.memory_bytes)} GiB each", style="bold")
        _print_frontiers(console, machine)
        for warning in machine.warnings:
            console.print(Text(f"warning: {warning}", style="yellow"), soft_wrap=True)


def _print_frontiers(console: Console, machine: MachineLimits) -> None:
    if not machine.frontiers:
        console.print("No weight format that was asked for runs here.")
        return
    first = machine.frontiers[0]
    by_context = make_table("largest batch at", "engine")
    for limit in first.batches:
        by_context.add_column(show_tokens(limit.context), justify="right", no_wrap=True)
    by_batch = make_table("largest context at", "engine")
    for limit in first.contexts:
        by_batch.add_column(f"x {limit.batch}", justify="right", no_wrap=True)
    for one in machine.frontiers:
        size = f" tp{one.tensor_parallel_size}" if one.tensor_parallel_size > 1 else ""
        names = (f"{one.weight_format}/{one.kv_cache_dtype}", f"{one.engine}{size}")
        by_context.add_row(*names, *(_count(limit.max_batch) for limit in one.batches))
        by_batch.add_row(*names, *(_count(limit.max_context) for limit in one.contexts))
    print_table(console, by_context)
    print_table(console, by_batch)


def _print_request(console: Console, request: FitRequest, name: str) -> None:
    assumed = f" (assumed: {', '.join(request.assumed)})" if request.assumed else ""
    console.print(f"{name}, {show_tokens(request.context)} context x {request.batch}{assumed}", soft_wrap=True)


def _machine(one: Judgement) -> str:
    place = f" ({one.instance_type})" if one.instance_type else ""
    return f"{one.gpu_count}x {one.gpu.name}{place}"


def _formats(one: Judgement) -> str:
    layout = f", tensor parallel {one.tensor_parallel_size}" if one.tensor_parallel_size > 1 else ""
    copies = f", {one.replicas} replicas" if one.replicas > 1 else ""
    version = f"{one.engine} {one.engine_version}"
    return f"{one.weight_format} weights, {one.kv_cache_dtype} KV cache on {version}{layout}{copies}"


def _show_speed(one: Judgement) -> str:
    each = one.speed.tokens_per_second_per_user
    return _NONE if each is None else f"{each.estimate:.0f}"


def _verdict(one: Judgement) -> Text:
    words = ": inside the measured noise, it may start or not" if one.verdict == "tight" else ""
    return _word(one).append(words)


def _word(one: Judgement) -> Text:
    return Text(one.verdict.replace("_", " "), style=_COLOURS.get(one.verdict, "bold red"))


def _count(number: int) -> str:
    return f"{number:,}" if number else _NONE
