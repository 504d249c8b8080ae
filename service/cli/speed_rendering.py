"""Speed and quality as a person reads them on a terminal, for plans and fits alike."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from planner import Band, Quality, Speed, SpeedAtBatch, Work
from service.cli.consoles import make_table, print_table

_RESTS_ON: Final = {"gpu": "measured on this GPU", "class": "measured on its class", "extrapolated": "extrapolated"}
_THOUSAND: Final = 1000
_SCORES_OF: Final = {
    "model": "measured on this model",
    "architecture": "measured on its architecture",
    "inferred": "inferred",
}


def print_speed(console: Console, speed: Speed, curve: Sequence[SpeedAtBatch], *, load: Work) -> None:
    """Print the speed at the planned batch with its bands, and the estimates along the batch axis."""
    each, first, every = speed.tokens_per_second_per_user, speed.ttft_seconds, speed.tokens_per_second
    if each is None or first is None or every is None or speed.basis is None:
        console.print(Text(f"Speed: no figure: {speed.reason}", style="dim"), soft_wrap=True)
    else:
        console.print(
            f"Speed of each user: {_show(each)} tokens/s, first token after {_show(first)} s; in all {_show(every)} "
            f"tokens/s.\n  For {load.prompt_tokens:,} tokens of prompt and {load.output_tokens:,} of answer; 80 % of "
            f"cases lie within the bands, {_RESTS_ON[speed.basis]}.",
            soft_wrap=True,
        )
    if len(curve) > 1:
        table = make_table()
        table.show_header = False
        table.add_column(no_wrap=True)
        for _ in curve:
            table.add_column(justify="right", no_wrap=True)
        rows = [(point.speed.tokens_per_second_per_user, point.speed.tokens_per_second) for point in curve]
        table.add_row("  batch", *(f"{point.batch:,}" for point in curve))
        table.add_row("  tokens/s of each user", *(_estimate(each) for each, _ in rows))
        table.add_row("  tokens/s in all", *(_estimate(every) for _, every in rows))
        print_table(console, table)


def print_quality(console: Console, quality: Quality) -> None:
    """Print the tier, what is kept of the scores of bf16 and how that is known, where it is from, and hazards."""
    kept = quality.reason if quality.recovery is None else f"{quality.recovery:.1%} of the reasoning average of bf16"
    words = f"Quality: {quality.tier}; {kept} ({_SCORES_OF[quality.basis]}). {quality.source}"
    console.print(Text(words, style="dim"), soft_wrap=True)
    for hazard in quality.hazards:
        console.print(Text(f"  hazard: {hazard}", style="yellow"), soft_wrap=True)


def _estimate(band: Band | None) -> str:
    return "?" if band is None else f"{band.estimate:,.0f}"


def _show(band: Band) -> str:
    return f"{_digits(band.estimate)} ({_digits(band.low)} to {_digits(band.high)})"


def _digits(value: float) -> str:
    """Write a figure with three digits, and never as a power of ten."""
    return f"{float(f'{value:.3g}'):,.0f}" if value >= _THOUSAND else f"{value:.3g}"
